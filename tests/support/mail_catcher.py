"""A real SMTP server on loopback that keeps what it is sent: for tests, the demo and benchmarks.

The first line on stdout is `listening on PORT`; with --tls the second is `certificate FILE`. After that comes one JSON
object a line for each mail taken: from, to, subject, message_id, text, html, headers. With --ledger the same lines are
appended to a file, before the mail is acknowledged: what is in the ledger was taken, even if the client never heard so.
"""

import argparse
import asyncio
import base64
import email
import email.policy
import json
import os
import ssl
import sys
import tempfile

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, ledger: str | None, quiet: bool, token: str | None) -> None:
        if token:
            # As the server finds out what it can offer.
            self.auth_XOAUTH2 = TokenCheck(token)
        self.outputs = [] if quiet else [sys.stdout]
        if ledger:
            self.outputs.append(open(ledger, "a", encoding="utf-8"))

    async def handle_DATA(self, server, session, envelope) -> str:
        line = json.dumps(describe(envelope), ensure_ascii=False)
        for output in self.outputs:
            print(line, file=output, flush=True)
        return "250 2.0.0 Taken"


class TokenCheck:
    """XOAUTH2 as Google has it: what is not taken is answered by a question, and refused once that is answered by nothing."""

    def __init__(self, expected: str) -> None:
        user, token = expected.split(":", 1)
        self.expected = f"user={user}\x01auth=Bearer {token}\x01\x01".encode()

    async def __call__(self, server, args: list[str]) -> AuthResult:
        if len(args) == 2 and base64.b64decode(args[1]) == self.expected:
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)


def describe(envelope) -> dict:
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)

    def body(kind: str) -> str | None:
        part = message.get_body((kind,))
        return part.get_content().replace("\r\n", "\n") if part else None

    return {
        "from": envelope.mail_from,
        "to": ", ".join(envelope.rcpt_tos),
        "subject": message["Subject"],
        "message_id": message["Message-ID"],
        "text": body("plain"),
        "html": body("html"),
        "headers": {name: str(value) for name, value in message.items()},
    }


def made_on_the_fly() -> tuple[str, ssl.SSLContext]:
    """A certificate for the name `localhost`, which a client trusts only if it is told to trust its maker."""
    # Only here, because everybody else who starts this does without it.
    import trustme

    maker = trustme.CA()
    certificate = os.path.join(tempfile.mkdtemp(prefix="mail-catcher-"), "certificate.pem")
    maker.cert_pem.write_to_path(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    maker.issue_cert("localhost").configure_cert(context)
    return certificate, context


async def serve(options: argparse.Namespace) -> None:
    certificate, context = made_on_the_fly() if options.tls else (None, None)
    keeper = Keeper(options.ledger, options.quiet, options.require_token)

    def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == options.require_auth, handled=False)

    def session() -> SMTP:
        return SMTP(
            keeper,
            hostname="mail-catcher",
            tls_context=context if options.tls == "starttls" else None,
            authenticator=authenticate if options.require_auth else None,
            auth_required=bool(options.require_auth or options.require_token),
            auth_require_tls=False,
            loop=asyncio.get_running_loop(),
        )

    implicit = context if options.tls == "implicit" else None
    server = await asyncio.get_running_loop().create_server(session, options.host, options.port, ssl=implicit)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    if certificate:
        print(f"certificate {certificate}", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ledger", metavar="FILE")
    parser.add_argument("--quiet", action="store_true", help="write no mails to stdout, which somebody has to read")
    parser.add_argument("--require-auth", metavar="USER:PASSWORD")
    parser.add_argument("--require-token", metavar="USER:TOKEN", help="an access token, by XOAUTH2")
    parser.add_argument("--tls", choices=["starttls", "implicit"], help="with a certificate made on the fly")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
