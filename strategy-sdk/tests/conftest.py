"""Documents as the host sends them, and a runtime without its component."""

from __future__ import annotations

import copy
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from shim import clock, logs
from shim.loop import RunLoop
from shim.given import Texts
from shim.runtime import Runtime
from shim.source import TenantFinder, module_name
from shim.texts import joined
from shim.views import NAMES

COMMUNICATION: dict[str, Any] = {
    "id": "com-1",
    "name": "Initial Message",
    "stage_name": "First Contact",
    "start_date": "2024-03-01T10:00:00",
    "start_state": None,
    "params": {},
    "status": "delivered",
    "channel": "email_notification",
    "delivery": "sent",
    "flagged": True,
}
CONTACT: dict[str, Any] = {
    "id": "con-1",
    "object_id": "CONTRACT-123",
    "external_id": "USER-456",
    "name": "Jane Smith",
    "email": "jane@example.com",
    "phone": None,
    "time_zone": None,
    "current_stage": "First Contact",
    "params": {"add_param1": "12"},
    "results": {},
    "internal_data": {},
    "communications": [COMMUNICATION],
    "communications_total": 1,
}
CONTEXT: dict[str, Any] = {
    "now": "2024-03-01T12:00:00",
    "time_zone": "Europe/Berlin",
    "campaign": {
        "id": "cam-1",
        "name": "Reminders",
        "time_zone": "Europe/Berlin",
        "stages": [{"name": "First Contact", "channel": "email_notification"}],
    },
    "session": {"id": "ses-1", "channel": "email_notification", "agent": None, "messages": []},
}
MESSAGE = {"role": "AI", "content": "You made a promise to pay, thank you.", "at": "2024-03-01T11:59:00"}


@pytest.fixture
def contact_doc() -> dict[str, Any]:
    return copy.deepcopy(CONTACT)


Outcome = tuple[Any, list[tuple[str, str]]]
Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Loads a source, calls its hook, and gives the output's document and the log."""
    # The clock patches the interpreter for good; test_clock.py does that in one of its own.
    monkeypatch.setattr(clock, "set_zone", lambda name: None)
    modules: dict[str, str] = {}
    lines: list[tuple[str, str]] = []
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers[:] = [logs.RunLogHandler(lambda level, line: lines.append((level, line)))]
    root.setLevel(logging.DEBUG)

    def run(
        source: str | dict[str, str], hook: str = "data_load", function: str | None = None, main: str = "strategy.py", **changes: Any
    ) -> Outcome:
        name = function or ("on_agent_answer" if hook == "answer_analysis" else "run")
        runtime = Runtime(RunLoop(), lambda: None)
        forget(modules)
        modules.update(source if isinstance(source, dict) else {main: source})
        runtime.load(modules, main, name, hook)
        document = {"contact": CONTACT, "existing_contact": None, "context": CONTEXT} | changes
        if hook == "aggregation":
            document = {"session_results": {}} | document
        if hook == "answer_analysis":
            document = {"message": MESSAGE} | document
        return whole(document["contact"], runtime.run(texts(document))), lines

    yield run
    root.handlers[:], root.level = before
    forget(modules)


def texts(document: dict[str, Any]) -> Texts:
    """What the host makes of a document."""
    other, context = document.get("session_results", document.get("message")), document["context"]
    existing = document.get("existing_contact")
    about = [
        context["time_zone"], str(2 << 20), context["now"], None if other is None else json.dumps(other),
        json.dumps(context["campaign"]), json.dumps(context["session"]) if context.get("session") else None,
    ]  # fmt: skip
    return Texts(given(document["contact"]), given(existing) if existing else "", joined(about))


def given(contact: dict[str, Any]) -> str:
    objects = [json.dumps(contact[name]) for name in OBJECTS]
    communications = [json.dumps(communication) for communication in contact["communications"]]
    return joined([*(contact[name] for name in TEXTS), str(contact["communications_total"]), *objects, *communications])


def whole(contact: dict[str, Any], changes: list[str] | None) -> dict[str, Any] | None:
    """What the host makes of what comes back."""
    if changes is None:
        return None
    made = dict(contact)
    for change in changes:
        name, text = NAMES[change[0].lower()], change[1:]
        if name == "communications":
            if made[name] is contact[name]:
                made[name] = []
            if text:
                made[name].append(contact[name][int(text)] if text.isdecimal() else json.loads(text))
        elif name in OBJECTS:
            made[name] = json.loads(text)
        else:
            made[name] = None if change[0].isupper() else int(text) if name == "communications_total" else text
    return made


TEXTS = ("id", "object_id", "external_id", "name", "email", "phone", "time_zone", "current_stage")
OBJECTS = ("params", "results", "internal_data")


def forget(modules: dict[str, str]) -> None:
    """A component loads once in its life; here many loads follow each other."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, TenantFinder)]
    for path in modules:
        sys.modules.pop(module_name(path), None)
    modules.clear()
