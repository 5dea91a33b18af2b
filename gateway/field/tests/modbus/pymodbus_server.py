"""A Modbus server that is not ours, TCP or RTU, for the tests of the gateway's Modbus master.

The first argument is JSON: {"1": {"holding": {"16": [1, 2, 3]}, "discrete": {"0": [true]}}}: units,
their tables, and runs of values by address. Addresses that are not named do not exist. Prints
"port N" once it listens. Then each line on standard input is an order, answered with "done":

  {"unit": 1, "address": 16, "values": [7]}          registers from 16 on hold this from now on
  {"unit": 1, "exception": 6, "times": 1}            the next requests are answered so (-1: all)
  {"unit": 1, "delay": 0.4, "times": 1}              the next answers come so much later

With a path as second argument it is there as a serial port, over the line in rtu_line.py, and with
`tcp:PORT` at the end of a line that is at that port; a third one is the baud rate at which the line takes
its time. Further orders:

  {"unit": 1, "line": {"hold": 0.4, "times": 1}}     rules for its answers
  {"line": "unplug"}                                 also "plug", "echo", or bytes (hex) on the line
"""

import asyncio
import functools
import json
import sys

try:
    from pymodbus.constants import ExcCodes
    from pymodbus.exceptions import NoSuchIdException
    from pymodbus.server import ModbusSerialServer, ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice
except ImportError as missing:
    print(f"missing {missing}", flush=True)
    sys.exit(3)

TABLES = ("coils", "discrete", "holding", "input")
behaviour = {}


async def act(unit, function, start, address, count, registers, written):
    """Called at each request of a unit."""
    told = behaviour[unit]
    if told["delay"] and told["times"] != 0:
        told["times"] -= 1
        await asyncio.sleep(told["delay"])
    for at, value in told["values"].items():
        if start <= at < start + len(registers):
            registers[at - start] = value
    if told["exception"] and told["times"] != 0:
        told["times"] -= 1
        return ExcCodes(told["exception"])
    return None


def device(unit, tables):
    """A unit with its four tables."""
    behaviour[unit] = {"values": {}, "exception": 0, "delay": 0, "times": 0}
    blocks = []
    for table in TABLES:
        kind = DataType.BITS if table in ("coils", "discrete") else DataType.REGISTERS
        empty = [True] if kind == DataType.BITS else 0
        runs = [
            SimData(int(start), values=values, datatype=kind)
            for start, values in tables.get(table, {}).items()
        ]
        blocks.append(runs or [SimData(65535, values=empty, datatype=kind)])
    return SimDevice(unit, simdata=tuple(blocks), action=functools.partial(act, unit))


async def main():
    units = json.loads(sys.argv[1])
    devices = [device(int(unit), tables) for unit, tables in units.items()]
    line = None
    # A unit that is not there says nothing, as on a real line.
    if len(sys.argv) > 2:
        from rtu_line import Line

        line = Line(sys.argv[2], *map(int, sys.argv[3:]))
        server = ModbusSerialServer(devices, port=line.server_end, ignore_missing_devices=True)
    else:
        server = ModbusTcpServer(devices, address=("127.0.0.1", 0), ignore_missing_devices=True)
    found = server.context.async_getValues

    async def values(unit, *asked):
        """pymodbus 3.16 answers for units that are not there, with a failure of theirs."""
        if unit not in behaviour:
            raise NoSuchIdException()
        return await found(unit, *asked)

    server.context.async_getValues = values
    await server.serve_forever(background=True)
    port = 0 if line else server.transport.sockets[0].getsockname()[1]
    print("port", port, flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    while written := await orders.readline():
        order = json.loads(written)
        if "line" in order:
            if "unit" in order:
                line.rules[order["unit"]] = {"times": -1} | order["line"]
            else:
                line.order(order["line"])
            print("done", flush=True)
            continue
        told = behaviour[order["unit"]]
        for offset, value in enumerate(order.get("values", [])):
            told["values"][order["address"] + offset] = value
        told["exception"] = order.get("exception", 0)
        told["delay"] = order.get("delay", 0)
        told["times"] = order.get("times", -1)
        print("done", flush=True)


asyncio.run(main())
