// The flash chip on the board, 2 MB: what a UF2 file puts into it, what erasing and writing do to it, and
// the number that it was made with. The power can be cut in the middle of any erase or write.

const SIZE = 2 * 1024 * 1024;
const BASE = 0x10000000;
const BLOCK = 512;
const RP2040_FAMILY = 0xe48bff56;
const SSI_DATA = 0x60;
/** The chip's commands, as its makers name them. */
const READ_NUMBER = 0x4b;
const READ_STATUS_2 = 0x35;
/** In the second status: four data lines are on. */
const QUAD = 0x02;
/** The command, four bytes that say nothing, then the number. */
const SILENT = [0, 0, 0, 0];

export class PowerCut extends Error {}

export class Flash {
  constructor(number) {
    this.number = number;
    this.bytes = new Uint8Array(16 * 1024 * 1024).fill(0xff);
    this.left = Infinity;
    this.written = 0;
  }

  /** Takes a file as the boot loader of the chip takes it. */
  drop(file) {
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    for (let at = 0; at + BLOCK <= file.length; at += BLOCK) {
      const word = (offset) => view.getUint32(at + offset, true);
      const is_whole =
        word(0) === 0x0a324655 && word(4) === 0x9e5d5157 && word(BLOCK - 4) === 0x0ab16f30;
      const to = word(12) - BASE;
      const length = word(16);
      if (!is_whole || word(28) !== RP2040_FAMILY || to < 0 || to + length > SIZE) {
        throw new Error(`block ${at / BLOCK} of the file is none for this chip`);
      }
      this.bytes.set(file.subarray(at + 32, at + 32 + length), to);
    }
  }

  /** Is what the processor reads from now on. */
  plug(rp2040) {
    rp2040.flash = this.bytes;
    rp2040.flash16 = new Uint16Array(this.bytes.buffer);
    rp2040.flashView = new DataView(this.bytes.buffer);
    const ssi = rp2040.peripherals[0x18000];
    const { readUint32, writeUint32 } = ssi;
    let says = [];
    ssi.writeUint32 = (offset, value) => {
      const command = value & 0xff;
      if (offset !== SSI_DATA) writeUint32.call(ssi, offset, value);
      else if (command === READ_NUMBER) says = [...SILENT, ...this.number];
      else says = command === READ_STATUS_2 ? [0, QUAD] : [];
    };
    ssi.readUint32 = (offset) =>
      offset === SSI_DATA ? (says.length > 1 ? says.shift() : (says[0] ?? 0)) : readUint32.call(ssi, offset);
  }

  /** Counts an erase or a write; true if the power is cut in it. */
  is_last() {
    this.written += 1;
    this.left -= 1;
    return this.left < 0;
  }

  erase(from, length) {
    if (from % 4096 || length % 4096 || from + length > SIZE) {
      throw new Error(`an erase of ${length} bytes at ${from}`);
    }
    for (let at = from; at < from + length; at += 4096) {
      const is_last = this.is_last();
      // What a page holds that was not erased to the end is anybody's guess.
      this.bytes.fill(0xff, at, at + (is_last ? 1234 : 4096));
      if (is_last) throw new PowerCut();
    }
  }

  write(to, bytes) {
    if (to % 256 || bytes.length % 256 || to + bytes.length > SIZE) {
      throw new Error(`a write of ${bytes.length} bytes at ${to}`);
    }
    for (let at = 0; at < bytes.length; at += 256) {
      const is_last = this.is_last();
      const end = at + (is_last ? 100 : 256);
      for (let i = at; i < end; i++) this.bytes[to + i] &= bytes[i];
      if (is_last) throw new PowerCut();
    }
  }
}
