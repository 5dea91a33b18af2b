// Causes of an end, and which of them fit a danger.

import type { Cause, Danger, GivenCause, Text } from '../api/types';
import { incident as words } from '../words/incident';

export function causeName(cause: Cause, danger: Danger): Text {
  switch (cause) {
    case 'rescued':
      return danger === 'trapped' ? words.cause_rescued : words.cause_rescued_other;
    case 'fixed':
      return words.cause_fixed;
    case 'false_alarm':
      return words.cause_false_alarm;
    case 'drill':
      return words.cause_drill;
    case 'other':
      return words.cause_other;
    case 'cleared':
      return words.cause_cleared;
  }
}

/** The likeliest first. */
export function causesFor(danger: Danger): GivenCause[] {
  return danger === 'trapped' || danger === 'fire' || danger === 'gas'
    ? ['rescued', 'false_alarm', 'fixed', 'drill', 'other']
    : ['fixed', 'false_alarm', 'drill', 'other'];
}

export function endName(danger: Danger): Text {
  return danger === 'trapped' ? words.rescued : words.all_clear;
}
