// Days of the week.

import type { Text, Weekday } from '../api/types';
import { rosters as words } from '../words/rosters';

export const DAY_WORDS: Record<Weekday, Text> = {
  monday: words.monday,
  tuesday: words.tuesday,
  wednesday: words.wednesday,
  thursday: words.thursday,
  friday: words.friday,
  saturday: words.saturday,
  sunday: words.sunday,
};

export const DAYS = Object.keys(DAY_WORDS) as Weekday[];
