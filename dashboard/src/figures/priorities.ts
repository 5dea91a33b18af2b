// How much an alarm presses, in a word.

import type { Priority, Text } from '../api/types';
import { figures as words } from '../words/figures';

export const PRIORITIES: Record<Priority, Text> = {
  critical: words.critical,
  high: words.high,
  normal: words.normal,
  low: words.low,
};
