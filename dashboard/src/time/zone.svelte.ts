// Times by the clock on the site's wall, wherever whoever looks at them is.

import { language } from '../language.svelte';
import { gatewayNow } from './gateway';
import { zone as siteZone } from './where.svelte';

const made = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, zone = siteZone()): Intl.DateTimeFormat {
  const locale = language() === 'zh' ? 'zh-CN' : 'en-GB';
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  let known = made.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(locale, { ...options, ...(zone && { timeZone: zone }) });
    made.set(key, known);
  }
  return known;
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const SECONDS = { ...CLOCK, second: '2-digit' } as const;
const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const SHORT_DAY = { month: 'short', day: 'numeric' } as const;

/** "14:05" today, "3 Dec 14:05" otherwise, and the year where it is another one. */
export function siteTime(at: string | number, now: number = gatewayNow()): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return '–';
  if (siteDay(when) === siteDay(now)) return format(CLOCK).format(when);
  const sameYear = siteDay(when).slice(0, 4) === siteDay(now).slice(0, 4);
  return format({ ...(sameYear ? SHORT_DAY : { ...SHORT_DAY, year: 'numeric' }), ...CLOCK }).format(
    when,
  );
}

/** Day and time to the second, for a record. */
export function exactTime(at: string | number): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return '–';
  return `${siteDay(when)} ${format(SECONDS).format(when)}`;
}

/** The day by the site's clock, as `2026-12-03`. */
export function siteDay(at: string | number | Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', { ...DAY, timeZone: siteZone() });
  return parts.format(new Date(at));
}

/** What the zone is called. */
export function zoneName(): string {
  return siteZone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}
