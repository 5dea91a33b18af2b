// The W5500 as the boards' driver uses it: registers over SPI, and socket 0 as a door to the Ethernet
// (MACRAW). Modelled after WIZnet's data sheet: the common block, socket 0's block, 16 KB of buffer in each
// direction, the commands OPEN, SEND and RECV, the filter for its own address, the interrupt's pin, the reset
// and whether the cable is in.

const COMMON = 0;
const SOCKET = 1;
const SEND_BUFFER = 2;
const RECEIVE_BUFFER = 3;

const MODE = 0x00;
const MAC = 0x09;
const SOCKET_INTERRUPTS = 0x18;
const PHY = 0x2e;
const VERSION = 0x39;

const COMMAND = 0x01;
const INTERRUPT = 0x02;
const STATUS = 0x03;
const SEND_FREE = 0x20;
const SEND_READ = 0x22;
const SEND_WRITE = 0x24;
const RECEIVED = 0x26;
const RECEIVE_READ = 0x28;
const RECEIVE_WRITE = 0x2a;
const INTERRUPT_MASK = 0x2c;

const OPEN = 0x01;
const SEND = 0x20;
const RECEIVE = 0x40;
const IS_SENT = 1 << 4;
const HAS_RECEIVED = 1 << 2;
const MACRAW = 0x42;
const FILTER = 1 << 7;
const RESET = 1 << 7;
const BUFFER = 16 * 1024;
/** Ethernet's shortest frame without its checksum: shorter ones are filled up. */
const SHORTEST = 60;

export class W5500 {
  /** `send(frame)` takes what leaves; `interrupt(is_low)` drives the pin. */
  constructor(send, interrupt) {
    this.send = send;
    this.interrupt = interrupt;
    this.is_in = true;
    this.is_dead = false;
    this.reset();
  }

  reset() {
    this.blocks = [new Uint8Array(64), new Uint8Array(64), new Uint8Array(BUFFER), new Uint8Array(BUFFER)];
    this.blocks[COMMON][VERSION] = 4;
    this.set(SEND_FREE, BUFFER);
    this.at = 0;
    this.interrupt(false);
  }

  get(register) {
    const socket = this.blocks[SOCKET];
    return (socket[register] << 8) | socket[register + 1];
  }

  set(register, value) {
    this.blocks[SOCKET][register] = value >> 8;
    this.blocks[SOCKET][register + 1] = value;
  }

  /** The chip is chosen: what follows is an address, what to do with it, and bytes. */
  select() {
    this.at = 0;
  }

  /** A byte in, a byte out. */
  exchange(byte) {
    if (this.is_dead) return 0xff;
    this.at += 1;
    if (this.at === 1) this.address = byte << 8;
    else if (this.at === 2) this.address |= byte;
    else if (this.at === 3) [this.block, this.is_write] = [byte >> 3, (byte & 4) !== 0];
    else {
      const address = this.address;
      this.address = (this.address + 1) & 0xffff;
      if (this.is_write) this.write(address, byte);
      else return this.read(address);
    }
    return 0;
  }

  read(address) {
    if (this.block === COMMON && address === PHY) return 0xb8 | (this.is_in ? 1 : 0);
    const block = this.blocks[this.block];
    return block ? block[address % block.length] : 0;
  }

  write(address, byte) {
    const block = this.blocks[this.block];
    if (!block || this.block === RECEIVE_BUFFER) return;
    if (this.block === SOCKET && address === COMMAND) return this.command(byte);
    if (this.block === SOCKET && address === INTERRUPT) block[INTERRUPT] &= ~byte;
    else if (this.block !== COMMON || address !== VERSION) block[address % block.length] = byte;
    if (this.block === COMMON && address === MODE && byte & RESET) this.reset();
    this.signal();
  }

  command(command) {
    const socket = this.blocks[SOCKET];
    if (command === OPEN) socket[STATUS] = MACRAW;
    if (command === SEND) {
      const from = this.get(SEND_READ);
      const length = (this.get(SEND_WRITE) - from) & 0xffff;
      const frame = Buffer.alloc(Math.max(length, SHORTEST));
      for (let i = 0; i < length; i++) frame[i] = this.blocks[SEND_BUFFER][(from + i) % BUFFER];
      this.set(SEND_READ, this.get(SEND_WRITE));
      socket[INTERRUPT] |= IS_SENT;
      if (this.is_in) this.send(frame);
    }
    if (command === RECEIVE) {
      this.count();
      if (this.get(RECEIVED)) socket[INTERRUPT] |= HAS_RECEIVED;
    }
    this.signal();
  }

  /** A frame from the Ethernet. */
  receive(frame) {
    const socket = this.blocks[SOCKET];
    if (!this.is_in || this.is_dead || socket[STATUS] !== MACRAW) return;
    const mine = this.blocks[COMMON].subarray(MAC, MAC + 6);
    const is_mine = frame[0] & 1 || mine.every((byte, at) => byte === frame[at]);
    if (socket[MODE] & FILTER && !is_mine) return;
    const length = frame.length + 2;
    if (this.get(RECEIVED) + length > BUFFER) return;
    let to = this.get(RECEIVE_WRITE);
    for (const byte of [length >> 8, length & 0xff, ...frame]) {
      this.blocks[RECEIVE_BUFFER][to % BUFFER] = byte;
      to = (to + 1) & 0xffff;
    }
    this.set(RECEIVE_WRITE, to);
    this.count();
    socket[INTERRUPT] |= HAS_RECEIVED;
    this.signal();
  }

  count() {
    this.set(RECEIVED, (this.get(RECEIVE_WRITE) - this.get(RECEIVE_READ)) & 0xffff);
  }

  signal() {
    const socket = this.blocks[SOCKET];
    const is_wanted = this.blocks[COMMON][SOCKET_INTERRUPTS] & 1;
    this.interrupt(!this.is_dead && is_wanted && (socket[INTERRUPT] & socket[INTERRUPT_MASK]) !== 0);
  }
}
