"""Puts our stand-in for Meta's WhatsApp Cloud API to a client that others wrote: pywa.

What pywa sends, the stand-in must take; what the stand-in tells, pywa must find signed and be able to read. Our adapter is tested
against the same stand-in, so that both agree with pywa.

    python tests/oracles/whatsapp.py PATH/TO/stratagem-providers
"""

import http.server
import json
import queue
import subprocess
import sys
import threading

import httpx
from pywa import WhatsApp, errors, utils
from pywa.types import Message, MessageStatus
from pywa.types.templates import BodyText, TemplateLanguage

NUMBER_ID, TOKEN, SECRET = "106540352242922", "EAAG-test-token", "app-secret"
CONTACT = "31612345678"
calls: queue.Queue[tuple[bytes, str]] = queue.Queue()


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps every call and answers 200."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        calls.put((body, self.headers["x-hub-signature-256"]))

    def log_message(self, *_):
        pass


def told() -> dict:
    """The next call, once pywa has found its signature right and that of a changed body wrong."""
    body, signature = calls.get(timeout=10)
    assert utils.webhook_updates_validator(SECRET, body, signature)
    assert not utils.webhook_updates_validator(SECRET, body + b" ", signature)
    return json.loads(body)


def client(url: str, token: str = TOKEN) -> WhatsApp:
    """pywa, turned away from Meta and to the stand-in."""
    session = httpx.Client()
    whatsapp = WhatsApp(phone_id=NUMBER_ID, token=token, session=session, api_version=23.0)
    session.base_url = f"{url}/v23.0"
    return whatsapp


def check(url: str, write) -> None:
    whatsapp = client(url)
    for name, params in [
        ("numbered", [BodyText.params("Ada", "Friday")]),
        ("named", [BodyText.params(first_name="Ada")]),
    ]:
        sent = whatsapp.send_template(CONTACT, name, TemplateLanguage.ENGLISH_US, params, tracker=f"reference-{name}")
        for status in ("sent", "delivered"):
            update = MessageStatus.from_update(whatsapp, told(), status_idx=0, contact_idx=0)
            assert (update.id, update.status, update.tracker) == (sent.id, status, f"reference-{name}"), update

    write(f"{CONTACT} Yes, on Friday")
    message = Message.from_update(whatsapp, told())
    assert (message.text, message.from_user.wa_id) == ("Yes, on Friday", CONTACT), message
    answer = whatsapp.send_message(CONTACT, "Thank you", reply_to_message_id=message.id)
    assert MessageStatus.from_update(whatsapp, told(), status_idx=0, contact_idx=0).id == answer.id
    told()

    # Outside the window a text is accepted, and fails with the code that pywa knows for that.
    whatsapp.send_message("31600000009", "Hello")
    failed = MessageStatus.from_update(whatsapp, told(), status_idx=0, contact_idx=0)
    assert isinstance(failed.error, errors.ReEngagementMessage), failed.error

    try:
        client(url, "another").send_message(CONTACT, "Hello")
    except errors.ExpiredAccessToken:
        pass
    else:
        raise AssertionError("a wrong token was taken")


def main(program: str) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{server.server_port}/hooks/i1"
    command = [program, "meta", "0", hook]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        try:
            check(peer.stdout.readline().strip(), lambda line: print(line, file=peer.stdin, flush=True))
        finally:
            peer.stdin.close()
    print("pywa and the stand-in understand each other")


if __name__ == "__main__":
    main(sys.argv[1])
