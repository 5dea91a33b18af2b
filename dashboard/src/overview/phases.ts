// Where an incident stands, in two words.

import type { Phase, Text } from '../api/types';
import { overview as words } from '../words/overview';

export const PHASES: Record<Phase, Text> = {
  calling: words.phase_calling,
  going: words.phase_going,
  there: words.phase_there,
  ended: words.phase_ended,
};
