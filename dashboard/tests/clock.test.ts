import { describe, expect, it } from 'vitest';
import { elapsed, minutesSince, share, wallTime } from '../src/time/clock';

describe('the running clock', () => {
  it('counts minutes and seconds, then hours too', () => {
    expect(elapsed(0)).toBe('0:00');
    expect(elapsed(7_999)).toBe('0:07');
    expect(elapsed(65_000)).toBe('1:05');
    expect(elapsed(59 * 60_000 + 59_999)).toBe('59:59');
    expect(elapsed(3_600_000)).toBe('1:00:00');
    expect(elapsed(26 * 3_600_000 + 4 * 60_000 + 9_000)).toBe('26:04:09');
  });

  it('never runs below zero when a clock steps back', () => {
    expect(elapsed(-5_000)).toBe('0:00');
    expect(minutesSince(-5_000)).toBe(0);
  });

  it('fills the bar up to the target and not past it', () => {
    const target = 30 * 60_000;
    expect(share(15 * 60_000, target)).toBe(0.5);
    expect(share(45 * 60_000, target)).toBe(1);
    expect(share(-1, target)).toBe(0);
  });
});

describe('the time of day', () => {
  const now = new Date(2026, 10, 23, 3, 12).getTime();

  it('is bare for today', () => {
    const at = new Date(2026, 10, 23, 3, 7).toISOString();
    expect(wallTime(at, 'zh', now)).toBe('03:07');
    expect(wallTime(at, 'en', now)).toBe('03:07');
  });

  it('names the day where it is another one', () => {
    const at = new Date(2026, 10, 22, 23, 58).toISOString();
    expect(wallTime(at, 'zh', now)).toBe('11月22日 23:58');
    expect(wallTime(at, 'en', now)).toBe('22 Nov 23:58');
  });

  it('shows a dash for what is no time', () => {
    expect(wallTime('yesterday', 'en', now)).toBe('–');
  });
});
