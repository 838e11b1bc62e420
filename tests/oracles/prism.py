"""Holds what our channels send to the providers' own descriptions of their APIs, with Prism between the server and the stand-ins.

A real server, on a jumping clock, has a conversation over WhatsApp, one on the phone and one on Telegram, with the settings of
stages that change a request. Prism (`prism proxy`) reads each request and each answer on its way, and compares it with the description: Meta's for the
WhatsApp Cloud API, Twilio's for its API 2010-04-01, and for Telegram, which has none, one that is made of the table that others keep. What is
amended in them is in `described/`, with the reasons. Of forms Prism looks at the fields that it knows, and at the last of those that come several
times; that there are no others is seen to by Twilio's stand-in.

    STRATAGEM_PROVIDER_SPECS=FOLDER python tests/oracles/prism.py PATH/TO/stratagem-providers

FOLDER has `meta-whatsapp-cloud-v23.yaml` (github.com/facebook/openapi), `twilio-api-v2010.json` (github.com/twilio/twilio-oai) and
`telegram-bot-api-10.1.json` (github.com/PaulSonOfLars/telegram-bot-api-spec). STRATAGEM_PRISM names Prism where it is not on the PATH.
"""

import argparse
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))

from api import Api  # noqa: E402
from demo import Child, start_server  # noqa: E402
from described import FILES, description  # noqa: E402

PATIENCE_S = 300
BOT = "123456:token"
CHAT = 7_000_000_001

CONTACTS = """
["+12025550101"]
whatsapp = ["I will pay."]
["+12025550104"]
phone = ["I will pay."]
"""

RULES = """
greeting = "Hello {name}, will you pay?"
fallback = "Sorry?"
[[rule]]
when = "pay"
say = "Thank you."
end = true
results = { OutcomeStatus = "PROMISE" }
"""

LOAD = """
async def run(contact, existing_contact, logger, **kwargs):
    stage = contact.params["do"]
    contact.communications.append(Communication("Talk", stage_name=stage, start_date=datetime.now()))
    return contact
"""

LEAVE = """
async def run(contact, *args, **kwargs):
    return contact
"""

LEAVE_ANSWERS = """
async def on_agent_answer(contact, message, **kwargs):
    return None
"""

