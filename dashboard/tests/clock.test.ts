import { describe, expect, it } from 'vitest';
import { elapsed, minutesSince, share, wallTime } from '../src/time/clock';
import { gatewayNow, heardDate } from '../src/time/gateway';
import { instant } from '../src/time/midnight';
import { useZone } from '../src/time/where.svelte';

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

  it("is that of the site's clock, wherever the phone is", () => {
    const [at, night] = ['2026-11-23T16:30:00Z', Date.parse('2026-11-23T17:00:00Z')];
    useZone('Asia/Shanghai');
    expect(wallTime(at, 'en', night)).toBe('00:30');
    expect(wallTime('2026-11-23T15:30:00Z', 'en', night)).toBe('23 Nov 23:30');
    useZone('America/New_York');
    expect(wallTime(at, 'en', night)).toBe('11:30');
    useZone(undefined);
  });

  it('shows a dash for what is no time', () => {
    expect(wallTime('yesterday', 'en', now)).toBe('–');
  });
});

describe('a time that was typed in', () => {
  it('is an instant by the clock of its zone, and none where it is no time', () => {
    expect(instant('2026-12-03T03:00', 'Asia/Shanghai')).toBe(Date.UTC(2026, 11, 2, 19));
    for (const none of ['', 'soon', '2026-12-03']) expect(instant(none, 'UTC')).toBeNull();
  });
});

describe('the time at the gateway', () => {
  const ahead = (): number => gatewayNow() - Date.now();

  it('is that of its answers where the clock of the laptop is wrong, and does not waver', () => {
    heardDate(new Date(Date.now() - 3 * 3_600_000).toUTCString());
    expect(Math.abs(ahead() + 3 * 3_600_000)).toBeLessThan(1_000);
    const before = ahead();
    heardDate(new Date(Date.now() - 3 * 3_600_000 + 900).toUTCString());
    heardDate(null);
    heardDate('soon');
    expect(Math.abs(ahead() - before)).toBeLessThan(100);
    heardDate(new Date().toUTCString());
    expect(Math.abs(ahead())).toBeLessThan(1_000);
  });
});
