"""An alarm receiving centre by pysiaalarm (SIA DC-09 over TCP): none of the gateway's code.

Arguments: port (0 for any), account, key ("" for plain). Prints its port, then each event that it acknowledged as a line
of JSON. The order {"deaf": true} lets it take connections and say nothing; {"deaf": false} ends that.
"""

import json
import sys
import threading

from pysiaalarm import SIAAccount
from pysiaalarm.sync.handler import SIATCPHandler
from pysiaalarm.sync.server import SIATCPServer
from pysiaalarm.utils import Counter

deaf = False


def told(event):
    line = {
        "type": event.message_type.value,
        "code": event.code,
        "message": event.message,
        "account": event.account,
        "sequence": event.sequence,
        "encrypted": event.encrypted,
        "length_is_right": int(event.length, 16) == len(event.full_message),
    }
    print(json.dumps(line), flush=True)


class Handler(SIATCPHandler):
    def handle(self):
        if deaf:
            self.request.settimeout(30)
            while self.request.recv(1024):
                pass
            return
        super().handle()


def orders():
    global deaf
    for line in sys.stdin:
        deaf = json.loads(line)["deaf"]


port, account, key = int(sys.argv[1]), sys.argv[2], sys.argv[3] or None
accounts = {account: SIAAccount(account, key)}
server = SIATCPServer(("127.0.0.1", port), accounts, told, Counter())
server.RequestHandlerClass = Handler
print(server.server_address[1], flush=True)
threading.Thread(target=orders, daemon=True).start()
server.serve_forever()
