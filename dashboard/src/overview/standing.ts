// How a device stands on the plan. Only what is supervised, heard and without an alarm is called normal.

import type { LiveDevice } from '../api/types';
import type { DeviceState } from '../home/device-state';

export function standing(now: LiveDevice, supervised: boolean): DeviceState {
  if (now.out_of_service) return 'out';
  if (now.presence.state === 'lost') return 'lost';
  if (now.alarms > 0) return 'alarm';
  if (now.heard_at === null) return 'unknown';
  return supervised ? 'normal' : 'unsupervised';
}

export type Kind = 'lift' | 'fire' | 'gate' | 'water' | 'gas' | 'other';

const PREFIXES: [Kind, RegExp][] = [
  ['lift', /^(nice3000|lift|carphone|frigate-lift)/],
  ['fire', /^(notifier|fire|ebike)|smoke/],
  ['gate', /^(barrier|frigate)|gate|door|contact/],
  ['water', /leak|water/],
  ['gas', /gas|(^|-)co$/],
];

/** What kind of thing it is, by its profile: a sign beside its name, and no more than that. */
export function kindOf(profile: string): Kind {
  return PREFIXES.find(([, pattern]) => pattern.test(profile))?.[0] ?? 'other';
}