TEMPLATE = {"template_name": "reminder", "start_state": "asking"}
STAGES = {
    "Plain": ("whatsapp_meta", TEMPLATE),
    "Numbered": ("whatsapp_meta", TEMPLATE | {"language": "en_GB", "parameters": ["{{ contact.name }}"], "header": {"text": "{{ contact.name }}"}}),
    "Named": (
        "whatsapp_meta",
        TEMPLATE | {"parameters": {"first_name": "{{ contact.name }}"}, "header": {"image": "https://example.com/a.png"},
                    "buttons": {"0": "{{ contact.object_id }}"}},
    ),
    "Call": ("twilio", {"start_state": "asking", "language": "en-GB", "ring_s": 30, "time_limit_s": 600}),
    "Bot": ("telegram", {}),
}  # fmt: skip
PEOPLE = {
    "1": ("+12025550101", "Plain"),
    "2": ("+12025550102", "Numbered"),
    "3": ("+12025550103", "Named"),
    "4": ("+12025550104", "Call"),
    "5": ("", "Bot"),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what: str, ask):
    """Asks again and again until there is an answer."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {PATIENCE_S} s in vain for {what}")
        time.sleep(0.1)
    return answer


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Prism:
    """Prism before one stand-in."""

    def __init__(self, program: str, description: Path, upstream: str, folder: Path, children: list[Child]) -> None:
        self.port = free_port()
        at = ["-h", "127.0.0.1", "-p", str(self.port)]
        command = [program, "proxy", str(description), upstream, *at]
        self.child = Child(f"Prism for {description.name}", command, folder / f"prism-{self.port}.log")
        children.append(self.child)

    def ready(self) -> str:
        """Where it is, once it listens: it reads its description first."""
        until(self.child.name, lambda: listens(self.port) or self.child.process.poll() is not None)
        if self.child.process.poll() is not None:
            raise SystemExit(f"{self.child.name} ended: " + "\n".join([*self.child.taken(), self.child.last_words()]))
        return f"http://127.0.0.1:{self.port}"

    def found(self) -> tuple[dict[str, int], set[str]]:
        """How often each call was made, and every violation."""
        calls: dict[str, int] = {}
        faults = set()
        for text in self.child.taken():
            # [time] › [HTTP SERVER] post /v23.0/1/messages ℹ  info      Request received
            if seen := re.search(r"\[HTTP SERVER\] (\w+) (\S+) .*Request received", text):
                call = f"{seen[1].upper()} {urllib.parse.urlsplit(seen[2]).path}"
                calls[call] = calls.get(call, 0) + 1
            elif re.search(r"Violation|✖|⚠", text):
                faults.add(text.split("› ", 1)[-1].strip())
        return calls, faults


def make(api: Api, accounts: dict[str, dict]) -> dict[str, str]:
    """Makes the integrations, and tries each. Their ids by kind."""
    made = {}
    for kind, account in accounts.items():
        made[kind] = api.post("/integrations", {"name": kind, "kind": kind} | account)["id"]
        tried = api.post(f"/integrations/{made[kind]}/test")
        assert tried["ok"], f"{kind}: {tried['error']}"
    return made


def campaign(api: Api, integrations: dict[str, str]) -> str:
    """A campaign that is not active yet, with its contacts. Its id."""
    agent = {"name": "Ann", "kind": "scripted", "rules": RULES, "states": [{"name": "asking"}], "integrations": integrations}
    agent_id = api.post("/agents", agent)["id"]
    made = api.post("/campaigns", {"name": "Described", "time_zone": "UTC"})["id"]
    for name, (channel, settings) in STAGES.items():
        stage = {"name": name, "channel": channel, "agent_id": agent_id, "settings": settings, "response_timeout_s": 3600}
        api.post(f"/campaigns/{made}/stages", stage)
    for kind, source in (("data_load", LOAD), ("aggregation", LEAVE), ("answer_analysis", LEAVE_ANSWERS)):
        api.post(f"/campaigns/{made}/strategies", {"name": kind, "type": kind, "source": source})
    rows = [f"{number},{number},Ada,,{phone},{stage}" for number, (phone, stage) in PEOPLE.items()]
    file = "\n".join(["object_id,external_id,name,email,phone,do", *rows, ""])
    api.call("POST", f"/campaigns/{made}/imports", file.encode(), "text/csv")
    return made


def play(api: Api, made: str, bot: Child) -> None:
    """Makes the bot known to its contact, and has everybody talked to."""
    path = f"/campaigns/{made}"
    until("the import", lambda: len(list(api.list(f"{path}/contacts"))) == len(PEOPLE))
    contacts = {contact["object_id"]: contact for contact in api.list(f"{path}/contacts")}
    link = api.get(f"/contacts/{contacts['5']['id']}/links")["telegram"][0]["url"]
    bot.tell(f"{CHAT} /start {link.split('start=')[1]}")
    until("the link", lambda: api.get(f"/contacts/{contacts['5']['id']}/links")["telegram"][0]["linked"])
    api.post(f"{path}/activate")
    sessions = f"/sessions?contact_id={contacts['5']['id']}"
    until("the bot to write", lambda: next(iter(api.list(sessions)), None))
    bot.tell(f"{CHAT} I will pay.")
    until("the end", lambda: api.get(path)["status"] == "completed")
    for number, contact in contacts.items():
        (talk,) = api.list(f"/contacts/{contact['id']}/communications")
        assert talk["status"] in ("completed", "no_response"), f"{PEOPLE[number][1]}: {json.dumps(talk, indent=1)}"


def run(options: argparse.Namespace, folder: Path, children: list[Child]) -> list[str]:
    deadline = time.monotonic() + PATIENCE_S
    (folder / "contacts.toml").write_text(CONTACTS, encoding="utf-8")
    contacts = Child("contacts", [options.providers, "contacts", str(folder / "contacts.toml")], folder / "contacts.log")
    bot = Child("bot", [options.providers, "telegram"], folder / "bot.log")
    children += [contacts, bot]
    accounts = json.loads(contacts.wait_for("", 20))
    settings = {"base_url": bot.wait_for("", 20), "bot_username": "acme_bot", "mode": "polling"}
    accounts["telegram"] = {"settings": settings, "secrets": {"bot_token": BOT, "secret_token": "secret"}}
    accounts["whatsapp_meta"]["settings"]["default_language"] = "en_US"

    prisms = {}
    for kind, account in accounts.items():
        described = folder / f"{kind}.json"
        described.write_text(json.dumps(description(kind, Path(options.specs) / FILES[kind])), encoding="utf-8")
        prisms[kind] = Prism(options.prism, described, account["settings"]["base_url"], folder, children)
    for kind, prism in prisms.items():
        accounts[kind]["settings"]["base_url"] = prism.ready()
        prism.child.taken()
    _, api = start_server(options, folder, children, deadline)
    integrations = make(api, accounts)
    contacts.tell(f"whatsapp_meta {api.url}/hooks/{integrations['whatsapp_meta']}")
    contacts.wait_for("told whatsapp_meta", 20)
    play(api, campaign(api, integrations), bot)

    wrong = []
    for kind, prism in prisms.items():
        calls, faults = prism.found()
        print(f"{kind}: " + ", ".join(f"{count} × {call}" for call, count in sorted(calls.items())))
        if not calls:
            wrong.append(f"{kind}: Prism saw no call")
        wrong += [f"{kind}: {fault}" for fault in sorted(faults)]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("providers", help="`stratagem-providers`; the server is the `stratagem` beside it")
    parser.add_argument("--specs", type=Path, default=os.environ.get("STRATAGEM_PROVIDER_SPECS"), help="the folder of descriptions")
    parser.add_argument("--prism", default=os.environ.get("STRATAGEM_PRISM", "prism"))
    options = parser.parse_args()
    options.binary = str(Path(options.providers).with_name("stratagem"))
    if not options.specs or not Path(options.specs).is_dir():
        print("left out: STRATAGEM_PROVIDER_SPECS names no folder of the providers' descriptions. It is to have:")
        print("\n".join(f"  {name}" for name in FILES.values()))
        return 0
    children: list[Child] = []
    if not shutil.which(options.prism):
        print(f"there is no Prism at {options.prism}: npm install @stoplight/prism-cli", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="stratagem-prism-", ignore_cleanup_errors=True) as folder:
        try:
            wrong = run(options, Path(folder), children)
        finally:
            for child in reversed(children):
                child.end()
    if wrong:
        print("\nnot as the providers describe it:\n  " + "\n  ".join(wrong), file=sys.stderr)
        return 1
    print("what our channels send is as the providers describe it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
