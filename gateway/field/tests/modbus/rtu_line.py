"""A serial line between two terminals, on which answers are late, damaged, or not alone.

The gateway opens one end (or a board has it, at a TCP port: `tcp:PORT` in place of a path), a Modbus server the other one. What the server answers passes through here, unit
by unit under the rules that were ordered for it:

  hold    the answer comes so many seconds later, and holds up nobody else's
  before  bytes (hex) on the line right before the answer
  damage  one bit of the answer is turned over
  claim   the answer says that it is this unit's
  times   for so many answers (-1: all)
"""

import asyncio
import os
import socket
import tty

from pymodbus.framer.rtu import FramerRTU


def sealed(body):
    """A frame with its check sum."""
    return body + FramerRTU.compute_CRC(body).to_bytes(2, "big")


class Line:
    """Two pairs of terminals and what happens between them."""

    def __init__(self, path, baud=None):
        self.path = path
        self.baud = baud
        self.rules = {}
        self.echo = False
        self.free_at = 0.0
        self.inner, slave = os.openpty()
        tty.setraw(slave)
        self.server_end = os.ttyname(slave)
        asyncio.get_running_loop().add_reader(self.inner, self.answered)
        self.plug()

    def plug(self):
        if self.path.startswith("tcp:"):
            self.socket = socket.create_connection(("127.0.0.1", int(self.path[4:])))
            self.outer = self.socket.fileno()
            return asyncio.get_running_loop().add_reader(self.outer, self.asked)
        self.outer, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.unlink()
        os.symlink(os.ttyname(self.slave), self.path)
        asyncio.get_running_loop().add_reader(self.outer, self.asked)

    def unplug(self):
        asyncio.get_running_loop().remove_reader(self.outer)
        os.close(self.outer)
        os.close(self.slave)
        self.unlink()

    def unlink(self):
        if os.path.lexists(self.path):
            os.unlink(self.path)

    def order(self, order):
        """What concerns the line and no unit."""
        if order == "unplug":
            self.unplug()
        elif order == "plug":
            self.plug()
        elif order == "echo":
            self.echo = True
        else:
            os.write(self.outer, bytes.fromhex(order))

    def paced(self, data, deliver):
        """Hands on what takes its time on the wire, one thing after the other."""
        loop = asyncio.get_running_loop()
        took = len(data) * 10 / self.baud if self.baud else 0.0
        self.free_at = max(self.free_at, loop.time()) + took
        loop.call_at(self.free_at, deliver, data)

    def asked(self):
        data = os.read(self.outer, 1024)
        if self.echo:
            os.write(self.outer, data)
        self.paced(data, lambda data: os.write(self.inner, data))

    def answered(self):
        data = os.read(self.inner, 1024)
        rules = self.rules.get(data[0], {})
        if not rules.get("times", 0):
            return self.paced(data, self.deliver)
        rules["times"] -= 1
        if rules.get("claim"):
            data = sealed(bytes([rules["claim"]]) + data[1:-2])
        if rules.get("damage"):
            data = data[:3] + bytes([data[3] ^ 4]) + data[4:]
        data = bytes.fromhex(rules.get("before", "")) + data
        loop = asyncio.get_running_loop()
        loop.call_later(rules.get("hold", 0.0), lambda: self.paced(data, self.deliver))

    def deliver(self, data):
        try:
            os.write(self.outer, data)
        except OSError:
            pass  # Pulled out meanwhile.
