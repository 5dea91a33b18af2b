// The last view that this phone was shown, so that the page opens at once and without reception.
// One incident at most is kept, and none that is over: it holds names.

import type { IncidentView, Me } from '../api/types';

const KEPT = 'gengfu.last';

export interface Last {
  me: Me;
  incident: IncidentView;
}

export function keep(key: string, last: Last): void {
  try {
    if (last.incident.phase === 'ended') localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify({ key, ...last }));
  } catch {
    // Storage is full or switched off: the page then needs the gateway to open.
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // Nothing is kept then.
  }
}

export function recall(key: string): Last | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const last = kept as Last & { key: string };
    return last.key === key && last.incident?.id !== undefined && last.me?.id !== undefined
      ? { me: last.me, incident: last.incident }
      : null;
  } catch {
    return null;
  }
}
