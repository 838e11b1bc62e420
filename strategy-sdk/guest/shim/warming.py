"""What an image is warmed up with: a contact, and functions that use what strategies use.

CPython notes in its code what it meets, and allocates on first use. What was met before the image was taken need not be met
again by each contact's run: a cold first call takes twice the fuel and writes half as many pages again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from shim.hooks import AGGREGATION, ANSWER_ANALYSIS, DATA_LOAD, Hook
from stratagem import Communication, Contact, Message

_AT = "2026-01-05T09:30:00"
_ID = "0190b2c0-0000-7000-8000-000000000000"
_SAID = {"role": "HUMAN", "content": "Yes, I will pay on Friday.", "at": _AT}


def _communication(number: int, status: str) -> str:
    values = {
        "id": _ID,
        "name": f"Communication {number}",
        "stage_name": "First",
        "start_date": _AT,
        "start_state": None,
        "params": {"number": number},
        "status": status,
        "channel": "none",
        "delivery": "none",
        "flagged": number == 1,
    }
    return json.dumps(values)


_PARAMS = {"amount": 12.5, "count": 3, "list": [1, "two", None, True], "text": "Zo\u00eb", "more": {"a": 1}}
_NOTES = {"seen": {"$": "datetime", "v": _AT}, "paid": {"$": "decimal", "v": "12.50"}}
_STAGES = [{"name": "First", "channel": "none"}, {"name": "Second", "channel": "none"}]

CONTACT: list[str | None] = [
    _ID,
    "object-1",
    "external-1",
    "Zo\u00eb Warm",
    "zoe@example.com",
    "+491701234567",
    None,
    "First",
    "3",
    json.dumps(_PARAMS, ensure_ascii=False),
    "{}",
    json.dumps(_NOTES),
    *(_communication(at, status) for at, status in enumerate(["completed", "started", "planned"])),
]
NEEDED = ["Europe/Berlin", str(1 << 20), _AT]
ABOUT: list[str | None] = [
    json.dumps({"id": _ID, "name": "Warm", "time_zone": "UTC", "stages": _STAGES}),
    json.dumps({"id": _ID, "channel": "none", "agent": "Agent", "messages": [_SAID, _SAID]}),
]
OTHER = {AGGREGATION: json.dumps({"answer": "yes"}), ANSWER_ANALYSIS: json.dumps(_SAID)}


async def _load(contact: Contact, existing_contact: Contact | None, logger: Any, **kwargs: Any) -> Contact:
    planned = datetime.now() + timedelta(days=contact.params["count"])
    contact.communications.append(Communication(name="Planned", stage_name="Second", start_date=planned, params={"a": 1}))
    contact.params["name"] = f"{contact.name} {planned:%d.%m.%Y}"
    contact.current_stage = "Second"
    logger.info("planned for %s", planned)
    return contact


def _aggregate(contact: Contact, session_results: dict[str, Any], logger: Any, **kwargs: Any) -> Contact:
    contact.results.update(session_results)
    logger.warning("aggregated")
    contact.communications = [each for each in contact.communications if each.flagged or each.status == "planned"]
    return contact


async def _analyze(contact: Contact, message: Message, **kwargs: Any) -> Contact:
    if "pay" in message.content.lower():
        contact.results["promise"] = str(message.at.date())
    return contact


FUNCTIONS: dict[Hook, Callable[..., Any]] = {DATA_LOAD: _load, AGGREGATION: _aggregate, ANSWER_ANALYSIS: _analyze}
