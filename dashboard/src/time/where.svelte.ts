// Which zone times are shown in: the site's, wherever the phone is.

const KEPT = 'gengfu.zone';
const current = $state<{ zone: string | undefined }>({ zone: known(kept()) });

/** From now on times are those of this IANA zone; the browser's own where it knows none of that name. */
export function useZone(zone: string | undefined): void {
  current.zone = known(zone);
  try {
    // So that a page that opens without the gateway has it too.
    if (current.zone) localStorage.setItem(KEPT, current.zone);
    else localStorage.removeItem(KEPT);
  } catch {
    // It then holds for this visit only.
  }
}

/** The site's zone, as far as it is known. */
export function zone(): string | undefined {
  return current.zone;
}

function kept(): string | undefined {
  try {
    return localStorage.getItem(KEPT) ?? undefined;
  } catch {
    return undefined;
  }
}

function known(zone: string | undefined): string | undefined {
  if (!zone) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return undefined;
  }
}
