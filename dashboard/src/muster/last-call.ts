// The last roll call that this phone was shown, so that its page opens without reception: what it is about,
// and what was answered. One at most is kept, and none that is over.

import type { CallView } from '../api/types';

const KEPT = 'gengfu.last-call';

export function keepCall(key: string, call: CallView): void {
  try {
    if (call.ended_at) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify({ key, call }));
  } catch {
    // Storage is full or switched off: the page then needs the gateway to open.
  }
}

export function forgetCall(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // Nothing is kept then.
  }
}

export function recallCall(key: string): CallView | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const last = kept as { key: string; call?: CallView };
    return last.key === key && last.call?.counts !== undefined ? last.call : null;
  } catch {
    return null;
  }
}
