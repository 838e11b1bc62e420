"""What a campaign reaches its contacts through: integrations with the user's own accounts, and agents."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from api import Api

PLACEHOLDER = re.compile(r"<.*>")


class AccountsError(Exception):
    """An account is missing, or not filled in."""


@dataclass
class Senders:
    """What was made on the server."""

    integrations: dict[str, str] = field(default_factory=dict)
    """Ids by name."""
    agents: dict[str, str] = field(default_factory=dict)
    """Ids by name."""
    webhooks: dict[str, str] = field(default_factory=dict)
    """Where a provider has to tell what contacts do, by the kind of integration."""

    def named_in(self, stage: dict) -> dict:
        """A stage or an alternative, with the ids of the integration and the agent that it names."""
        body = dict(stage)
        for name, ids in (("integration", self.integrations), ("agent", self.agents)):
            if name in body:
                body[f"{name}_id"] = ids[body.pop(name)]
        return body


def make_senders(api: Api, folder: Path, spec: dict, accounts: dict[str, dict], say: Callable[[str], None]) -> Senders:
    """Makes the integrations and agents of a campaign.toml.

    `accounts` has `settings`, `secrets` and limits by the kind of integration, and is laid over the campaign's own.
    """
    check(accounts, {integration["kind"] for integration in spec["integrations"]})
    made = Senders()
    for integration in spec["integrations"]:
        account = accounts[integration["kind"]]
        settings = integration["settings"] | account["settings"]
        made_id = api.post("/integrations", {"secrets": {}} | integration | account | {"settings": settings})["id"]
        made.integrations[integration["name"]] = made_id
        # Twilio is told a webhook with each call, and a mail server has none.
        if integration["kind"] == "whatsapp_meta":
            made.webhooks[integration["kind"]] = f"{api.url}/hooks/{made_id}"
        say(f"integration    {integration['name']} ({integration['kind']})")
    for agent in spec["agents"]:
        body = {key: value for key, value in agent.items() if key != "rules_file"}
        body["rules"] = (folder / agent["rules_file"]).read_text(encoding="utf-8")
        body["integrations"] = {kind: made.integrations[name] for kind, name in agent["integrations"].items()}
        made.agents[agent["name"]] = api.post("/agents", body)["id"]
        say(f"agent          {agent['name']} ({agent['kind']})")
    return made


def check(accounts: dict[str, dict], kinds: set[str]) -> None:
    """Says everything that has to be filled in, before anything is made."""
    faults = []
    for kind in sorted(kinds):
        account = accounts.get(kind, {})
        if "settings" not in account:
            faults.append(f"[{kind}.settings] is missing")
        for part in ("settings", "secrets"):
            for name, value in account.get(part, {}).items():
                if PLACEHOLDER.fullmatch(str(value)):
                    faults.append(f"[{kind}.{part}] {name} is still {value}")
    if faults:
        raise AccountsError("\n  ".join(["the accounts are not complete:", *faults]))
