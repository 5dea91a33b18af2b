"""A modem on a terminal of its own, that sends and receives texts, and misbehaves when it is told to.

A stand-in: no modem and no mobile network can be had here. What the gateway gives it is read by smspdudecoder,
which is somebody else's. Usage: modem.py PATH; lines of JSON come in, and go out for all that happens.
"""

import json
import os
import selectors
import sys
import tty
from io import StringIO

from smspdudecoder.fields import SMSSubmit


def half_bytes(number):
    digits = number.lstrip("+")
    kind = "91" if number.startswith("+") else "81"
    padded = digits + "F" * (len(digits) % 2)
    return f"{len(digits):02X}{kind}" + "".join(b + a for a, b in zip(padded[::2], padded[1::2]))


# A centre whose clock stands in the year 1999.
THEN = "99211311000000"


def deliver(sender, text):
    data = text.encode("utf-16-be")
    return "0004" + half_bytes(sender) + "0008" + THEN + f"{len(data):02X}" + data.hex().upper()


def status_report(reference, to, status):
    return "0006" + f"{reference:02X}" + half_bytes(to) + THEN + THEN + f"{status:02X}"


class Modem:
    def __init__(self, path):
        self.path = path
        self.begun = b""
        self.faults = []
        self.memory = {}
        self.reference = 0
        self.echo = True
        self.registered = True
        self.pin = None
        self.signal = 21
        self.credit = None
        self.pending = None
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ, self.told)
        self.plug()

    def plug(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        if os.path.lexists(self.path):
            os.unlink(self.path)
        os.symlink(os.ttyname(self.slave), self.path)
        self.buffer = b""
        self.echo = True
        self.pending = None
        self.selector.register(self.master, selectors.EVENT_READ, self.heard)
        emit({"plugged": True})

    def unplug(self):
        self.selector.unregister(self.master)
        os.close(self.master)
        os.close(self.slave)
        os.unlink(self.path)
        emit({"unplugged": True})

    def say(self, *lines):
        for line in lines:
            os.write(self.master, f"\r\n{line}\r\n".encode())

    def told(self):
        # Not by readline: what that keeps to itself, no selector sees.
        read = os.read(sys.stdin.fileno(), 65536)
        if not read:
            sys.exit(0)
        *lines, self.begun = (self.begun + read).split(b"\n")
        for line in lines:
            self.order(json.loads(line))

    def order(self, what):
        if "faults" in what:
            self.faults = what["faults"]
        if "registered" in what:
            self.registered = what["registered"]
        if "signal" in what:
            self.signal = what["signal"]
        if "credit" in what:
            self.credit = what["credit"]
        if "pin" in what:
            self.pin = what["pin"]
        if "stored" in what:
            self.memory[9] = deliver(what["stored"]["from"], what["stored"]["text"])
        if "incoming" in what:
            place = next(n for n in range(3, 30) if n not in self.memory)
            self.memory[place] = deliver(what["incoming"]["from"], what["incoming"]["text"])
            self.say(f'+CMTI: "SM",{place}')
        if "report" in what:
            report = what["report"]
            pdu = status_report(report["ref"], report["to"], report["status"])
            self.say(f"+CDS: {len(pdu) // 2 - 1}\r\n{pdu}")
        if what.get("unplug"):
            self.unplug()
        if what.get("plug"):
            self.plug()
        emit({"done": True})

    def heard(self):
        self.buffer += os.read(self.master, 4096)
        while self.buffer:
            if self.pending is not None:
                end = self.buffer.find(b"\x1a")
                if self.buffer.startswith(b"\x1b"):
                    self.pending, self.buffer = None, self.buffer[1:]
                    continue
                if end < 0:
                    return
                pdu, self.buffer = self.buffer[:end], self.buffer[end + 1 :]
                self.message(pdu.decode())
                continue
            self.buffer = self.buffer.lstrip(b"\x1b\r\n")
            end = self.buffer.find(b"\r")
            if end < 0:
                return
            line, self.buffer = self.buffer[:end], self.buffer[end + 1 :]
            if self.echo:
                os.write(self.master, line + b"\r")
            self.command(line.decode())

    def fault(self, of):
        if self.faults and self.faults[0].startswith(of):
            return self.faults.pop(0)[len(of) :].strip()
        return None

    def command(self, line):
        if line == "ATE0":
            self.echo = "echo stays" in self.faults
            return self.say("OK")
        if line == "AT+CPIN?":
            return self.say("+CPIN: SIM PIN" if self.pin else "+CPIN: READY", "OK")
        if line.startswith("AT+CPIN="):
            emit({"pin": line[8:].strip('"')})
            if line[8:].strip('"') != self.pin:
                return self.say("+CME ERROR: 16")
            self.pin = None
            return self.say("OK")
        if line in ("AT+CREG?", "AT+CEREG?"):
            emit({"asked": line})
            return self.say(f"{line[2:-1]}: 0,{1 if self.registered else 2}", "OK")
        if line == "AT+CSQ":
            # Something unasked, in the middle of an answer.
            return self.say("^RSSI: 21", f"+CSQ: {self.signal},99", "OK")
        if line.startswith("AT+CUSD="):
            emit({"dialled": line.split('"')[1]})
            if self.credit is None:
                return self.say("+CME ERROR: 100")
            return self.say("OK", f'+CUSD: 0,"{self.credit}",15')
        if line == "AT+CNMI=2,1,0,1,0":
            return self.say("+CMS ERROR: 302") if self.fault("cnmi") is not None else self.say("OK")
        if line == "AT+CMGL=4":
            for index, pdu in self.memory.items():
                self.say(f"+CMGL: {index},1,,{len(pdu) // 2 - 1}\r\n{pdu}")
            return self.say("OK")
        if line.startswith("AT+CMGR="):
            pdu = self.memory.get(int(line[8:]))
            if pdu is None:
                return self.say("+CMS ERROR: 321")
            return self.say(f"+CMGR: 0,,{len(pdu) // 2 - 1}\r\n{pdu}", "OK")
        if line.startswith("AT+CMGD="):
            self.memory.pop(int(line[8:]), None)
            emit({"forgot": int(line[8:])})
            return self.say("OK")
        if line.startswith("AT+CMGS="):
            fault = self.fault("prompt")
            if fault == "silence":
                return None
            if fault is not None:
                return self.say(fault)
            self.pending = int(line[8:])
            os.write(self.master, b"\r\n> ")
            return None
        return self.say("OK")

    def message(self, pdu):
        length, self.pending = self.pending, None
        fault = self.fault("message")
        if fault == "unplug":
            return self.unplug()
        if fault == "silence":
            return None
        if fault is not None:
            return self.say(fault)
        assert len(pdu) // 2 - 1 == length, (length, pdu)
        said = SMSSubmit.decode(StringIO(pdu))
        self.reference = (self.reference + 1) % 256
        header = said["user_data"]["header"]
        part = header["elements"][0]["data"] if header else {"reference": 0, "part_number": 1, "parts_count": 1}
        number = said["recipient"]["number"]
        kind = said["recipient"]["toa"]["ton"]
        emit({"sent": {"to": number, "kind": kind, "text": said["user_data"]["data"], "ref": self.reference,
              "series": part["reference"], "part": part["part_number"], "of": part["parts_count"],
              "report": said["header"]["srr"]}})
        self.say(f"+CMGS: {self.reference}", "OK")

    def run(self):
        while True:
            for key, _ in self.selector.select():
                try:
                    key.data()
                except OSError:
                    pass


def emit(what):
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    Modem(sys.argv[1]).run()
