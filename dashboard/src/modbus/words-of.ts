// Registers as people write them.

import type { RegisterRow } from '../api/types';

/** A register as four hexadecimal digits. */
export function hex(word: number): string {
  return `0x${word.toString(16).padStart(4, '0')}`;
}

/** What came, as it came. */
export function rawOf(row: RegisterRow): string {
  const bits = row.table === 'coil' || row.table === 'discrete';
  return row.raw.map((word) => (bits ? String(word) : `${hex(word)} (${word})`)).join(' ');
}

/** What a unit is asked for, by the choice of the page: `device:…`, `profile:…` or `range`. */
export function wishOf(
  unit: number,
  as: string,
  range: { table: string; address: number; count: number },
): Record<string, unknown> {
  const [kind, name] = [as.slice(0, as.indexOf(':')), as.slice(as.indexOf(':') + 1)];
  if (kind === 'device') return { unit, device: name };
  if (kind === 'profile') return { unit, profile: name };
  return { unit, range };
}
