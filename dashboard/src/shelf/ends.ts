// Until when an alarm can be set aside: always an end, never farther than the gateway takes.

import type { Text } from '../api/types';
import { instant } from '../time/midnight';
import { shelf as words } from '../words/shelf';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** When the morning's people are there, by the site's clock. */
const MORNING = '08:00';

export interface End {
  id: string;
  text: Text;
  count?: number;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * The ends to choose from, nearest first. `today` is the day by the clock of `zone`, as `2026-12-03`.
 * Thirty days are the gateway's limit: a minute less, since the clocks differ a little.
 */
export function ends(now: number, today: string, zone: string): End[] {
  const next = new Date(Date.parse(`${today}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
  const morning = instant(`${next}T${MORNING}`, zone) ?? now + DAY;
  return [
    { id: 'hour', text: words.hour, at: now + HOUR },
    { id: 'hours', text: words.hours, at: now + 4 * HOUR },
    { id: 'morning', text: words.morning, at: morning },
    { id: '3', text: words.days, count: 3, at: now + 3 * DAY },
    { id: '7', text: words.days, count: 7, at: now + 7 * DAY },
    { id: '30', text: words.days, count: 30, at: now + 30 * DAY - MINUTE },
  ];
}
