// The cable's other end: a port of this machine where QEMU's user network connects, which gives addresses by
// DHCP and leads to this machine. Four bytes with the length, then the frame.

import { createServer } from 'node:net';

export class Ethernet {
  /** `receive(frame)` takes what comes. */
  constructor(receive) {
    this.other = null;
    this.server = createServer((socket) => {
      this.other = socket;
      socket.setNoDelay(true);
      let kept = Buffer.alloc(0);
      socket.on('data', (part) => {
        kept = Buffer.concat([kept, part]);
        while (kept.length >= 4 && kept.length >= 4 + kept.readUInt32BE(0)) {
          const end = 4 + kept.readUInt32BE(0);
          receive(kept.subarray(4, end));
          kept = kept.subarray(end);
        }
      });
      socket.on('error', () => {});
    });
  }

  /** Listens; resolves to the port. */
  async port() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.server.address().port;
  }

  send(frame) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    this.other?.write(Buffer.concat([length, frame]));
  }
}
