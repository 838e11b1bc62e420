"""Follows a campaign over the HTTP API, in words and numbers; for `demo.py`."""

import collections
import datetime as dt
import email.utils
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator

from api import Api
from conversations import Conversations

COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ
POLL_S = 0.2
STALLED_S = 15


class OutOfTime(Exception):
    """The campaign did not come to rest."""


def styled(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOURS else text


def heading(text: str) -> None:
    print("\n" + styled("1", text), flush=True)


def line(text: str) -> None:
    print("  " + text.replace("\n", "\n  "), flush=True)


def moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC) if text else None


def shown(at: dt.datetime | None) -> str:
    return at.strftime("%a %d %b %H:%M") if at else " " * 16


class Watch:
    """Follows a campaign: shows what is new at every look, and keeps it for the end."""

    def __init__(self, api: Api, campaign_id: str, new_mails: Callable[[], list[str]]) -> None:
        self.api, self.campaign, self.new_mails = api, f"/campaigns/{campaign_id}", new_mails
        self.conversations = Conversations(api, campaign_id)
        contacts = self.contacts()
        self.names = {contact["id"]: contact["name"] for contact in contacts}
        self.names_by_email = {contact["email"]: contact["name"] for contact in contacts}
        self.runs: dict[str, dict] = {}
        self.mails: list[dict] = []
        self.lines = 0

    def contacts(self) -> list[dict]:
        return list(self.api.list(f"{self.campaign}/contacts"))

    def until_at_rest(self, deadline: float) -> tuple[str, dict]:
        """The campaign's last status and summary, once nothing is left to do or nothing has moved for too long."""
        last, since = None, time.monotonic()
        while True:
            status = self.api.get(self.campaign)["status"]
            summary = self.api.get(f"{self.campaign}/summary")
            self.look()
            if summary["steps"]["waiting"] == 0 and status == "completed":
                return status, summary
            state = (status, json.dumps(summary, sort_keys=True), len(self.runs), len(self.mails), self.lines)
            if state != last:
                last, since = state, time.monotonic()
            if time.monotonic() - since > STALLED_S:
                line(f"nothing has moved for {STALLED_S} s: the campaign is {status}, steps {summary['steps']}")
                return status, summary
            if time.monotonic() > deadline:
                raise OutOfTime(f"out of time: the campaign is {status}, steps {summary['steps']}")
            time.sleep(POLL_S)

    def look(self) -> None:
        """Shows what is new, in the order of the campaign's clock; what happened at one moment by contact."""
        earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
        for at, _, _, text in sorted(self.news(), key=lambda item: (item[0] or earliest, *item[1:3])):
            line(f"{styled('2', shown(at))}  {text}")

    def news(self) -> Iterator[tuple[dt.datetime | None, str, int, str]]:
        """When, about whom, in which order at one moment, and the text."""
        for text in self.new_mails():
            mail = json.loads(text)
            self.mails.append(mail)
            date = mail.get("headers", {}).get("Date")
            at = email.utils.parsedate_to_datetime(date).astimezone(dt.UTC) if date else None
            name = self.names_by_email.get(mail["to"], mail["to"])
            yield at, name, 0, told("36", "mail", f"to {name}: {mail['subject']}")
        for said in self.conversations.new_lines():
            self.lines += 1
            name = self.names.get(said.contact_id, "")
            yield said.at, name, 1, told("33", said.channel, said.text.format(name=name))
        for run in self.new_runs():
            name = self.names.get(run.get("contact_id"), "")
            # A strategy that listened to an answer and had nothing to say about it would only be in the way.
            if run["logs"] or run["outcome"] != "ok":
                yield moment(run.get("now")), name, 2, told("32", "decided", f"{name}: {told_run(run)}")

    def new_runs(self) -> list[dict]:
        fresh = [run["id"] for run in self.api.list(f"{self.campaign}/runs") if run["id"] not in self.runs]
        for run_id in fresh:
            self.runs[run_id] = self.api.get(f"/runs/{run_id}")
        return [self.runs[run_id] for run_id in fresh]

    def report(self, contacts: list[dict]) -> None:
        """The table by stage and outcome, and what decisions cost."""
        mails = collections.Counter(mail["to"] for mail in self.mails)
        rows: dict[tuple[str, str], list[int]] = collections.defaultdict(lambda: [0, 0, 0])
        for contact in contacts:
            row = rows[contact["current_stage"] or "", contact["results"].get("Outcome") or "–"]
            row[0] += 1
            row[1] += mails[contact["email"]] if contact["email"] else 0
            row[2] += contact["messages_received"]
        width = [max(map(len, ("stage", "outcome")[i : i + 1] + tuple(key[i] for key in rows))) for i in (0, 1)]
        line(styled("1", f"{'stage':{width[0]}}  {'outcome':{width[1]}}  contacts  mails  answers"))
        for (stage, outcome), (count, mailed, answers) in sorted(rows.items()):
            line(f"{stage:{width[0]}}  {outcome:{width[1]}}  {count:8}  {mailed:5}  {answers:7}")
        print()
        for hook in sorted({run["hook"] for run in self.runs.values()}):
            runs = [run for run in self.runs.values() if run["hook"] == hook]
            fuel, us = (statistics.median(map(value, runs)) for value in (lambda run: run["fuel"], micros))
            line(f"{hook}: {len(runs)} decisions, median {fuel / 1e6:.1f} M fuel and {us:,.0f} µs each")


def told(code: str, what: str, text: str) -> str:
    return f"{styled(code, f'{what:8}')}  {text}"


def told_run(run: dict) -> str:
    cost = styled("2", f"[{run['hook']}, {run['fuel'] / 1e6:.1f} M fuel, {micros(run):,.0f} µs]")
    lines = [entry["message"] if entry["level"] == "info" else f"{entry['level']}: {entry['message']}"
             for entry in run.get("logs") or []]  # fmt: skip
    if run["outcome"] != "ok":
        error = run.get("error") or {}
        lines.append(styled("31", f"failed: {run['outcome']} {error.get('message', '')}"))
    return f"{'; '.join(lines)} {cost}"


def micros(run: dict) -> float:
    return run["wall_us"] if "wall_us" in run else run["wall_ms"] * 1000
