// A list of alarms, and what is set aside of it.

import type { AlarmView } from '../api/types';

/** What is set aside, what comes back first in front. */
export function shelvedOf(alarms: readonly AlarmView[]): AlarmView[] {
  const until = (alarm: AlarmView): number => Date.parse(alarm.shelved?.until ?? '');
  return alarms
    .filter((alarm) => alarm.shelved !== null)
    .sort((a, b) => until(a) - until(b) || a.id.localeCompare(b.id));
}

/** The list after one of it changed; an alarm that is wholly normal stands in it no more. */
export function put(
  alarms: readonly AlarmView[],
  id: string,
  after: AlarmView | null,
): AlarmView[] {
  return alarms.flatMap((alarm) => (alarm.id !== id ? [alarm] : after ? [after] : []));
}
