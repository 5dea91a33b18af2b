"""A push service over TLS and the browser behind it, with none of the gateway's code.

    push_service.py FOLDER

Writes the authority that its certificate is from into FOLDER/push-ca.pem, prints the browser's
subscription, and then, for each push that comes, what the browser reads in it: one line of JSON each.
"""

import base64
import datetime
import http.server
import ipaddress
import json
import os
import ssl
import sys

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

FOLDER = sys.argv[1]
PEM = serialization.Encoding.PEM


def say(what):
    print(json.dumps(what), flush=True)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def certificate(name, key, issuer, issuer_key, extension):
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(extension, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def tls():
    """For 127.0.0.1, from an authority made for this run."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    basic = x509.BasicConstraints(ca=True, path_length=None)
    root = certificate("a push authority", root_key, "a push authority", root_key, basic)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = certificate("a push service", key, "a push authority", root_key, here)
    with open(os.path.join(FOLDER, "push-ca.pem"), "wb") as file:
        file.write(root.public_bytes(PEM))
    chain = os.path.join(FOLDER, "push-chain.pem")
    with open(chain, "wb") as file:
        file.write(leaf.public_bytes(PEM))
        plain = serialization.NoEncryption()
        file.write(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


class Browser:
    """What only the browser knows: its key and its secret."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)

    def subscription(self, endpoint):
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": b64(point), "auth": b64(self.auth)}
        return {"endpoint": endpoint, "keys": keys}

    def read(self, body):
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        return json.loads(plain)


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature = self.headers["Authorization"]
        parts = dict(part.split("=", 1) for part in signature.removeprefix("vapid ").split(","))
        say(
            {
                "read": browser.read(body),
                "signed": Vapid02.verify(signature),
                "key": parts["k"],
                "claims": json.loads(unb64(parts["t"].split(".")[1])),
                "urgency": self.headers["Urgency"],
                "ttl": self.headers["TTL"],
            }
        )
        self.send_response(201)
        self.send_header("Location", "https://127.0.0.1/message/1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


browser = Browser()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
server.socket = tls().wrap_socket(server.socket, server_side=True)
say(browser.subscription(f"https://127.0.0.1:{server.server_address[1]}/send/one"))
server.serve_forever()
