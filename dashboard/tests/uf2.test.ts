import { describe, expect, it } from 'vitest';
import { SECTOR, sectorsOf } from '../src/boards/uf2';

const PICO = 0xe48bff56;

/** A file of these blocks: where each goes, and what byte it is full of. */
function file(
  blocks: [number, number][],
  over: { family?: number; count?: number } = {},
): ArrayBuffer {
  const whole = new ArrayBuffer(512 * blocks.length);
  blocks.forEach(([at, byte], n) => {
    const block = new DataView(whole, 512 * n, 512);
    const count = over.count ?? blocks.length;
    const words = [0x0a324655, 0x9e5d5157, 0x2000, at, 256, n, count, over.family ?? PICO];
    words.forEach((word, m) => block.setUint32(4 * m, word, true));
    for (let m = 0; m < 256; m += 1) block.setUint8(32 + m, byte);
    block.setUint32(508, 0x0ab16f30, true);
  });
  return whole;
}

describe("a board's file", () => {
  it('is sectors, whole ones, in their order', () => {
    const sectors = sectorsOf(
      file([
        [0x10100000, 3],
        [0x10000f00, 1],
        [0x10001000, 2],
      ]),
      PICO,
    );
    expect(sectors?.map(({ at }) => at)).toEqual([0x10000000, 0x10001000, 0x10100000]);
    expect(sectors?.every(({ bytes }) => bytes.length === SECTOR)).toBe(true);
    const [first, second] = sectors ?? [];
    expect([first?.bytes[0xeff], first?.bytes[0xf00], first?.bytes[0xfff]]).toEqual([0xff, 1, 1]);
    expect([second?.bytes[0], second?.bytes[255], second?.bytes[256]]).toEqual([2, 2, 0xff]);
  });

  it('is none where it is cut short, damaged, or for another chip', () => {
    const whole = file([
      [0x10000000, 1],
      [0x10000100, 2],
    ]);
    expect(sectorsOf(whole, PICO)).not.toBeNull();
    expect(sectorsOf(whole.slice(0, 512), PICO)).toBeNull();
    expect(sectorsOf(whole.slice(0, 700), PICO)).toBeNull();
    expect(sectorsOf(new ArrayBuffer(0), PICO)).toBeNull();
    expect(sectorsOf(whole, 0xe48bff59)).toBeNull();
    new DataView(whole).setUint8(0, 0);
    expect(sectorsOf(whole, PICO)).toBeNull();
  });
});
