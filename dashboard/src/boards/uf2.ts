// What a board's file holds, by the sectors of its flash: a browser that writes a board over USB erases and
// writes by them. The format: https://github.com/microsoft/uf2.

const BLOCK = 512;
const HEADER = 32;
/** What of the flash a block holds, at the most, in bytes. */
const ROOM = 476;
const START = [0x0a324655, 0x9e5d5157];
const END = 0x0ab16f30;
const NOT_FLASH = 0x1;
const HAS_FAMILY = 0x2000;

/** What is erased at once, in bytes. */
export const SECTOR = 4096;

/** A sector of the flash: the address of its first byte, and all of its bytes. */
export interface Sector {
  at: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The sectors that a file writes, by their addresses; what it leaves free of one is as if it were erased.
 * Nothing where it is no such file, is cut short, or is not for the chip of this family.
 */
export function sectorsOf(file: ArrayBuffer, family: number): Sector[] | null {
  if (file.byteLength === 0 || file.byteLength % BLOCK !== 0) return null;
  const sectors = new Map<number, Uint8Array<ArrayBuffer>>();
  for (let start = 0; start < file.byteLength; start += BLOCK) {
    const block = new DataView(file, start, BLOCK);
    const word = (at: number): number => block.getUint32(at, true);
    const size = word(16);
    const whole = word(0) === START[0] && word(4) === START[1] && word(508) === END;
    if (!whole || size > ROOM || word(24) !== file.byteLength / BLOCK) return null;
    if (word(8) & NOT_FLASH) continue;
    if (word(8) & HAS_FAMILY && word(28) !== family) return null;
    for (let n = 0; n < size; n += 1) {
      const address = word(12) + n;
      const at = address - (address % SECTOR);
      let bytes = sectors.get(at);
      if (!bytes) sectors.set(at, (bytes = new Uint8Array(SECTOR).fill(0xff)));
      bytes[address - at] = block.getUint8(HEADER + n);
    }
  }
  return [...sectors].sort(([a], [b]) => a - b).map(([at, bytes]) => ({ at, bytes }));
}
