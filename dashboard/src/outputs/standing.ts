// What an output is called, how it stands, and what became of an order.

import type { OrderView, OutputView, Text } from '../api/types';
import { outputs as words } from '../words/outputs';

type Say = (text: Text, values?: Record<string, string | number>) => string;

export type Standing = 'on' | 'off' | 'unknown';

/** What the device itself says; what was ordered is another matter. */
export function standing(output: OutputView): Standing {
  const value = output.value;
  if (value === null || value === undefined) return 'unknown';
  if (value === true || value === 1) return 'on';
  if (value === false || value === 0) return 'off';
  return 'unknown';
}

const GATE = {
  switch_on: words.gate_on,
  switch_off: words.gate_off,
  on: words.gate_is_on,
  off: words.gate_is_off,
};
const SIREN = {
  switch_on: words.siren_on,
  switch_off: words.siren_off,
  on: words.siren_is_on,
  off: words.siren_is_off,
};
const OTHER = {
  switch_on: words.other_on,
  switch_off: words.other_off,
  on: words.other_is_on,
  off: words.other_is_off,
};

function wordsOf(output: OutputView): typeof OTHER {
  if (output.kind === 'gate') return GATE;
  return output.kind === 'siren' ? SIREN : OTHER;
}

export function standingWords(output: OutputView, say: Say): string {
  const stands = standing(output);
  return stands === 'unknown' ? say(words.unknown) : say(wordsOf(output)[stands]);
}

/** What the button says that switches it. */
export function actionWords(output: OutputView, on: boolean, say: Say): string {
  const all = wordsOf(output);
  return say(on ? all.switch_on : all.switch_off);
}

export function outcomeWords(order: OrderView, say: Say): string {
  if (order.end === 'done') return say(words.done);
  const why = order.why ? say(order.why) : '';
  if (order.end === 'failed') return say(words.failed, { why });
  if (order.end === 'unclear') return say(words.unclear, { why });
  return say(words.pending);
}
