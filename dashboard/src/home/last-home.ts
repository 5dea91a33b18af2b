// Who is on duty and which swaps wait, as this phone was shown them last: the first page then has them
// without reception too, with their time.

import type { SwapView } from '../api/types';
import type { Duty } from './overview.svelte';

const KEPT = 'gengfu.home';

export interface LastHome {
  duties: Duty[] | null;
  swaps: SwapView[] | null;
  /** When the gateway said so, by its clock. */
  at: string;
}

export function keepHome(person: string, last: LastHome): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ person, ...last }));
  } catch {
    // Storage is full or switched off: the page then needs the gateway.
  }
}

export function forgetHome(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // Nothing is kept then.
  }
}

/** What was kept for this person; nobody else is shown it. */
export function recallHome(person: string): LastHome | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const last = kept as LastHome & { person: string };
    return last.person === person && typeof last.at === 'string'
      ? { duties: last.duties, swaps: last.swaps, at: last.at }
      : null;
  } catch {
    return null;
  }
}
