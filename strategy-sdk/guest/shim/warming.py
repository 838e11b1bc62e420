"""What an image is warmed up with: a contact, and functions that use what strategies use.

CPython notes in its code what it meets, and allocates on first use. What was met before the image was taken need not be met
again by each contact's run: a cold first call takes twice the fuel and writes half as many pages again.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from shim.hooks import AGGREGATION, ANSWER_ANALYSIS, DATA_LOAD
from stratagem import Communication, Contact, Message

_AT = "2026-01-05T09:30:00"
_ID = "0190b2c0-0000-7000-8000-000000000000"
_CONTACT = {
    "id": _ID,
    "object_id": "object-1",
    "external_id": "external-1",
    "name": "Zo\u00eb Warm",
    "email": "zoe@example.com",
    "phone": "+491701234567",
    "time_zone": None,
    "current_stage": "First",
    "params": {"amount": 12.5, "count": 3, "list": [1, "two", None, True], "due": {"$": "date", "v": "2026-02-01"}},
    "results": {"answer": "yes"},
    "internal_data": {"seen": {"$": "datetime", "v": _AT}, "paid": {"$": "decimal", "v": "12.50"}},
    "communications": [
        {
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
        for number, status in enumerate(["completed", "started", "planned"])
    ],
    "communications_total": 3,
}
_SAID = {"role": "HUMAN", "content": "Yes, I will pay on Friday.", "at": _AT}
INPUT = json.dumps(
    {
        "contact": _CONTACT,
        "existing_contact": _CONTACT,
        "session_results": {"answer": "yes"},
        "message": _SAID,
        "context": {
            "now": _AT,
            "time_zone": "UTC",
            "campaign": {
                "id": _ID,
                "name": "Warm",
                "time_zone": "UTC",
                "stages": [{"name": "First", "channel": "none"}, {"name": "Second", "channel": "none"}],
            },
            "session": {"id": _ID, "channel": "none", "agent": "Agent", "messages": [_SAID, _SAID]},
            "contact_bytes": 1 << 20,
        },
    },
    ensure_ascii=False,
)


async def _load(contact: Contact, existing_contact: Contact | None, logger: Any, **kwargs: Any) -> Contact:
    planned = datetime.now() + timedelta(days=contact.params["count"])
    contact.communications.append(Communication(name="Planned", stage_name="Second", start_date=planned, params={"a": 1}))
    contact.params["name"] = f"{contact.name} {planned:%d.%m.%Y}"
    contact.current_stage = "Second"
    return contact


def _aggregate(contact: Contact, session_results: dict[str, Any], logger: Any, **kwargs: Any) -> Contact:
    contact.results.update(session_results)
    contact.communications = [each for each in contact.communications if each.flagged or each.status == "planned"]
    return contact


async def _analyze(contact: Contact, message: Message, **kwargs: Any) -> Contact:
    if "pay" in message.content.lower():
        contact.results["promise"] = str(message.at.date())
    return contact


FUNCTIONS = {DATA_LOAD: _load, AGGREGATION: _aggregate, ANSWER_ANALYSIS: _analyze}
