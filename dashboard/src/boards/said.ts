// What a board says of itself, in words.

import type { BoardView, Text } from '../api/types';
import type { DeviceState } from '../home/device-state';
import { siteTime } from '../time/zone.svelte';
import { boards as words } from '../words/boards';

/** A line of words with what goes into its blanks. */
export interface Said {
  text: Text;
  values: Record<string, string | number>;
}

const RESETS: Record<string, Text> = {
  power: words.reset_power,
  watchdog: words.reset_watchdog,
  panic: words.reset_panic,
  'brown-out': words.reset_brown,
  update: words.reset_update,
  request: words.reset_request,
};

export function resetWords(reset: string): Text {
  return RESETS[reset] ?? { zh: reset, en: reset };
}

/** Whether it is heard, and since when it is not. */
export function heardWords(board: BoardView, now: number): Said {
  if (board.presence.state === 'lost') {
    return { text: words.not_heard, values: { time: siteTime(board.presence.since, now) } };
  }
  return { text: board.birth === null ? words.said_nothing : words.heard, values: {} };
}

/** What is wrong with it; nothing where it is well, or has said nothing. */
export function troubles(board: BoardView): Said[] {
  const said: Said[] = [];
  const put = (text: Text, values: Said['values'] = {}): unknown => said.push({ text, values });
  const { health, birth, last_panic: panic, configuration_error: error } = board;
  if (health?.safe) put(words.safe);
  if (health?.flash) put(words.flash);
  if (health && health.crashes > 0) put(words.crashes, { count: health.crashes });
  if (health && health.dropped > 0) put(words.dropped, { count: health.dropped });
  if (health && health.dips > 0) put(words.dips, { count: health.dips });
  if (health && health.garbled > 0) put(words.garbled, { count: health.garbled });
  if (panic) put(words.panic, { said: panic.said });
  if (error) put(words.refused, { why: error });
  else if (birth && birth.configuration !== board.wanted_configuration)
    put(words.old_configuration);
  return said;
}

/** Only a board that is heard and well is called normal; one that has said nothing is not known. */
export function boardState(board: BoardView, doubtful: boolean): DeviceState {
  if (board.presence.state === 'lost') return 'lost';
  if (doubtful || board.birth === null) return 'unknown';
  return troubles(board).length > 0 ? 'alarm' : 'normal';
}
