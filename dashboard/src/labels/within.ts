// Which devices hang at a place or inside of it.

import type { DeviceView, PlaceView } from '../api/types';

export function within(
  devices: readonly DeviceView[],
  places: readonly PlaceView[],
  place: string,
): DeviceView[] {
  if (!place) return [...devices];
  const parents = new Map(places.map((one) => [one.id, one.inside ?? null]));
  const isInside = (at: string): boolean => {
    // A loop in the configuration ends the walk.
    const seen = new Set<string>();
    for (
      let now: string | null = at;
      now !== null && !seen.has(now);
      now = parents.get(now) ?? null
    ) {
      if (now === place) return true;
      seen.add(now);
    }
    return false;
  };
  return devices.filter((device) => isInside(device.place));
}
