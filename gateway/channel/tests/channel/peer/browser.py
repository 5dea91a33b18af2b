"""A browser's side of Web Push, with none of the gateway's code.

`subscribe ENDPOINT` prints a subscription and what only the browser knows of it.
`open` reads one push request and prints what was in it, decrypted, and who signed it.
"""

import base64
import json
import os
import sys

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def subscribe(endpoint):
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    auth = os.urandom(16)
    return {
        "subscription": {
            "endpoint": endpoint,
            "expirationTime": None,
            "keys": {"p256dh": b64(point), "auth": b64(auth)},
        },
        "private": b64(key.private_numbers().private_value.to_bytes(32, "big")),
    }


def open_(request):
    scalar = int.from_bytes(unb64(request["private"]), "big")
    plain = http_ece.decrypt(
        unb64(request["body"]),
        private_key=ec.derive_private_key(scalar, ec.SECP256R1()),
        auth_secret=unb64(request["subscription"]["keys"]["auth"]),
        version="aes128gcm",
    )
    authorization = request["authorization"]
    parts = dict(p.split("=", 1) for p in authorization.removeprefix("vapid ").split(","))
    head, claims, _ = parts["t"].split(".")
    return {
        "payload": json.loads(plain),
        "signed": Vapid02.verify(authorization),
        "head": json.loads(unb64(head)),
        "claims": json.loads(unb64(claims)),
        "key": parts["k"],
    }


if sys.argv[1] == "subscribe":
    answer = subscribe(sys.argv[2])
else:
    answer = open_(json.load(sys.stdin))
json.dump(answer, sys.stdout)
