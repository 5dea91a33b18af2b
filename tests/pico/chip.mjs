// The chip: rp2040js, put right where the boards' image would otherwise not run on it, and started as the
// true one starts: by the second stage of the boot loader in the flash.
//
// Put right: the DMA's abort register reads as done, a UART's DMA register reads what was written, a byte on
// the SPI takes as long as its bits do, the ring oscillator gives random bits, the cache's registers exist,
// an event that the processor sends itself wakes it, and it can reset the chip. A reset leaves RAM, flash and the watchdog's scratch registers alone.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Flash } from './flash.mjs';
import { Rom } from './rom.mjs';

const installed = process.env.GENGFU_TEST_PICO ?? import.meta.dirname;
const require = createRequire(pathToFileURL(join(installed, 'package.json')));
const { RP2040 } = require('rp2040js');

/** Nanoseconds of a cycle: 125 MHz. */
const CYCLE = 8;
/** Nanoseconds that an idle processor sleeps at the most before it is asked again. */
const NAP = 5e6;
const DMA_CHAN_ABORT = 0x444;
const UART_DMACR = 0x48;
const ROSC_RANDOM_BIT = 0x1c;
const AIRCR = 0xd0c;
const SYSTEM_RESET = 1 << 2;
const SRAM = 0x20000000;
/** Where in the flash the program's vectors are; the first is the top of its stack. */
const PROGRAM = 0x8000;
/** No part of a stack that is in use is as long as this and zero throughout, in bytes. */
const QUIET = 4096;

/** Registers that are nowhere in the emulator: what they hold is asked of `read`, and writes change nothing. */
function registers(read) {
  return { readUint32: read, writeUint32() {}, writeUint32Atomic() {} };
}

/** Puts one register of a peripheral right. */
function correct(peripheral, at, { read, write }) {
  const { readUint32, writeUint32 } = peripheral;
  if (read) {
    peripheral.readUint32 = (offset) =>
      offset === at ? read() : readUint32.call(peripheral, offset);
  }
  if (write) {
    peripheral.writeUint32 = (offset, value) => {
      if (offset !== at || !write(value)) writeUint32.call(peripheral, offset, value);
    };
  }
}

export class Chip {
  /** `fit(chip)` wires what stands around the chip; it is called at each start. */
  constructor(flash, fit) {
    this.flash = flash;
    this.fit = fit;
    this.starts = 0;
    this.start({});
  }

  /** Starts it: after a reset with what that left alone, else with RAM of zeros. */
  start({ ram, scratch, reason }) {
    clearTimeout(this.timer);
    clearImmediate(this.timer);
    this.starts += 1;
    const rp2040 = (this.rp2040 = new RP2040());
    this.clock = rp2040.clock;
    this.core = rp2040.core;
    const error = (part, what) => {
      throw new Error(`${part}: ${what}`);
    };
    // A processor that sends itself an event must not sleep over it; the emulator only says so.
    const info = (_, what) => {
      if (what === 'SEV') this.core.eventRegistered = true;
    };
    rp2040.logger = { debug() {}, info, warn() {}, error };
    this.flash.plug(rp2040);
    if (ram) rp2040.sram.set(ram);
    const watchdog = (this.watchdog = rp2040.peripherals[0x40058]);
    if (scratch) watchdog.scratchData.set(scratch);
    watchdog.reason = reason ?? 0;
    this.resets = null;
    const reset = (why) => (this.resets = { ram: rp2040.sram, scratch: watchdog.scratchData, reason: why });
    watchdog.onWatchdogTrigger = () => reset(watchdog.reason);
    correct(rp2040.ppb, AIRCR, {
      write: (value) => value & SYSTEM_RESET && reset(0),
    });
    correct(rp2040.dma, DMA_CHAN_ABORT, { read: () => 0 });
    for (const uart of rp2040.uart) {
      let held = 0;
      correct(uart, UART_DMACR, { read: () => held, write: (value) => ((held = value), true) });
    }
    rp2040.peripherals[0x40060] = registers((offset) =>
      offset === ROSC_RANDOM_BIT ? (Math.random() < 0.5 ? 0 : 1) : 0,
    );
    rp2040.peripherals[0x14000] = registers(() => 0);
    this.fit(this);
    new Rom(rp2040, this.flash).boot();
    this.begun = performance.now();
    this.wake();
  }

  /** So many bytes of the program's stack were used: below them lies RAM that is as it was when the power came. */
  stack() {
    const { sram, flash } = this.rp2040;
    const top = new DataView(flash.buffer, flash.byteOffset).getUint32(PROGRAM, true) - SRAM;
    let quiet = 0;
    for (let at = top - 1; at >= 0; at -= 1) {
      quiet = sram[at] === 0 ? quiet + 1 : 0;
      if (quiet === QUIET) return top - at - QUIET;
    }
    return top;
  }

  /** A device on an SPI: `exchange(byte)` is the byte that it answers with. */
  spi(number, exchange) {
    const spi = this.rp2040.spi[number];
    let answer = 0;
    const arrived = this.clock.createAlarm(() => spi.completeTransmit(answer));
    spi.onTransmit = (byte) => {
      answer = exchange(byte);
      arrived.schedule((8 * 1e9) / spi.clockFrequency);
    };
  }

  /** Something came from outside. */
  wake() {
    clearTimeout(this.timer);
    clearImmediate(this.timer);
    this.timer = setImmediate(() => this.run());
  }

  stop() {
    clearTimeout(this.timer);
    clearImmediate(this.timer);
    this.timer = null;
  }

  /** Runs for some milliseconds. The chip's time never is ahead of the world's. */
  run() {
    const { core, clock } = this;
    const until = performance.now() + 10;
    while (performance.now() < until) {
      const world = (performance.now() - this.begun) * 1e6;
      for (let i = 0; i < 1000; i++) {
        if (this.resets) return this.start(this.resets);
        if (!core.waiting) {
          clock.tick(core.executeInstruction() * CYCLE);
          continue;
        }
        const next = clock.nextAlarm ? clock.nanosToNextAlarm : NAP;
        const ahead = world - clock.nanos;
        if (next > ahead) {
          const nap = Math.min(next - Math.max(ahead, 0), NAP);
          if (ahead > 0) clock.tick(ahead);
          this.timer = setTimeout(() => this.run(), Math.max(nap / 1e6, 1));
          return;
        }
        clock.tick(next);
      }
    }
    this.timer = setImmediate(() => this.run());
  }
}

export { Flash };
