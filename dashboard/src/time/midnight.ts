// When a day begins somewhere: midnight of a zone, also where its clock is changed that night.

/** Milliseconds since 1970 at the beginning of `2026-12-03`, or so many days later; null for no day. */
export function midnight(day: string, zone: string, later = 0): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return null;
  const wall = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later);
  if (Number.isNaN(wall)) return null;
  // The zone's offset then, looked up twice: the first guess may lie on the other side of a change.
  let at = wall - offset(wall, zone);
  at = wall - offset(at, zone);
  return at;
}

/** How far the zone's wall clock is ahead of UTC at an instant, in milliseconds. */
export function offset(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const get = (name: Intl.DateTimeFormatPartTypes): number => part.get(name) ?? 0;
  const wall = Date.UTC(
    get('year'),
    get('month') - 1,
    get('day'),
    get('hour'),
    get('minute'),
    get('second'),
  );
  return wall - Math.floor(at / 1000) * 1000;
}

/** When the zone's wall clock shows `2026-12-03T03:00`; null for no time. */
export function instant(wall: string, zone: string): number | null {
  // Browsers make a date of almost anything, and of nothing.
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(wall)) return null;
  const at = Date.parse(`${wall.slice(0, 16)}:00Z`);
  if (Number.isNaN(at)) return null;
  return at - offset(at - offset(at, zone), zone);
}
