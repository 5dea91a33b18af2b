// Why something that was asked for was not done, in the page's language. The gateway's own sentence is
// English: it comes behind words of the page's own, where it says more than they do.

import type { RequestError } from '../api/request';
import type { Text } from '../api/types';
import { troubleWords } from '../incident/trouble';
import { language, say } from '../language.svelte';
import { shelf } from '../words/shelf';
import { why as words } from '../words/why';

const BY_CODE: Record<string, Text> = {
  not_found: words.gone,
  taken: words.taken,
  changed: words.changed,
  in_use: words.in_use,
  ended: words.ended,
  settled: words.settled,
  vital: shelf.vital,
  conflict: words.conflict,
  invalid: words.invalid,
  bad_request: words.not_read,
  bad_body: words.not_read,
  unavailable: words.not_now,
  foreign_origin: words.foreign,
};

/** What these codes mean differs each time: only the gateway's sentence says what. */
const SAYS_MORE = new Set([
  'in_use',
  'conflict',
  'invalid',
  'bad_request',
  'bad_body',
  'unavailable',
]);
/** The words of a program about a program's data, which nobody is shown alone. */
const RAW = new Set(['bad_request', 'bad_body']);

/** `otherwise` has the words where the gateway's code says nothing. */
export function whyNot(error: RequestError, otherwise = troubleWords): string {
  const own = BY_CODE[error.code] ?? otherwise(error);
  const isWorth = error.words !== '' && (SAYS_MORE.has(error.code) || error.code === '');
  if (!isWorth) return say(own);
  if (language() === 'en' && !RAW.has(error.code)) return error.words;
  return say(words.gateway_says, { why: say(own), words: error.words });
}
