from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import Run
from shim import documents
from shim.documents import InvalidResult, ResultTooLarge

from stratagem import Communication, Contact

Doc = dict[str, Any]


def written(contact: Contact) -> Doc:
    doc = documents.result(contact, "run", False)
    assert doc is not None
    return doc


def test_a_contact_comes_back_as_it_was(contact_doc: Doc) -> None:
    assert written(documents.contact(contact_doc)) == contact_doc


def test_a_new_communication_has_no_id(contact_doc: Doc) -> None:
    contact = documents.contact(contact_doc)
    contact.communications.append(Communication("Follow-up", "Second", datetime(2024, 3, 2), priority=1))
    assert written(contact)["communications"][1] == {
        "id": None, "name": "Follow-up", "stage_name": "Second", "start_date": "2024-03-02T00:00:00", "start_state": None,
        "params": {"priority": 1}, "status": "planned", "channel": None, "delivery": "none", "flagged": False,
    }  # fmt: skip


def test_an_aware_start_date_keeps_its_offset(contact_doc: Doc) -> None:
    contact = documents.contact(contact_doc)
    contact.communications[0].start_date = datetime(2024, 3, 2, tzinfo=timezone(timedelta(hours=2)))
    assert written(contact)["communications"][0]["start_date"] == "2024-03-02T00:00:00+02:00"
    contact.communications[0].start_date = datetime(2024, 3, 2, tzinfo=timezone(timedelta(seconds=90)))
    assert written(contact)["communications"][0]["start_date"] == "2024-03-01T23:58:30+00:00"


def test_none_is_an_answer_where_the_hook_allows_it() -> None:
    assert documents.result(None, "on_agent_answer", True) is None
    with pytest.raises(InvalidResult, match="run returned None: it must return the contact"):
        documents.result(None, "run", False)


@pytest.mark.parametrize("value", ["done", 1, {"name": "x"}, [], Contact])
def test_anything_else_is_named(value: Any) -> None:
    with pytest.raises(InvalidResult, match=f"run returned a value of type {type(value).__name__}"):
        documents.result(value, "run", False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("c.results['amount'] = float('nan')", "contact.results.amount: nan is no number"),
        ("c.name = None", "contact.name: must be text, not None"),
        ("c.phone = 123", "contact.phone: must be text, not a value of type int"),
        ("c.params = []", "contact.params: must be a dict, not a value of type list"),
        ("c.params = {1: 2}", "contact.params: its own keys must be text"),
        ("c.communications = None", "contact.communications: must be a list"),
        ("c.communications.append({})", r"contact.communications\[1\]: must be a Communication"),
        ("c.communications[0].stage_name = None", r"contact.communications\[0\].stage_name: must be text"),
        ("c.communications[0].params = 1", r"contact.communications\[0\].params: must be a dict"),
        ("vars(c.communications[0])['start_date'] = 1", r"contact.communications\[0\].start_date: must be a datetime"),
        ("vars(c.communications[0])['status'] = 'x'", r"contact.communications\[0\].status: must be a Communication"),
        ("vars(c)['communications_total'] = -1", "contact.communications_total: must be a count"),
        ("c.current_stage = '\\ud800'", "contact.current_stage: text holds a lone surrogate"),
    ],
)
def test_a_bad_field_is_named(run: Run, change: str, message: str) -> None:
    with pytest.raises(InvalidResult, match=message):
        run(f"def run(c, e, logger):\n    {change}\n    return c")


def test_a_huge_result_is_refused_before_it_is_written(contact_doc: Doc) -> None:
    contact = documents.contact(contact_doc)
    for huge in ("y" * 5_000_000, [0] * 5_000_000, ["y" * 1000] * 5000):
        contact.results["x"] = huge
        with pytest.raises(ResultTooLarge, match=r"contact.results.x.*: here the result becomes larger than 2,097,152 bytes"):
            documents.result(contact, "run", False)
    assert documents.result(contact, "run", False, max_bytes=6_000_000)


def test_a_bypassed_guard_is_left_to_the_host(run: Run) -> None:
    contact, _ = run("def run(c, e, logger):\n    vars(c)['id'] = 'other'\n    return c")
    assert contact["id"] == "other"
