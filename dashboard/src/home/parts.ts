// What the parts of the gateway are called.

import type { Text } from '../api/types';
import { home as words } from '../words/home';

const PARTS: Record<string, Text> = {
  engine: words.part_engine,
  journal: words.part_journal,
  broker: words.part_broker,
};

/** A part's name for people; of several brokers each with its own. */
export function partName(id: string): Text {
  const [kind = id, name] = id.split(':');
  const known = PARTS[kind] ?? { zh: id, en: id };
  if (name === undefined) return known;
  return { zh: `${known.zh}「${name}」`, en: `${known.en} “${name}”` };
}
