"""A mail server (aiosmtpd): prints its port, then each mail that it took, as lines of JSON.

    mailbox.py plain|starttls|tls [CERT KEY [USER PASSWORD]]

It knows nobody called `gone`, and puts off `later`.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

mode, *rest = sys.argv[1:]
cert, key, user, password = (rest + [None] * 4)[:4]


def say(what):
    print(json.dumps(what), flush=True)


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return f"550 5.1.1 <{address}> is not known here"
        if address.startswith("later@"):
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        plain = mail.get_body(("plain",))
        html = mail.get_body(("html",))
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "headers": {name.lower(): str(value) for name, value in mail.items()},
                "type": mail.get_content_type(),
                "plain": plain and plain.get_content(),
                "html": html and html.get_content(),
                "tls": session.ssl is not None or mode == "tls",
                "user": session.authenticated and user,
            }
        )
        return "250 2.0.0 Ok: queued as 4XYZ"


def sign_in(server, session, envelope, mechanism, data):
    ok = data.login.decode() == user and data.password.decode() == password
    return AuthResult(success=ok, handled=False)


def protocol():
    return SMTP(
        Mailbox(),
        hostname="mail.example.org",
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        authenticator=sign_in if user else None,
        auth_required=bool(user),
        # aiosmtpd knows of STARTTLS alone; inside TLS from the first byte nothing is in the clear either.
        auth_require_tls=mode == "starttls",
    )


async def main():
    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", 0, ssl=context if mode == "tls" else None
    )
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


context = None
if cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
asyncio.run(main())
