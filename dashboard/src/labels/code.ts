// An address as a QR code: what a page draws of it.

import { encode } from 'uqr';

/** White around it, in modules, as the standard (ISO/IEC 18004) wants it. */
const QUIET = 4;

export interface Code {
  /** Modules on a side, with the white around. */
  size: number;
  /** The black ones, as an SVG path. */
  path: string;
}

/** A code that is still read where a seventh of it is scratched off (level M). */
export function codeOf(address: string): Code {
  const { data, size } = encode(address, { ecc: 'M', border: QUIET });
  const runs = data.flatMap((row, y) => {
    const parts: string[] = [];
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (x < row.length && row[x]) x += 1;
      parts.push(`M${from} ${y}h${x - from}v1h-${x - from}z`);
    }
    return parts;
  });
  return { size, path: runs.join('') };
}

/** Where the page of a device is. Nothing but its name is in it. */
export function addressOf(base: string, device: string): string {
  return `${base.replace(/\/+$/, '')}/upkeep/devices/${encodeURIComponent(device)}`;
}
