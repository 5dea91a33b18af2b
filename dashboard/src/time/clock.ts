// Times as people read them.

import type { Language } from '../language.svelte';
import { gatewayNow } from './gateway';
import { zone } from './where.svelte';

/** "4:07", from an hour on "1:04:07". A clock that stepped back shows 0:00, never a minus. */
export function elapsed(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, '0');
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
    : `${minutes}:${seconds}`;
}

/** The same for a screen reader: whole minutes are enough. */
export function minutesSince(ms: number): number {
  return Math.max(0, Math.floor(ms / 60_000));
}

/** The time of day by the site's clock, in front of it the day where it is not today. */
export function wallTime(at: string, language: Language, now: number = gatewayNow()): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return '–';
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const timeZone = zone();
  const time = when.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone });
  const date = (of: Date): string => of.toLocaleDateString(locale, { timeZone });
  if (date(when) === date(new Date(now))) return time;
  const day = when.toLocaleDateString(locale, { month: 'short', day: 'numeric', timeZone });
  return `${day} ${time}`;
}

/** How far a bar that is full at `full` has come, 0 to 1. */
export function share(ms: number, full: number): number {
  return Math.min(1, Math.max(0, ms / full));
}
