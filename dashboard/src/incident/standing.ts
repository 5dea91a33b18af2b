// The one sentence that says where an incident stands, to this reader.

import type { IncidentView, Text } from '../api/types';
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
