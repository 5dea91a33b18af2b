"""Checks a webhook's signature as docs/webhook.md tells receivers to, with Python's own library."""

import hashlib
import hmac
import json
import sys

request = json.load(sys.stdin)
parts = dict(p.split("=", 1) for p in request["signature"].split(","))
signed = parts["t"].encode() + b"." + request["body"].encode()
wanted = hmac.new(request["secret"].encode(), signed, hashlib.sha256).hexdigest()
json.dump({"valid": hmac.compare_digest(wanted, parts["v1"]), "t": int(parts["t"])}, sys.stdout)
