// Writes a board's flash through the boot loader that is in its chip, over USB: what this speaks is called
// PICOBOOT there (RP2040 datasheet, 2.8.5; RP2350 datasheet, 5.6).

import type { Text } from '../api/types';
import { boards as words } from '../words/boards';
import { SECTOR, type Sector } from './uf2';
import type { Device, Setup } from './usb';

const MAGIC = 0x431fd10b;
const COMMAND = 32;
const VENDOR_CLASS = 0xff;

const EXCLUSIVE_ACCESS = 0x01;
const REBOOT = 0x02;
const FLASH_ERASE = 0x03;
const READ = 0x84;
const WRITE = 0x05;
const EXIT_XIP = 0x06;
const ENTER_XIP = 0x07;
const REBOOT2 = 0x0a;
/** A command whose data comes from the board. */
const FROM_BOARD = 0x80;

const RESET = 0x41;
const STATUS = 0x42;
/** Of an endpoint (USB 2.0, 9.4.5): its first bit is that it is halted. */
const GET_STATUS = 0x00;

/** Its drive goes away, so that nobody writes the same flash meanwhile. */
const AND_EJECT = 2;
/** The board starts after so long, in milliseconds: time for the answer to come. */
const START_MS = 500;
/** An answer to one command; an erase may take 0.4 s. */
const LIMIT_MS = 10_000;

/** The product number of the RP2350's boot loader; the other one is the RP2040's. */
const RP2350 = 0x000f;

/** Why a board was not written, for people. */
export class BoardTrouble extends Error {
  constructor(
    readonly text: Text,
    readonly values: Record<string, number> = {},
  ) {
    super(text.en);
  }
}

/** The family that a file for this chip names; see `uf2`. */
export function familyOf(device: Device): number {
  return device.productId === RP2350 ? 0xe48bff59 : 0xe48bff56;
}

/**
 * Erases and writes these sectors, reads them back, and starts the board. `told` hears how much of it is
 * done, from 0 to 1.
 *
 * @throws BoardTrouble where it could not be done; the board is in its boot loader still, and takes another try.
 */
export async function writeBoard(
  device: Device,
  sectors: Sector[],
  told: (done: number) => void,
): Promise<void> {
  const loader = await Loader.open(device);
  try {
    const steps = 2 * sectors.length;
    let done = 0;
    const step = (): void => told(++done / steps);
    await loader.ask(EXIT_XIP, []);
    for (const { at, bytes } of sectors) {
      await loader.ask(FLASH_ERASE, [at, SECTOR]);
      await loader.ask(WRITE, [at, SECTOR], bytes);
      step();
    }
    await loader.ask(ENTER_XIP, []);
    for (const { at, bytes } of sectors) {
      const found = await loader.ask(READ, [at, SECTOR], SECTOR);
      if (bytes.some((byte, n) => byte !== found[n])) throw new BoardTrouble(words.usb_differs);
      step();
    }
    if (device.productId === RP2350) await loader.ask(REBOOT2, [0, START_MS, 0, 0]);
    else await loader.ask(REBOOT, [0, 0, START_MS]);
  } finally {
    // A board that was unplugged is closed already.
    await device.close().catch(() => undefined);
  }
}

/** A boot loader that listens to nobody else. */
class Loader {
  private token = 0;

  private constructor(
    private readonly device: Device,
    private readonly line: number,
    private readonly from: number,
    private readonly to: number,
  ) {}

  static async open(device: Device): Promise<Loader> {
    const denied = (): never => {
      throw new BoardTrouble(words.usb_denied);
    };
    await device.open().catch(denied);
    try {
      if (device.configuration === null) await device.selectConfiguration(1);
      const found = device.configuration?.interfaces.find(
        (one) => one.alternate.interfaceClass === VENDOR_CLASS,
      );
      const endpoint = (direction: string): number | undefined =>
        found?.alternate.endpoints.find((one) => one.direction === direction && one.type === 'bulk')
          ?.endpointNumber;
      const [from, to] = [endpoint('in'), endpoint('out')];
      if (!found || from === undefined || to === undefined) {
        throw new BoardTrouble(words.usb_strange);
      }
      await device.claimInterface(found.interfaceNumber).catch(denied);
      const loader = new Loader(device, found.interfaceNumber, from, to);
      await loader.reset();
      await loader.ask(EXCLUSIVE_ACCESS, new Uint8Array([AND_EJECT]));
      return loader;
    } catch (error) {
      await device.close().catch(() => undefined);
      throw asBoardTrouble(error);
    }
  }

