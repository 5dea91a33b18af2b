// A W5500-EVB-Pico that is switched on: `node board.mjs FILE.uf2 LOG`. Its pins are those of
// firmware/boards/w5500-evb-pico/src/pins.rs. It first says at which port its cable ends, and at
// which one its RS-485 line; then one order a
// line comes in, and one line goes out for each:
//
// - `contacts 01000000`: the second is closed, the others are open.
// - `stack`: how many bytes of the program's stack were used since its power came.
// - `pins`: its lamps, sounder and relay, its starts, the writes of its flash, and how many microseconds after
//   the last bit its RS-485 driver listened again.
// - `supply 12000`, `battery 12600` (millivolts), `loop 4700` (ohms), `loop cut`; each may be `none`, as at
//   first.
// - `cable in`, `cable out`; `network dead`, `network alive`: the W5500 answers nothing.
// - `cut N`: the power fails in the N-th erase or write of the flash from now on; `cut-after-start N`: from
//   the next start on.
// - `plug`: the power is off and on again.
//
// It ends when nobody can give it orders any more.

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Analog } from './analog.mjs';
import { Chip, Flash } from './chip.mjs';
import { Ethernet } from './ethernet.mjs';
import { PowerCut } from './flash.mjs';
import { Line } from './line.mjs';
import { W5500 } from './w5500.mjs';

const CONTACTS = [6, 7, 8, 9, 10, 11, 12, 13];
const SHOWN = { yellow: 14, green: 15, sounder: 22, relay: 2, light: 25 };
const DIRECTION = 3;
const SELECT = 17;
const RESET = 20;
const INTERRUPT = 21;
const HIGH = 1;
/** The flash's number: the board's address on the Ethernet comes from it. */
const NUMBER = [0xe6, 0x61, 0x64, 0x08, 0x43, 0x2a, 0x5b, 0x21];

const [file, log] = process.argv.slice(2);
const flash = new Flash(NUMBER);
flash.drop(readFileSync(file));
writeFileSync(log, '');

let closed = CONTACTS.map(() => false);
let chip;
let cut = null;
const ethernet = new Ethernet((frame) => {
  w5500.receive(frame);
  chip.wake();
});
const line = new Line();
const analog = new Analog();
const w5500 = new W5500(
  (frame) => ethernet.send(frame),
  (is_low) => chip?.rp2040.gpio[INTERRUPT].setInputValue(!is_low),
);

function fit(chip) {
  if (cut !== null) [flash.left, cut] = [cut, null];
  const { gpio, uart } = chip.rp2040;
  let text = [];
  uart[0].onByte = (byte) => {
    text.push(byte);
    if (byte !== 0x0a) return;
    appendFileSync(log, Buffer.from(text));
    text = [];
  };
  line.fit(chip, uart[1], () => gpio[DIRECTION].value === HIGH);
  gpio[DIRECTION].addListener((value) => line.turned(value === HIGH));
  analog.fit(chip.rp2040);
  chip.spi(0, (byte) => w5500.exchange(byte));
  gpio[SELECT].addListener((value) => value !== HIGH && w5500.select());
  gpio[RESET].addListener((value) => value === 0 && w5500.reset());
  gpio[INTERRUPT].setInputValue(true);
  show(chip);
}

function show(chip) {
  CONTACTS.forEach((pin, at) => chip.rp2040.gpio[pin].setInputValue(!closed[at]));
}

function obey(order) {
  const [what, argument] = order.split(' ');
  switch (what) {
    case 'contacts':
      closed = [...argument].map((sign) => sign === '1');
      show(chip);
      chip.wake();
      return 'ok';
    case 'pins': {
      const pins = Object.entries(SHOWN).map(
        ([name, pin]) => `${name}=${chip.rp2040.gpio[pin].value === HIGH ? 1 : 0}`,
      );
      const us = Math.round(chip.clock.nanos / 1000);
      const power = chip.timer ? 'on' : 'off';
      return `${pins.join(' ')} power=${power} us=${us} starts=${chip.starts} written=${flash.written} turn_us=${line.turn_us}`;
    }
    case 'stack':
      return `stack=${chip.stack()}`;
    case 'supply':
    case 'battery':
    case 'loop':
      analog.hang(what, argument);
      return 'ok';
    case 'cable':
      w5500.is_in = argument === 'in';
      return 'ok';
    case 'network':
      w5500.is_dead = argument === 'dead';
      return 'ok';
    case 'cut':
      flash.left = Number(argument);
      return 'ok';
    case 'cut-after-start':
      cut = Number(argument);
      return 'ok';
    case 'plug':
      flash.left = Infinity;
      w5500.reset();
      chip.start({});
      return 'ok';
    default:
      return 'no such order';
  }
}

process.on('uncaughtException', (error) => {
  // The plug is out: it stays so until it is put back in.
  if (error instanceof PowerCut) return chip.stop();
  console.error(error);
  process.exit(1);
});

process.stdout.write(`cable ${await ethernet.port()} line ${await line.port()}\n`);
ethernet.server.once('connection', () => {
  chip = new Chip(flash, fit);
});
const orders = createInterface({ input: process.stdin });
/** What can be ordered before the board is switched on. */
const BEFORE = /^(supply|battery|loop) /;
orders.on('line', (order) => {
  process.stdout.write(`${chip || BEFORE.test(order) ? obey(order) : 'off'}\n`);
});
orders.on('close', () => process.exit(0));
