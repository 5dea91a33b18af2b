// How long something took, in the words of a record.

import type { Text } from '../api/types';
import { records as words } from '../words/records';

/** Words and their blanks, for `say`. */
export function took(from: string, to: string): [Text, Record<string, number>] {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 120) return [words.seconds, { count: seconds }];
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return [words.minutes, { count: minutes }];
  return [words.hours, { count: Math.round(minutes / 6) / 10 }];
}