  /** Whatever somebody else left undone is over. */
  private async reset(): Promise<void> {
    await this.unhalt('in', this.from);
    await this.unhalt('out', this.to);
    await inTime(this.device.controlTransferOut(this.setup(RESET)));
  }

  /** Only one that is halted: on another one the two sides would count packets differently afterwards. */
  private async unhalt(direction: 'in' | 'out', endpoint: number): Promise<void> {
    const index = direction === 'in' ? endpoint | FROM_BOARD : endpoint;
    const setup = { requestType: 'standard', recipient: 'endpoint', value: 0, index } as const;
    const { data } = await inTime(
      this.device.controlTransferIn({ ...setup, request: GET_STATUS }, 2),
    );
    if (data?.byteLength && data.getUint8(0) & 1) await this.device.clearHalt(direction, endpoint);
  }

  /** One command, with bytes to the board or, where their number is given, from it. */
  async ask(
    command: number,
    parameters: number[] | Uint8Array,
    data: Uint8Array<ArrayBuffer> | number = 0,
  ): Promise<Uint8Array> {
    const length = typeof data === 'number' ? data : data.length;
    const fromBoard = (command & FROM_BOARD) !== 0;
    try {
      await this.send(this.command(command, parameters, length));
      let got = new Uint8Array();
      if (fromBoard) got = await this.receive(length);
      else if (typeof data !== 'number') await this.send(data);
      // "Done" is a packet the other way; how long it is does not count.
      if (fromBoard) await this.send(new Uint8Array(1));
      else await this.receive(0);
      return got;
    } catch (error) {
      throw asBoardTrouble(error);
    }
  }

  private command(
    id: number,
    parameters: number[] | Uint8Array,
    length: number,
  ): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(COMMAND);
    const view = new DataView(bytes.buffer);
    const size = parameters instanceof Uint8Array ? parameters.length : 4 * parameters.length;
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, ++this.token, true);
    view.setUint8(8, id);
    view.setUint8(9, size);
    view.setUint32(12, length, true);
    if (parameters instanceof Uint8Array) bytes.set(parameters, 16);
    else parameters.forEach((word, n) => view.setUint32(16 + 4 * n, word, true));
    return bytes;
  }

  private async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { status } = await inTime(this.device.transferOut(this.to, bytes));
    if (status !== 'ok') throw await this.refusal();
  }

  private async receive(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const { status, data } = await inTime(this.device.transferIn(this.from, Math.max(length, 1)));
    if (status !== 'ok') throw await this.refusal();
    if ((data?.byteLength ?? 0) < length) throw new BoardTrouble(words.usb_strange);
    return new Uint8Array(
      (data?.buffer.slice(data.byteOffset) ?? new ArrayBuffer()) as ArrayBuffer,
    );
  }

  /** Why it would not do what it was asked, in its own number. */
  private async refusal(): Promise<BoardTrouble> {
    const { data } = await inTime(this.device.controlTransferIn(this.setup(STATUS), 16));
    const code = data && data.byteLength >= 8 ? data.getUint32(4, true) : 0;
    return new BoardTrouble(words.usb_refused, { code });
  }

  private setup(request: number): Setup {
    return { requestType: 'vendor', recipient: 'interface', request, value: 0, index: this.line };
  }
}

/** What a browser throws in the middle of it is a board that is gone. */
function asBoardTrouble(error: unknown): BoardTrouble {
  return error instanceof BoardTrouble ? error : new BoardTrouble(words.usb_gone);
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  let limit: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new BoardTrouble(words.usb_silent)), LIMIT_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(limit));
}
