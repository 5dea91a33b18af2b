import { describe, expect, it } from 'vitest';
import { RequestError } from '../src/api/request';
import type { AlarmView } from '../src/api/types';
import { refusal } from '../src/shelf/ask.svelte';
import { ends } from '../src/shelf/ends';
import { put, shelvedOf } from '../src/shelf/list';
import { shelf as words } from '../src/words/shelf';

const HOUR = 3_600_000;
const alarm = (id: string, until: string | null): AlarmView =>
  ({ id, shelved: until && { until, by_name: '周工' } }) as AlarmView;

describe('the ends of setting an alarm aside', () => {
  it("are all ahead, and tomorrow morning is by the site's clock", () => {
    const now = Date.parse('2026-12-03T14:30:00Z');
    const choices = ends(now, '2026-12-03', 'Asia/Shanghai');
    const at = (id: string): number => choices.find((one) => one.id === id)?.at ?? 0;
    expect(choices.every((one) => one.at > now)).toBe(true);
    expect(at('hour') - now).toBe(HOUR);
    expect(new Date(at('morning')).toISOString()).toBe('2026-12-04T00:00:00.000Z');
    // Just after midnight, where the clock is changed that night: still the next morning.
    const spring = Date.parse('2026-03-28T00:30:00Z');
    const berlin = ends(spring, '2026-03-28', 'Europe/Berlin').find((one) => one.id === 'morning');
    expect(new Date(berlin?.at ?? 0).toISOString()).toBe('2026-03-29T06:00:00.000Z');
  });

  it('are never farther than the thirty days that the gateway takes, even if its clock lags a little', () => {
    const now = Date.parse('2026-12-03T14:30:00Z');
    const last = Math.max(...ends(now, '2026-12-03', 'UTC').map((one) => one.at));
    expect(last).toBeLessThanOrEqual(now + 30 * 24 * HOUR - 30_000);
    expect(last).toBeGreaterThan(now + 29 * 24 * HOUR);
  });
});

describe('what is set aside', () => {
  it('is listed by when it comes back', () => {
    const all = [
      alarm('b', '2026-12-05T00:00:00Z'),
      alarm('standing', null),
      alarm('a', '2026-12-04T00:00:00Z'),
    ];
    expect(shelvedOf(all).map((one) => one.id)).toEqual(['a', 'b']);
  });

  it('is replaced by what the gateway answers, and is gone where it answers nothing', () => {
    const all = [alarm('a', null), alarm('b', null)];
    const after = alarm('a', '2026-12-04T00:00:00Z');
    expect(put(all, 'a', after)).toEqual([after, all[1]]);
    expect(put(all, 'a', null)).toEqual([all[1]]);
  });
});

describe('a refusal', () => {
  it('says why in both languages', () => {
    expect(refusal(new RequestError('conflict', 'vital', 'vital'))).toBe(words.vital);
    expect(refusal(new RequestError('missing', ''))).toBe(words.gone);
    expect(refusal(new RequestError('refused', 'the end', 'invalid'))).toBe(words.bad_end);
    expect(refusal(new RequestError('unreachable', '')).zh).toContain('连不上');
  });
});
