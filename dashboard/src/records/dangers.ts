// Kinds of danger, in the gateway's own words.

import type { Danger, Text } from '../api/types';
import { records as words } from '../words/records';

export const DANGERS: Record<Danger, Text> = {
  fire: words.fire,
  trapped: words.trapped,
  gas: words.gas,
  water: words.water,
  lift: words.lift,
  gate: words.gate,
  fault: words.fault,
};
