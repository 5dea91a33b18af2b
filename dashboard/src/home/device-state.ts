// What a device's line says. Only a device that is supervised and heard is called normal; what is
// not known is never shown as if it were well.

import type { DeviceView, NoData, PointView, Text } from '../api/types';
import { home as words } from '../words/home';

export type DeviceState = 'alarm' | 'lost' | 'unknown' | 'out' | 'unsupervised' | 'normal';

export function deviceState(device: DeviceView): DeviceState {
  if (device.out_of_service !== null) return 'out';
  if (device.presence.state === 'lost') return 'lost';
  if (device.alarms.length > 0) return 'alarm';
  if (device.heard_at === null) return 'unknown';
  if (device.supervision === null) return 'unsupervised';
  return 'normal';
}

/** The most pressing first. */
export const ORDER: readonly DeviceState[] = [
  'alarm',
  'lost',
  'unknown',
  'out',
  'unsupervised',
  'normal',
];

export function needsAttention(state: DeviceState): boolean {
  return state === 'alarm' || state === 'lost' || state === 'unknown';
}

export const STATE_WORDS: Record<DeviceState, Text> = {
  alarm: words.device_alarm,
  lost: words.device_lost,
  unknown: words.device_unknown,
  out: words.device_out,
  unsupervised: words.device_unsupervised,
  normal: words.device_normal,
};

const NO_DATA: Record<NoData, Text> = {
  not_yet: words.no_data_not_yet,
  silent: words.no_data_silent,
  offline: words.no_data_offline,
  timeout: words.no_data_timeout,
  refused: words.no_data_refused,
  garbled: words.no_data_garbled,
  faulty: words.no_data_faulty,
};

/** A point's value with its unit, or what it is called, or why there is none. */
export function pointWords(
  point: Pick<PointView, 'value' | 'word' | 'no_data' | 'unit'>,
  say: (text: Text) => string,
): string {
  if (point.no_data !== null) return say(NO_DATA[point.no_data]);
  if (point.word) return say(point.word);
  const value: unknown = point.value;
  if (value == null) return say(words.no_data_not_yet);
  if (typeof value === 'boolean') return say(value ? words.yes : words.no);
  const text = String(typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
  return point.unit ? `${text} ${point.unit}` : text;
}
