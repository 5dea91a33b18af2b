// What of an incident's advice is shown. Pure.

import type { IncidentView } from '../api/types';

type Advice = Pick<IncidentView, 'flats' | 'things'> & { steps: IncidentView['card'] };

/** Nothing once it is over; and a view that an older page kept on this phone has none of it. */
export function adviceOf(incident: IncidentView): Advice {
  if (incident.phase === 'ended') return { steps: [], flats: [], things: [] };
  const { card, flats, things }: Partial<IncidentView> = incident;
  return { steps: card ?? [], flats: flats ?? [], things: things ?? [] };
}
