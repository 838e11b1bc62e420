"""What is said in a campaign's conversations, as it is said; for `follow.py`."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from api import Api

CHANNELS = {"whatsapp_meta": "WhatsApp", "twilio": "phone"}


@dataclass
class Line:
    """Something that was said, or how a conversation ended."""

    at: dt.datetime
    channel: str
    contact_id: str
    text: str
    """With `{name}` where the contact's name belongs."""


class Conversations:
    """The two-way sessions of a campaign, each line of them once."""

    def __init__(self, api: Api, campaign_id: str) -> None:
        self.api, self.campaign_id = api, campaign_id
        self.shown: dict[str, int] = {}
        self.ended: set[str] = set()

    def new_lines(self) -> Iterator[Line]:
        """What came since the last call, in the order of each conversation."""
        for listed in self.api.list(f"/sessions?campaign_id={self.campaign_id}"):
            if listed["channel"] not in CHANNELS or listed["id"] in self.ended:
                continue
            session = self.api.get(f"/sessions/{listed['id']}")
            messages = session["messages"]
            for message in messages[self.shown.get(session["id"], 0) :]:
                yield self.line(session, message["at"], said(message))
            self.shown[session["id"]] = len(messages)
            if session["status"] == "closed":
                self.ended.add(session["id"])
                yield self.line(session, session["closed_at"], f"with {{name}} ended: {session['outcome']}")

    def line(self, session: dict, at: str, text: str) -> Line:
        moment = dt.datetime.fromisoformat(at).astimezone(dt.UTC)
        return Line(moment, CHANNELS[session["channel"]], session["contact_id"], text)


def said(message: dict) -> str:
    whence = "from" if message["role"] == "HUMAN" else "to"
    content = " ".join(message["content"].split()).replace("{", "{{").replace("}", "}}")
    return f"{whence} {{name}}: {content}"
