// A boot ROM of our own: the table of functions that a program finds in the true one, each of which is a
// breakpoint that calls JavaScript, and the start. The true ROM's code is nowhere in it. Modelled: the start
// by the flash's second stage with its checksum, the flash's functions, copying, filling and counting bits.
// Anything else that a program asks of it ends the emulation, with its name.

const SRAM = 0x20000000;
const FLASH = 0x10000000;
/** Where the second stage runs, and how long it is with its checksum. */
const STAGE_2 = 0x20041f00;
const STAGE_2_LENGTH = 256;
/** What a program reads from: version, table of functions, table of data, the function that looks up. */
const VERSION = 0x13;
const FUNCTIONS = 0x14;
const DATA = 0x16;
const LOOK_UP = 0x18;
/** Where the functions stand: a breakpoint and a return each. */
const CODE = 0x100;
const BREAK = 0xbe00;
const RETURN = 0x4770;

export class Rom {
  constructor(rp2040, flash) {
    this.rp2040 = rp2040;
    this.core = rp2040.core;
    this.flash = flash;
    const functions = {
      IF: () => {},
      EX: () => {},
      FC: () => {},
      CX: () => {},
      RE: (from, length) => flash.erase(from, length),
      RP: (to, from, length) => flash.write(to, this.read(from, length)),
      MS: (to, byte, length) => this.fill(to, byte, length),
      S4: (to, byte, length) => this.fill(to, byte, length),
      MC: (to, from, length) => this.copy(to, from, length),
      C4: (to, from, length) => this.copy(to, from, length),
      P3: (value) => value.toString(2).replaceAll('0', '').length,
      R3: (value) => parseInt([...value.toString(2).padStart(32, '0')].reverse().join(''), 2),
      L3: (value) => Math.clz32(value),
      T3: (value) => (value === 0 ? 32 : 31 - Math.clz32(value & -value)),
    };
    const names = Object.keys(functions);
    const bodies = Object.values(functions);
    const rom = new DataView(rp2040.bootrom.buffer);
    rom.setUint8(VERSION, 2);
    // The tables are told apart by where they would be; nothing stands there, since looking up is a call.
    rom.setUint16(FUNCTIONS, 0x80, true);
    rom.setUint16(DATA, 0x90, true);
    rom.setUint16(LOOK_UP, place(names.length), true);
    for (let number = 0; number <= names.length; number++) {
      rom.setUint16(CODE + 4 * number, BREAK | number, true);
      rom.setUint16(CODE + 4 * number + 2, RETURN, true);
    }
    rp2040.onBreak = (number) => {
      const [first, second, third] = this.core.registers;
      if (number === names.length) {
        const name = String.fromCharCode(second & 0xff, second >>> 8);
        const found = first === 0x80 ? names.indexOf(name) : -1;
        if (found < 0) throw new Error(`the boot ROM is asked for "${name}", which is not modelled`);
        this.core.registers[0] = place(found);
      } else if (number < names.length) {
        const value = bodies[number](first, second, third);
        if (value !== undefined) this.core.registers[0] = value;
      } else {
        throw new Error(`the program stopped at breakpoint ${number}`);
      }
    };
  }

  /** The second stage is copied into RAM, checked, and entered. */
  boot() {
    const stage = this.flash.bytes.subarray(0, STAGE_2_LENGTH);
    const stored = new DataView(stage.buffer, STAGE_2_LENGTH - 4).getUint32(0, true);
    if (checksum(stage.subarray(0, STAGE_2_LENGTH - 4)) !== stored) {
      throw new Error('the flash has no second stage: the chip would wait for a file');
    }
    this.rp2040.sram.set(stage, STAGE_2 - SRAM);
    this.core.SP = STAGE_2;
    this.core.LR = 0;
    this.core.PC = STAGE_2;
  }

  memory(from, length) {
    const { sram, flash } = this.rp2040;
    for (const [memory, base] of [
      [sram, SRAM],
      [flash, FLASH],
    ]) {
      if (from >= base && from + length <= base + memory.length) {
        return memory.subarray(from - base, from - base + length);
      }
    }
    throw new Error(`the boot ROM is to use ${length} bytes at 0x${from.toString(16)}`);
  }

  read(from, length) {
    return this.memory(from, length).slice();
  }

  fill(to, byte, length) {
    if (length) this.memory(to, length).fill(byte & 0xff);
  }

  copy(to, from, length) {
    if (length) this.memory(to, length).set(this.memory(from, length));
  }
}

/** Where a function is called: the lowest bit says Thumb. */
function place(number) {
  return (CODE + 4 * number) | 1;
}

/** CRC-32 as the chip's data sheet has it for the second stage: from the highest bit, without inversion. */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}
