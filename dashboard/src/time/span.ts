// A span of time as the gateway writes it (`90s`, `1h 30m`), in words.

import type { Text } from '../api/types';
import { device as words } from '../words/device';

const UNITS: Record<string, Text> = {
  s: words.seconds,
  m: words.minutes,
  h: words.hours,
  d: words.days,
};

/** Each part of it in words; what is written in another way stays as it is. */
export function spanWords(
  span: string,
  say: (text: Text, values: { count: string }) => string,
): string {
  const parts = span.match(/\d+(?:\.\d+)?[a-z]+/g) ?? [];
  if (parts.join('') !== span.replace(/\s/g, '')) return span;
  const said = parts.map((part) => {
    const [, count = '', unit = ''] = /^([\d.]+)([a-z]+)$/.exec(part) ?? [];
    const text = UNITS[unit];
    return text ? say(text, { count }) : part;
  });
  return said.join(' ');
}
