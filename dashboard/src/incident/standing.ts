// The one sentence that says where an incident stands, to this reader.

import type { IncidentView, Text } from '../api/types';
import type { Language } from '../language.svelte';
import { wallTime } from '../time/clock';
import { incident as words } from '../words/incident';

export interface Standing {
  text: Text;
  /** Names for `{names}`. */
  names: string[];
}

export function standingOf(incident: IncidentView, me: string): Standing {
  const there = incident.going.filter((going) => going.arrived_at !== null);
  const mine = incident.going.find((going) => going.person === me);
  switch (incident.phase) {
    case 'calling':
      return { text: words.phase_calling, names: [] };
    case 'going':
      return mine
        ? { text: words.phase_me_going, names: [] }
        : { text: words.phase_going, names: incident.going.map((going) => going.name) };
    case 'there':
      if (mine?.arrived_at) return { text: words.phase_me_there, names: [] };
      return { text: words.phase_there, names: there.map((going) => going.name) };
    case 'ended':
      return { text: words.phase_ended, names: [] };
  }
}

/** Seconds tell something up to here; a longer wait, as where everybody sleeps, has a time of day. */
const COUNTED_S = 120;

/** When the next person is asked, while somebody is looked for. */
export function nextPerson(
  incident: IncidentView,
  language: Language,
  now: number,
): { text: Text; values: Record<string, string | number> } | null {
  const at = incident.next_step_at;
  if (incident.phase !== 'calling' || at === null) return null;
  const seconds = Math.ceil((Date.parse(at) - now) / 1000);
  if (seconds <= 0) return { text: words.next_person_now, values: {} };
  if (seconds <= COUNTED_S) return { text: words.next_person_in, values: { seconds } };
  return { text: words.next_person_at, values: { time: wallTime(at, language, now) } };
}
