import { describe, expect, it } from 'vitest';
import type { ShiftSpan } from '../src/api/types';
import { dayAt, daysOf, gapsOf, monthLater, monthOf, stretchOf } from '../src/rosters/month';

const ZONE = 'Asia/Shanghai';
const span = (start: string, end: string, ...people: string[]): ShiftSpan => ({
  start: new Date(start).toISOString(),
  end: new Date(end).toISOString(),
  people,
  why: [],
});

describe('a month of a roster', () => {
  it('is whole weeks from Monday', () => {
    const days = daysOf('2026-12');
    expect(days[0]).toEqual({ date: '2026-11-30', inside: false });
    expect(days[1]).toEqual({ date: '2026-12-01', inside: true });
    expect(days[days.length - 1]?.date).toBe('2027-01-03');
    expect(days.length % 7).toBe(0);
    expect(monthLater('2026-12', 1)).toBe('2027-01');
    expect(monthLater('2026-01', -1)).toBe('2025-12');
    const { from, to } = stretchOf('2026-12', ZONE);
    expect(new Date(from).toISOString()).toBe('2026-11-29T16:00:00.000Z');
    expect(new Date(to).toISOString()).toBe('2027-01-03T16:00:00.000Z');
  });

  it("has its own day today, whatever the reader's is", () => {
    const at = Date.parse('2026-11-30T17:00:00Z');
    expect(dayAt(at, ZONE)).toBe('2026-12-01');
    expect(dayAt(at, 'America/New_York')).toBe('2026-11-30');
  });

  it('has the shifts of each day by its own clock, and gaps apart', () => {
    const spans = [
      span('2026-11-29T16:00:00Z', '2026-12-01T00:00:00Z', 'wang'),
      span('2026-12-01T00:00:00Z', '2026-12-01T14:00:00Z'),
      span('2026-12-01T14:00:00Z', '2027-01-03T16:00:00Z', 'li', 'zhao'),
    ];
    const days = monthOf('2026-12', ZONE, spans);
    expect(days[1]?.pieces).toEqual([
      { from: '00:00', to: '08:00', people: ['wang'], gap: false },
      { from: '08:00', to: '22:00', people: [], gap: true },
      { from: '22:00', to: '24:00', people: ['li', 'zhao'], gap: false },
    ]);
    expect(days[2]?.pieces).toEqual([
      { from: '00:00', to: '24:00', people: ['li', 'zhao'], gap: false },
    ]);
    expect(gapsOf(spans)).toEqual([spans[1]]);
  });
});
