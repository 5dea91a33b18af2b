// How long something is on: spans as the gateway writes them, and the choices that people get.

import type { Text } from '../api/types';
import { outputs as words } from '../words/outputs';

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 };
const CHOICES_S = [10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800];
const AT_MOST = 4;

/** Seconds of a span such as `1h 30m`. */
export function seconds(span: string): number {
  let total = 0;
  for (const [, count, unit] of span.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) {
    total += Number(count) * (UNITS[unit ?? 's'] ?? 1);
  }
  return total;
}

/** The usual time, some around it, and the longest: rising, each once. */
export function choices(hold: string, most: string): number[] {
  const usual = seconds(hold);
  const longest = seconds(most);
  const fitting = CHOICES_S.filter((s) => s > usual && s < longest);
  return [...new Set([usual, ...fitting.slice(0, AT_MOST - 2), longest])];
}

/** "30 s", "10 min". */
export function holdWords(
  s: number,
  say: (text: Text, values: Record<string, string | number>) => string,
): string {
  if (s % 3_600 === 0) return say(words.hours, { count: s / 3_600 });
  if (s % 60 === 0) return say(words.minutes, { count: s / 60 });
  return say(words.seconds, { count: s });
}
