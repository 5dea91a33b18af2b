import { describe, expect, it } from 'vitest';
import type { ChartView, PointView, Rule } from '../src/api/types';
import { columnsOf, summaryOf } from '../src/chart/columns';
import { DAY, HOUR, chosen, ending, moved, scaled } from '../src/chart/window';
import { meaning, parted } from '../src/device/codes';
import { fill, inLanguage } from '../src/language.svelte';
import { ago } from '../src/time/ago';
import { spanWords } from '../src/time/span';
import { useZone } from '../src/time/where.svelte';
import { exactTime, siteDay, siteTime, zoneName } from '../src/time/zone.svelte';

describe('a fault code', () => {
  const rule = (id: string, when: unknown): Rule =>
    ({ id, name: { en: id }, when }) as unknown as Rule;
  const equals = (value: number): unknown => ({ equals: { point: 'l/fault', value } });
  const rules = [
    rule('several', { any: [equals(41), equals(42)] }),
    rule('e41', equals(41)),
    rule('other', { above: { point: 'l/fault', setpoint: 0 } }),
  ];
  const fault = (value: unknown, no_data: string | null = null): PointView =>
    ({ id: 'l/fault', value, no_data }) as unknown as PointView;

  it('means what the rule about it says, before one that gathers several', () => {
    expect(meaning(rules, fault(41))?.id).toBe('e41');
    expect(meaning(rules, fault(42))?.id).toBe('several');
    expect(meaning(rules, fault(0))).toBeNull();
    expect(meaning(rules, fault(null, 'silent'))).toBeNull();
    expect(meaning(rules, { ...fault(41), id: 'l/floor' })).toBeNull();
  });

  it('is told apart from what to check', () => {
    expect(parted('Safety circuit open (E41). Check: the pit')).toEqual({
      what: 'Safety circuit open (E41)',
      check: 'the pit',
    });
    expect(parted('安全回路断开（E41）。请检查：底坑')).toEqual({
      what: '安全回路断开（E41）',
      check: '底坑',
    });
    expect(parted('Controller fault')).toEqual({ what: 'Controller fault', check: '' });
  });
});

describe('a chart', () => {
  const step = (at: string, mean: number): unknown => ({ at, min: mean - 1, mean, max: mean + 1 });
  const view = (steps: unknown[]): ChartView => ({ step_ms: 60_000, steps }) as ChartView;

  it('has a gap wherever nothing is known', () => {
    const columns = columnsOf(
      view([
        step('2026-11-28T00:00:00Z', 5),
        step('2026-11-28T00:01:00Z', 6),
        step('2026-11-28T00:05:00Z', 7),
      ]),
    );
    expect(columns.mean).toEqual([5, 6, null, 7]);
    expect(columns.at.every((at, index) => index === 0 || at > (columns.at[index - 1] ?? 0))).toBe(
      true,
    );
    expect(summaryOf(columns)).toEqual({ min: 4, mean: 6, max: 8, gaps: 1 });
    expect(summaryOf(columnsOf(view([])))).toBeNull();
  });

  it('moves and zooms, never into the future', () => {
    const now = 1_000 * DAY;
    const day = ending(now, DAY);
    expect(moved(day, 0.5, now)).toEqual(day);
    expect(moved(day, -0.5, now)).toEqual(ending(now - DAY / 2, DAY));
    expect(scaled(day, 2, now)).toEqual(ending(now, 2 * DAY));
    expect(scaled(ending(now - DAY, 2 * HOUR), 0.5, now)).toEqual(
      ending(now - DAY - HOUR / 2, HOUR),
    );
    expect(chosen(now - HOUR, now + HOUR, now)).toEqual(ending(now, HOUR));
    expect(chosen(now, now, now)).toEqual(ending(now, 60_000));
  });
});

describe('a span', () => {
  it('is in words, and as it is written where it is written otherwise', () => {
    const zh = (span: string): string =>
      spanWords(span, (text, values) => fill(inLanguage(text, 'zh'), values));
    expect(zh('90s')).toBe('90 秒');
    expect(zh('1h 30m')).toBe('1 小时 30 分钟');
    expect(zh('1h30m')).toBe('1 小时 30 分钟');
    expect(zh('500ms')).toBe('500ms');
    expect(zh('soon')).toBe('soon');
  });
});

describe('a time', () => {
  it("is by the site's clock", () => {
    useZone('Asia/Shanghai');
    const at = '2026-11-27T23:30:05Z';
    const now = Date.parse('2026-11-28T01:00:00Z');
    expect(siteTime(at, now)).toBe('07:30');
    expect(siteDay(at)).toBe('2026-11-28');
    expect(exactTime(at)).toBe('2026-11-28 07:30:05');
    useZone('America/Lima');
    expect(exactTime(at)).toBe('2026-11-27 18:30:05');
    expect(zoneName()).toBe('America/Lima');
    useZone('Nowhere/Else');
    expect(zoneName()).not.toBe('Nowhere/Else');
    expect(siteTime('nonsense')).toBe('–');
  });

  it('is so long ago, as coarse as it is far away', () => {
    expect(ago(-5).count).toBe(0);
    expect(ago(89_000)).toMatchObject({ count: 89 });
    expect(ago(10 * 60_000)).toMatchObject({ count: 10 });
    expect(ago(5 * 3_600_000)).toMatchObject({ count: 5 });
    expect(ago(72 * 3_600_000)).toMatchObject({ count: 3 });
  });
});
