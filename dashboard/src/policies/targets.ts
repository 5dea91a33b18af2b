// Who is asked by a step, in words.

import type { Target, Text } from '../api/types';
import { policies as words } from '../words/policies';

export interface Names {
  person: (id: string) => string;
  roster: (id: string) => string;
  place: (id: string) => string;
}

export function targetWords(
  target: Target,
  names: Names,
  say: (text: Text, values?: Record<string, string | number>) => string,
): string {
  if (target === 'everyone') return say(words.everyone);
  if ('on_call' in target) return say(words.on_call, { roster: names.roster(target.on_call) });
  if ('person' in target) return names.person(target.person);
  if ('team' in target) return say(words.team, { roster: names.roster(target.team) });
  return say(words.residents, { place: names.place(target.residents) });
}
