// The RS-485 line: what the emulator's UART is not. Characters take their time on the wire, the FIFOs have
// levels, an answer that ended is told of by its timeout, and the pin that turns the driver round counts: what
// is sent while it listens, or comes while it sends, is lost. The other end is a TCP port of this machine.

import { createServer } from 'node:net';

const DATA = 0x00;
const FLAGS = 0x18;
const LEVELS = 0x34;
const CLEAR = 0x44;
const BUSY = 1 << 3;
const SENDER_FULL = 1 << 5;
const SENDER_EMPTY = 1 << 7;
const PARITY = 1 << 1;
const TWO_STOP_BITS = 1 << 3;
const RECEIVED = 1 << 4;
const SENT = 1 << 5;
const TIMED_OUT = 1 << 6;
const FIFO = 32;
/** Characters at each level of the FIFOs. */
const LEVEL = [4, 8, 16, 24, 28];

export class Line {
  constructor() {
    this.other = null;
    this.uart = null;
    this.server = createServer((socket) => {
      this.other = socket;
      socket.setNoDelay(true);
      socket.on('data', (bytes) => this.come(bytes));
      socket.on('error', () => {});
    });
  }

  /** Listens; resolves to the port. */
  async port() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.server.address().port;
  }

  /** Is at this UART of a chip from now on; `sends()` tells how its direction pin stands. */
  fit(chip, uart, sends) {
    const { clock } = chip;
    Object.assign(this, { chip, uart, clock, sends, out: [], coming: [], levels: [4, 16] });
    /** What is on the wire; none while it rests. */
    this.on_wire = null;
    this.is_coming = false;
    /** Microseconds from the last bit to the moment when the driver listens again. */
    this.turn_us = null;
    this.ended = 0;
    uart.checkInterrupts = () => {
      chip.rp2040.setInterrupt(uart.irq, !!(uart.interruptStatus & uart.interruptMask));
    };
    this.leaves = clock.createAlarm(() => this.left());
    this.arrives = clock.createAlarm(() => this.arrived());
    this.rests = clock.createAlarm(() => this.tell(uart.rxFIFO.empty ? 0 : TIMED_OUT));
    const { readUint32, writeUint32 } = uart;
    uart.readUint32 = (offset) => {
      if (offset === FLAGS) return (readUint32.call(uart, offset) & ~SENDER_EMPTY) | this.flags();
      const value = readUint32.call(uart, offset);
      if (offset === DATA) {
        uart.interruptStatus &= ~(uart.rxFIFO.itemCount < this.levels[0] ? RECEIVED : 0);
        uart.interruptStatus &= ~(uart.rxFIFO.empty ? TIMED_OUT : 0);
        uart.checkInterrupts();
      }
      return value;
    };
    uart.writeUint32 = (offset, value) => {
      if (offset === DATA) return this.leave(value & 0xff);
      if (offset === LEVELS) this.levels = [LEVEL[(value >> 3) & 7], LEVEL[value & 7]];
      else if (offset === CLEAR) this.tell(0, value);
      else writeUint32.call(uart, offset, value);
    };
  }

  tell(what, except = 0) {
    this.uart.interruptStatus = (this.uart.interruptStatus & ~except) | what;
    this.uart.checkInterrupts();
  }

  /** Nanoseconds of so many bits, or of a character. */
  bits(count) {
    return (count * 1e9) / this.uart.baudRate;
  }

  character() {
    const set = this.uart.lineCtrlRegister;
    return this.bits(10 + (set & PARITY ? 1 : 0) + (set & TWO_STOP_BITS ? 1 : 0));
  }

  flags() {
    const { length } = this.out;
    const free = length === 0 ? SENDER_EMPTY : 0;
    return free | (length >= FIFO ? SENDER_FULL : 0) | (this.on_wire === null ? 0 : BUSY);
  }

  leave(byte) {
    if (this.out.length >= FIFO) return;
    this.out.push(byte);
    if (this.on_wire === null) this.next();
  }

  /** The next character moves from the FIFO onto the wire. */
  next() {
    this.on_wire = this.out.shift();
    if (this.out.length === this.levels[1]) this.tell(SENT);
    this.leaves.schedule(this.character());
  }

  left() {
    if (this.sends()) this.other?.write(Buffer.of(this.on_wire));
    this.on_wire = null;
    if (this.out.length > 0) return this.next();
    this.ended = this.clock.nanos;
  }

  /** The direction pin has moved. */
  turned(is_sending) {
    if (!is_sending && this.ended > 0) this.turn_us = Math.round((this.clock.nanos - this.ended) / 1000);
  }

  come(bytes) {
    if (!this.uart?.enabled) return;
    this.coming.push(...bytes);
    if (!this.is_coming) this.arrives.schedule(this.character());
    this.is_coming = true;
    this.chip.wake();
  }

  arrived() {
    const { uart } = this;
    const byte = this.coming.shift();
    if (!this.sends()) {
      uart.rxFIFO.push(byte);
      if (uart.rxFIFO.itemCount >= this.levels[0]) this.tell(RECEIVED);
      this.rests.schedule(this.bits(32));
    }
    this.is_coming = this.coming.length > 0;
    if (this.is_coming) this.arrives.schedule(this.character());
  }
}
