// Times as people write them into a form, looked at before they are sent. Pure.

/** A length of time as `45s`, `3m`, `1h 30m`; the gateway has the last word on which units there are. */
export function isSpan(text: string): boolean {
  return /^(\d+(\.\d+)?\s*[a-z]+[\s,]*)+$/i.test(text.trim());
}

/** From a time of day up to another, as `22:00-06:00`. */
export function isHours(text: string): boolean {
  const time = '([01]?\\d|2[0-3]):[0-5]\\d';
  const [, from, , to] = new RegExp(`^(${time})\\s*-\\s*(${time})$`).exec(text.trim()) ?? [];
  return from !== undefined && from !== to;
}
