// Which buttons a person is offered, and which of them is the big one.

import type { IncidentView } from '../api/types';

export type Offer = 'going' | 'also_going' | 'there' | 'hand_over' | 'cannot' | 'end';

export interface Offers {
  /** The one that is meant; none when it is over. */
  main: Offer | null;
  others: Offer[];
}

export function offersFor(incident: IncidentView, me: string): Offers {
  if (incident.phase === 'ended') return { main: null, others: [] };
  const mine = incident.going.find((going) => going.person === me);
  if (mine?.arrived_at) return { main: 'end', others: ['hand_over'] };
  if (mine) return { main: 'there', others: ['hand_over', 'end'] };
  if (incident.phase === 'calling') return { main: 'going', others: ['cannot', 'end'] };
  return { main: 'also_going', others: ['end'] };
}
