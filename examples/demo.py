"""Runs one example from file to last mail in seconds, on a clock that jumps from one due step to the next.

    python examples/demo.py --binary target/debug/stratagem [--example pre-collection]

Starts a server on an empty database, a mail server that only keeps what it is sent, and stand-ins for WhatsApp and the
phone with contacts who answer as the example's answers.toml says, all on loopback; loads the example through the HTTP
API; shows what happens; compares the end with the example's expected.toml. The exit code is 0 only if it is the same.
Needs Python 3.11, its standard library, and aiosmtpd for the mail server (`make demo` sees to that).
"""

import argparse
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from api import Api, ApiError
from expected import differences
from follow import POLL_S, OutOfTime, Watch, heading, line, styled
from load import Example, describe_import, make, upload, wait_for_import
from senders import AccountsError

HERE = Path(__file__).resolve().parent
CATCHER = HERE.parent / "tests" / "support" / "mail_catcher.py"


class DemoError(Exception):
    """Why the demo cannot go on."""


class Child:
    """A process of the demo's own, whose lines on stdout are read as they come. Its stdin stays open while it runs."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.name, self.log = name, log
        self.lines: queue.Queue[str | None] = queue.Queue()
        with log.open("wb") as stderr:
            try:
                self.process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True,
                    encoding="utf-8", errors="replace", env=os.environ | (environment or {}),
                )  # fmt: skip
            except OSError as error:
                raise DemoError(f"the {name} does not start: {error}") from None
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for text in self.process.stdout or ():
            self.lines.put(text.rstrip("\n"))
        self.lines.put(None)

    def wait_for(self, prefix: str, seconds: float) -> str:
        """The rest of the line that begins with `prefix`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                text = self.lines.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                raise DemoError(f"the {self.name} is not ready after {seconds:.0f} s\n{self.last_words()}") from None
            if text is None:
                raise DemoError(f"the {self.name} ended with {self.process.wait()}\n{self.last_words()}")
            if text.startswith(prefix):
                return text.removeprefix(prefix).strip()

    def tell(self, text: str) -> None:
        """Writes a line to its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def taken(self) -> list[str]:
        """The lines since the last call."""
        lines = []
        while not self.lines.empty():
            lines.append(self.lines.get())
        return [text for text in lines if text is not None]

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def start_stand_ins(options: argparse.Namespace, folder: Path, children: list[Child]) -> tuple[Child, Child, dict]:
    """A mail server, WhatsApp and the phone; with the accounts to send through."""
    catcher = Child("mail catcher", [sys.executable, str(CATCHER), "--port", "0"], folder / "catcher.log")
    children.append(catcher)
    answers = HERE / options.example / "answers.toml"
    program = options.providers or Path(options.binary).with_name("stratagem-providers")
    contacts = Child("providers", [str(program), "contacts", str(answers)], folder / "providers.log")
    children.append(contacts)
    port = int(catcher.wait_for("listening on", 20))
    accounts = json.loads(contacts.wait_for("", 20))
    line(f"mail server    127.0.0.1:{port}, keeps what it is sent")
    for kind, account in accounts.items():
        line(f"{kind:13}  {account['settings']['base_url']}, its contacts are those of {options.example}/{answers.name}")
    accounts["smtp"] = {"settings": {"host": "127.0.0.1", "port": port, "tls": "none"}}
    return catcher, contacts, accounts


def start_server(
    options: argparse.Namespace, folder: Path, children: list[Child], deadline: float
) -> tuple[Child, Api]:
    """A server on an empty database, and its API."""
    line("server         starting; the first time it compiles its Python runtime, which takes some 20 s")
    token = secrets.token_urlsafe(32)
    serve = [options.binary, "serve", "--clock", "jump", "--listen", "127.0.0.1:0", "--data-dir", str(folder / "data")]
    environment = {"STRATAGEM_ADMIN_TOKEN": token, "STRATAGEM_HTTP_ALLOW_PRIVATE": "127.0.0.1"}
    server = Child("server", serve, folder / "server.log", environment)
    children.append(server)
    url = server.wait_for("listening on", deadline - time.monotonic())
    line(f"server         {url}")
    return server, Api(url, token)


def run(options: argparse.Namespace, folder: Path, children: list[Child]) -> int:
    deadline = time.monotonic() + options.deadline
    example = Example.read(HERE / options.example)
    heading(f"Stratagem demo: {example.spec['campaign']['name']} on a jumping clock")
    catcher, contacts, accounts = start_stand_ins(options, folder, children)
    server, api = start_server(options, folder, children, deadline)

    heading("Loading through the HTTP API")
    campaign_id, senders = make(api, example, accounts, say=line)
    for kind, webhook in senders.webhooks.items():
        contacts.tell(f"{kind} {webhook}")
        contacts.wait_for(f"told {kind}", 20)
    import_id = upload(api, example, campaign_id, say=line)
    report = wait_for_import(api, import_id)
    for text in describe_import(api, import_id, report):
        line(text)

    heading("Running (times are the campaign's clock, in UTC)")
    watch = Watch(api, campaign_id, catcher.taken)
    status, summary = watch.until_at_rest(deadline)
    patience = time.monotonic() + 2
    while len(watch.mails) < example.expected["mails"] and time.monotonic() < patience:
        time.sleep(POLL_S)
        watch.look()

    heading("At the end")
    people = watch.contacts()
    watch.report(people)
    found = differences(example.expected, report, status, summary, people, watch.mails)
    if not found:
        heading(styled("32", f"As expected: see {example.folder.name}/expected.toml"))
        return 0
    heading(styled("31", "Not as expected"))
    for text in found:
        line(text)
    line(f"last words of the server:\n{server.last_words()}")
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the server, `stratagem`")
    parser.add_argument("--providers", help="`stratagem-providers`; without it the one beside the server")
    parser.add_argument("--example", default="pre-collection", help="a folder beside this file")
    parser.add_argument("--deadline", type=float, default=300, metavar="SECONDS", help="for everything together")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    children: list[Child] = []

    def give_up() -> None:
        # Only if the main thread hangs where no deadline reaches it.
        for child in children:
            child.process.kill()
        os._exit(2)

    watchdog = threading.Timer(options.deadline + 60, give_up)
    watchdog.daemon = True
    watchdog.start()
    with tempfile.TemporaryDirectory(prefix="stratagem-demo-", ignore_cleanup_errors=True) as folder:
        try:
            return run(options, Path(folder), children)
        except (DemoError, OutOfTime, AccountsError, ApiError, OSError, KeyError) as error:
            what = f"the answer has no {error}" if isinstance(error, KeyError) else str(error)
            print(styled("31", f"\nThe demo stopped: {what}"), file=sys.stderr)
            for child in children:
                if child.name == "server" and isinstance(error, OutOfTime | ApiError | KeyError):
                    print(child.last_words(), file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            for child in reversed(children):
                child.end()


if __name__ == "__main__":
    sys.exit(main())
