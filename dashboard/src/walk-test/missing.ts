// What an input still lacks, in words, one thing at a time: what can be done about it next.

import type { Text, TestedInput } from '../api/types';
import { walkTest as words } from '../words/walk-test';

export function missing(input: TestedInput): Text | null {
  if (input.done) return null;
  if (input.active_at === null) return words.need_active;
  if (input.told && input.raised_at === null) return words.need_alarm;
  if (input.told && input.reached_at === null) {
    return input.carried_at === null ? words.need_carrier : words.need_answer;
  }
  return words.need_idle;
}

/** How the input stands now. */
export function stands(input: TestedInput): 'active' | 'idle' | 'unknown' {
  if (input.active === null) return 'unknown';
  return input.active ? 'active' : 'idle';
}
