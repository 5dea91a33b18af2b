"""A Modbus master (pymodbus): takes orders as JSON, one a line, and prints the registers that it read.

    modbus_master.py tcp|rtu PORT

`rtu` is a serial line whose other end is at a TCP port, as QEMU offers it.
"""

import json
import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient


def main() -> None:
    way, port = sys.argv[1], int(sys.argv[2])
    if way == "tcp":
        client = ModbusTcpClient("127.0.0.1", port=port, timeout=10)
    else:
        client = ModbusSerialClient(f"socket://127.0.0.1:{port}", baudrate=9600, timeout=10)
    assert client.connect(), "nobody at the other end"
    for line in sys.stdin:
        order = json.loads(line)
        read = client.read_holding_registers(order["from"], count=order["count"], device_id=1)
        answer = {"error": str(read)} if read.isError() else {"registers": read.registers}
        print(json.dumps(answer), flush=True)


main()
