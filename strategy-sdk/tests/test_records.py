"""The typed worlds' records, with classes that stand in for the generated ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import CONTACT, CONTEXT, MESSAGE
from shim import clock, documents, records
from shim.hooks import AGGREGATION, ANSWER_ANALYSIS, DATA_LOAD, Hook
from shim.loop import RunLoop
from shim.given import Documents
from shim.runtime import Runtime
from shim.source import TenantFinder
from shim.values import dumps
from test_samples import AGGREGATION as AGGREGATION_SAMPLE
from test_samples import ANSWER_ANALYSIS as ANSWER_ANALYSIS_SAMPLE
from test_samples import DATA_LOAD as DATA_LOAD_SAMPLE

from stratagem import CommunicationStatus, MessageRole
from stratagem import Delivery as SdkDelivery


def enum(name: str, cases: Iterable[str]) -> Any:
    return Enum(name, list(cases))


Status = enum("Status", CommunicationStatus.__members__)
Delivery = enum("Delivery", SdkDelivery.__members__)
Role = enum("Role", MessageRole.__members__)


@dataclass
class Communication:
    id: str | None
    name: str
    stage_name: str
    start_date: str
    start_state: str | None
    params: str
    status: Any
    channel: str | None
    delivery: Any
    flagged: bool


@dataclass
class Contact:
    id: str
    object_id: str
    external_id: str
    name: str
    email: str | None
    phone: str | None
    time_zone: str | None
    current_stage: str | None
    params: str
    results: str
    internal_data: str
    communications: list[Communication]
    communications_total: int


TYPES = SimpleNamespace(Communication=Communication, Contact=Contact, Status=Status, Delivery=Delivery)


def contact_record(**changes: Any) -> Contact:
    """The record of the contact that the other tests have as a document."""
    texts = {name: dumps(CONTACT[name]) for name in ("params", "results", "internal_data")}
    communications = [
        Communication(**one | {"params": "{}", "status": Status.DELIVERED, "delivery": Delivery.SENT})
        for one in CONTACT["communications"]
    ]
    return Contact(**CONTACT | texts | {"communications": communications} | changes)


def message_record() -> Any:
    return SimpleNamespace(**MESSAGE | {"role": Role.AI})


def context_record(session: bool = True) -> Any:
    stages = [SimpleNamespace(**stage) for stage in CONTEXT["campaign"]["stages"]]
    campaign = SimpleNamespace(**CONTEXT["campaign"] | {"stages": stages})
    held = SimpleNamespace(**CONTEXT["session"] | {"messages": [message_record()]})
    return SimpleNamespace(**CONTEXT | {"campaign": campaign, "session": held if session else None})


def test_each_hook_has_its_document() -> None:
    session = CONTEXT | {"session": CONTEXT["session"] | {"messages": [MESSAGE]}}
    none = CONTEXT | {"session": None}
    assert records.document(DATA_LOAD, contact_record(), None, context_record(session=False)) == {
        "contact": CONTACT, "existing_contact": None, "context": none,
    }  # fmt: skip
    again = records.document(DATA_LOAD, contact_record(), contact_record(), context_record())
    assert again["existing_contact"] == CONTACT
    assert records.document(AGGREGATION, contact_record(), '{"OutcomeStatus":"PAID"}', context_record()) == {
        "contact": CONTACT, "session_results": {"OutcomeStatus": "PAID"}, "context": session,
    }  # fmt: skip
    assert records.document(ANSWER_ANALYSIS, contact_record(), message_record(), context_record()) == {
        "contact": CONTACT, "message": MESSAGE, "context": session,
    }  # fmt: skip


def test_a_contact_comes_back_as_it_was() -> None:
    texts = {"params": '{"seen":{"$":"datetime","v":"2024-03-01T10:00:00"},"amount":{"$":"decimal","v":"1.50"}}'}
    record = contact_record(**texts, results="{}", internal_data='{"é":[1,null]}')
    doc = records.contact(record)
    assert doc["params"]["seen"] == datetime(2024, 3, 1, 10)
    written = documents.result(documents.contact(doc), "run", False)
    assert records.contact_record(written, TYPES) == record


@pytest.mark.parametrize("status", list(CommunicationStatus))
def test_every_status_has_a_case(status: CommunicationStatus) -> None:
    record = contact_record()
    record.communications[0].status = Status[status.name]
    doc = records.contact(record)
    assert doc["communications"][0]["status"] == status
    assert records.contact_record(doc, TYPES) == record


def test_none_is_none() -> None:
    assert records.contact_record(None, TYPES) is None


def documents_in_and_out(runtime: Runtime, hook: Hook, other: Any) -> Any:
    """What a compiled strategy does in a run."""
    given = Documents(records.document(hook, contact_record(), other, context_record()))
    return records.contact_record(runtime.run(given), TYPES)


def texts_in_and_out(runtime: Runtime, hook: Hook, other: Any) -> Any:
    """What a source strategy does that stands alone."""
    contact = contact_record()
    return records.returned(runtime.run(records.texts(hook, contact, other, context_record())), contact, TYPES)


both_ways = pytest.mark.parametrize("call", [documents_in_and_out, texts_in_and_out])


def run(call: Any, monkeypatch: pytest.MonkeyPatch, source: str, hook: Hook, other: Any) -> Any:
    # The clock patches the interpreter for good; test_clock.py does that in one of its own.
    monkeypatch.setattr(clock, "set_zone", lambda name: None)
    runtime = Runtime(RunLoop(), lambda: None)
    function = "on_agent_answer" if hook is ANSWER_ANALYSIS else "run"
    try:
        runtime.load({"strategy.py": source}, "strategy.py", function, hook.name)
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, TenantFinder)]
        del sys.modules["strategy"]
    return call(runtime, hook, other)


@both_ways
def test_the_specifications_samples_run(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = run(call, monkeypatch, DATA_LOAD_SAMPLE, DATA_LOAD, None).communications[-1]
    assert (planned.id, planned.name, planned.status) == (None, "Initial Message", Status.PLANNED)
    first, second = run(call, monkeypatch, AGGREGATION_SAMPLE, AGGREGATION, "{}").communications
    assert (first.status, second.name) == (Status.COMPLETED, "Follow-up")
    answered = run(call, monkeypatch, ANSWER_ANALYSIS_SAMPLE, ANSWER_ANALYSIS, message_record())
    assert answered.current_stage == "Payment Promised"
    assert json.loads(answered.internal_data)["last_message_time"]["$"] == "datetime"
    source = "def on_agent_answer(contact, message): return None"
    assert run(call, monkeypatch, source, ANSWER_ANALYSIS, message_record()) is None


EVERYTHING = """
def run(contact, existing_contact, logger, campaign, now, **kwargs):
    assert existing_contact.communications[0].params == {"deep": [1.0, {"a": None}]}
    assert (campaign.stages[0].name, now.isoformat()) == ("First Contact", "2024-03-01T12:00:00")
    contact.params["new"] = now
    contact.communications[0].status = "completed"
    contact.communications.append(existing_contact.communications[0])
    contact.name, contact.phone = "Zo\u00eb", None
    return contact
"""


@both_ways
def test_all_that_is_given_is_there(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    existing = contact_record()
    existing.communications[0].params = '{"deep": [1.0, {"a": null}]}'
    contact = run(call, monkeypatch, EVERYTHING, DATA_LOAD, existing)
    assert (contact.name, contact.email, contact.phone, contact.communications_total) == ("Zo\u00eb", "jane@example.com", None, 1)
    assert json.loads(contact.params)["new"] == {"$": "datetime", "v": "2024-03-01T12:00:00"}
    first, second = contact.communications
    assert (first.status, first.flagged, second.params) == (Status.COMPLETED, True, '{"deep":[1.0,{"a":null}]}')
    assert run(call, monkeypatch, "def run(contact, existing_contact): return contact", DATA_LOAD, None) == contact_record()


def test_what_cannot_cross_is_an_error_and_no_abort() -> None:
    with pytest.raises(UnicodeEncodeError):
        records.returned(["d\ud800"], contact_record(), TYPES)
