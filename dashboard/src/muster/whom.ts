// Whom a muster can call: the places around an incident, innermost first; without one, every place
// that has others inside it.

import type { Danger, PlaceView, Text } from '../api/types';

export function placesFor(places: readonly PlaceView[], around: string | null): PlaceView[] {
  if (around === null) {
    const outer = new Set(places.map((place) => place.inside));
    const wide = places.filter((place) => outer.has(place.id));
    return wide.length > 0 ? wide : [...places];
  }
  const found: PlaceView[] = [];
  let at: string | null | undefined = around;
  while (at && found.length < 16) {
    const place = places.find((one) => one.id === at);
    if (!place || found.includes(place)) break;
    found.push(place);
    at = place.inside;
  }
  return found;
}

/** The dangers that somebody may call everybody about, as the gateway words them. */
export const dangers: readonly { danger: Danger; name: Text }[] = [
  { danger: 'fire', name: { zh: '火警', en: 'Fire' } },
  { danger: 'gas', name: { zh: '燃气泄漏', en: 'Gas leak' } },
  { danger: 'water', name: { zh: '漏水', en: 'Water leak' } },
  { danger: 'lift', name: { zh: '电梯故障', en: 'Lift fault' } },
  { danger: 'gate', name: { zh: '门禁异常', en: 'Gate or door' } },
];
