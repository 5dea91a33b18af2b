// A Pico in its boot loader at the USB, as a page sees it by WebUSB: a model after the RP2040's datasheet, 2.8.5,
// since no true one can be plugged in here. It is as strict as that: what is not asked for in its order, or
// unaligned, stalls; flash is written by clearing bits; nothing of it is read before it is mapped again.

/** Plugs it in, in a page. `window.atUsb` is what it holds, and `how` it fails: it denies, refuses, flips, is gone. */
export function plugIn(productId) {
  const [IN, OUT, LINE] = [4, 3, 1];
  const FLASH = 0x1000_0000;
  const board = {
    flash: new Uint8Array(0x20_0000).fill(0x55),
    how: {},
    writes: 0,
    started: false,
    ejected: false,
  };
  window.atUsb = board;
  let opened = false;
  let claimed = false;
  let mapped = true;
  let halted = false;
  let status = { token: 0, code: 0 };
  /** The command whose data is under way, and what the host takes next. */
  let pending = null;
  const answers = [];

  const refuse = (code) => {
    status = { ...status, code };
    halted = true;
    pending = null;
    return 'stall';
  };
  const here = () => {
    if (!opened) throw new DOMException('not open', 'InvalidStateError');
    if (board.how.gone && board.writes >= board.how.gone) {
      throw new DOMException('The device was disconnected.', 'NotFoundError');
    }
  };
  const range = (view, by) => {
    const [at, size] = [view.getUint32(16, true) - FLASH, view.getUint32(20, true)];
    if (at < 0 || at + size > board.flash.length) return { wrong: 4 };
    return at % by || size % by ? { wrong: 5 } : { at, size };
  };

  function take(view) {
    if (view.byteLength !== 32 || view.getUint32(0, true) !== 0x431f_d10b) return refuse(1);
    const [id, size, length] = [view.getUint8(8), view.getUint8(9), view.getUint32(12, true)];
    status = { token: view.getUint32(4, true), code: 0 };
    const sizes = { 0x01: 1, 0x02: 12, 0x03: 8, 0x84: 8, 0x05: 8, 0x06: 0, 0x07: 0 };
    if (!(id in sizes)) return refuse(1);
    if (size !== sizes[id]) return refuse(2);
    if (id !== 0x01 && !board.ejected) return refuse(9);
    const acknowledge = () => answers.push(new Uint8Array());
    switch (id) {
      case 0x01:
        board.ejected = view.getUint8(16) === 2;
        break;
      case 0x02:
        board.started = view.getUint32(16, true) === 0;
        break;
      case 0x03: {
        const { wrong, at, size } = range(view, 4096);
        if (wrong || mapped) return refuse(wrong ?? 9);
        board.flash.fill(0xff, at, at + size);
        break;
      }
      case 0x05: {
        const { wrong, at, size } = range(view, 256);
        if (board.how.refuses) return refuse(board.how.refuses);
        if (wrong || mapped || length !== size) return refuse(wrong ?? (mapped ? 9 : 3));
        pending = { at, left: size };
        return 'ok';
      }
      case 0x84: {
        const { wrong, at, size } = range(view, 1);
        if (wrong || !mapped || length !== size) return refuse(wrong ?? (mapped ? 3 : 9));
        answers.push(board.flash.slice(at, at + size));
        pending = { done: true };
        return 'ok';
      }
      default:
        mapped = id === 0x07;
    }
    acknowledge();
    return 'ok';
  }

  function write(bytes) {
    if (bytes.length > pending.left) return refuse(3);
    for (const [n, byte] of bytes.entries()) board.flash[pending.at + n] &= byte;
    const { flips } = board.how;
    if (flips >= pending.at && flips < pending.at + bytes.length) board.flash[flips] ^= 1;
    pending = { at: pending.at + bytes.length, left: pending.left - bytes.length };
    if (pending.left === 0) {
      pending = null;
      board.writes += 1;
      answers.push(new Uint8Array());
    }
    return 'ok';
  }

  const device = {
    productId,
    configuration: null,
    async open() {
      if (board.how.denied) throw new DOMException('Access denied.', 'SecurityError');
      [opened, board.started, board.ejected] = [true, false, false];
    },
    async close() {
      [opened, claimed] = [false, false];
    },
    async selectConfiguration(value) {
      here();
      const bulk = (endpointNumber, direction) => ({ endpointNumber, direction, type: 'bulk' });
      const drive = { interfaceClass: 0x08, endpoints: [bulk(1, 'in'), bulk(2, 'out')] };
      const loader = { interfaceClass: 0xff, endpoints: [bulk(OUT, 'out'), bulk(IN, 'in')] };
      this.configuration = {
        configurationValue: value,
        interfaces: [
          { interfaceNumber: 0, alternate: drive },
          { interfaceNumber: LINE, alternate: loader },
        ],
      };
    },
    async claimInterface(number) {
      here();
      // The drive's is the system's.
      if (number !== LINE) throw new DOMException('protected', 'SecurityError');
      claimed = true;
    },
    async clearHalt() {
      here();
      halted = false;
    },
    async controlTransferIn({ requestType, request }, length) {
      here();
      const data = new DataView(new ArrayBuffer(length));
      if (requestType === 'standard') data.setUint8(0, Number(halted));
      else if (request === 0x42) {
        data.setUint32(0, status.token, true);
        data.setUint32(4, status.code, true);
      } else return { status: 'stall' };
      return { status: 'ok', data };
    },
    async controlTransferOut({ request, index }) {
      here();
      if (request !== 0x41 || index !== LINE) return { status: 'stall' };
      [halted, pending, board.ejected] = [false, null, false];
      answers.length = 0;
      return { status: 'ok' };
    },
    async transferOut(endpoint, data) {
      here();
      if (!claimed || endpoint !== OUT || halted) return { status: 'stall' };
      const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
      if (pending?.done) {
        pending = null;
        return { status: 'ok' };
      }
      if (pending) return { status: write(bytes) };
      return { status: take(new DataView(bytes.slice().buffer)) };
    },
    async transferIn(endpoint, length) {
      here();
      // The time that a true one takes to erase and write, and more than a page needs to draw.
      await new Promise((done) => setTimeout(done, 20));
      if (!claimed || endpoint !== IN || halted) return { status: 'stall' };
      const answer = answers.shift();
      if (!answer) return new Promise(() => undefined);
      return { status: answer.length > length ? 'babble' : 'ok', data: new DataView(answer.buffer) };
    },
  };
  const requestDevice = async ({ filters }) => {
    const fits = filters.some((one) => one.vendorId === 0x2e8a && one.productId === productId);
    if (!fits) throw new DOMException('No device selected.', 'NotFoundError');
    return device;
  };
  Object.defineProperty(navigator, 'usb', { value: { requestDevice } });
}
