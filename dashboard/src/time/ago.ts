// How long ago something was, as coarse as it is far away.

import type { Text } from '../api/types';
import { device as words } from '../words/device';

export function ago(ms: number): { text: Text; count: number } {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return { text: words.seconds_ago, count: seconds };
  if (seconds < 90 * 60) return { text: words.minutes_ago, count: Math.round(seconds / 60) };
  if (seconds < 36 * 3600) return { text: words.hours_ago, count: Math.round(seconds / 3600) };
  return { text: words.days_ago, count: Math.round(seconds / 86_400) };
}
