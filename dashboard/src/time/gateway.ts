// The gateway's time, as its answers carry it: a laptop's own clock may be wrong by hours.

let ahead = 0;

/** Differences below this are what an answer takes to come, and the header's whole seconds. */
const NEAR_MS = 2_000;

/** An answer said that it was made at this date (a `Date` header). */
export function heardDate(date: string | null): void {
  const at = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(at)) return;
  // A header has whole seconds: half of one is nearest.
  const now = at + 500 - Date.now();
  if (Math.abs(now - ahead) > NEAR_MS) ahead = now;
}

/** Milliseconds since 1970 by the gateway's clock; the phone's own until an answer came. */
export function gatewayNow(): number {
  return Date.now() + ahead;
}
