import { afterEach, describe, expect, it } from 'vitest';
import { RequestError } from '../src/api/request';
import { chooseLanguage, language } from '../src/language.svelte';
import { whyNot } from '../src/parts/why';
import { isHours, isSpan } from '../src/time/written';

const before = language();
afterEach(() => chooseLanguage(before));

describe('why the gateway did not do it', () => {
  it("is said in the page's language, with the gateway's sentence behind it where that says more", () => {
    chooseLanguage('zh');
    const invalid = new RequestError('refused', 'steps[0].wait is 1s: use 10s to 1d', 'invalid');
    expect(whyNot(invalid)).toMatch(/^填写的内容不能用.*网关的说明：steps\[0\]\.wait/);
    expect(whyNot(new RequestError('unauthorised', 'sign in first', 'not_signed_in'))).toMatch(
      /^登录已经结束[^a-z]*$/,
    );
    expect(whyNot(new RequestError('missing', 'there is no roster "x"', 'not_found'))).toMatch(
      /^已经没有了[^a-z]*$/,
    );
    expect(whyNot(new RequestError('unreachable', ''))).toMatch(/^没有发出去[^a-z]*$/);
    chooseLanguage('en');
    expect(whyNot(invalid)).toBe('steps[0].wait is 1s: use 10s to 1d');
  });

  it('never shows what a program says of its data alone', () => {
    const raw = new RequestError('refused', 'missing field `name` at line 1', 'bad_body');
    for (const one of ['zh', 'en'] as const) {
      chooseLanguage(one);
      expect(whyNot(raw)).not.toMatch(/^missing field/);
      expect(whyNot(raw)).toContain('missing field');
    }
  });
});

describe('what is written into a form', () => {
  it('is a length of time, or not', () => {
    expect(['45s', '3m', '1h 30m', '1h30m', ' 90s '].filter((text) => !isSpan(text))).toEqual([]);
    expect(['abc', '', '45', 's', '3m!'].filter(isSpan)).toEqual([]);
  });

  it('is a stretch of hours, or not', () => {
    expect(['22:00-06:00', '8:00 - 12:30'].filter((text) => !isHours(text))).toEqual([]);
    expect(['abc', '22:00', '25:00-06:00', '8:00-8:00', '8-9'].filter(isHours)).toEqual([]);
  });
});
