// Names of the people whom an incident speaks of. Timelines name people by id.

import type { IncidentView, Me } from '../api/types';

export function namesIn(incident: IncidentView, me: Me): Map<string, string> {
  const names = new Map<string, string>(Object.entries(incident.names));
  for (const person of incident.people) names.set(person.id, person.name);
  for (const going of incident.going) names.set(going.person, going.name);
  names.set(me.id, me.name);
  return names;
}
