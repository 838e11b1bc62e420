"""What nobody changed does not come back, and what somebody changed does, in whatever way."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime
from typing import Any

import pytest
from conftest import CONTACT, CONTEXT, OBJECTS, given
from shim import views
from shim.given import joined, split

from stratagem import Communication, CommunicationStatus, Contact

Doc = dict[str, Any]


def after(change: str) -> Doc:
    """What comes back beside texts: the three objects and, where they are not just those that were given, communications."""
    texts = given(copy.deepcopy(CONTACT) | {"results": {"one": 1, "list": [1.5, {"a": None}]}})
    contact = views.contact(texts)
    exec(change, {"contact": contact, "datetime": datetime, "Communication": Communication, "copy": copy, "Status": CommunicationStatus})
    returned = views.result(contact, texts, "run", False, 2 << 20)
    assert returned is not None
    communications = returned[12:]
    return dict(zip(OBJECTS, returned[9:12])) | {"communications": None if communications in (["0"], [None]) else communications}


@pytest.mark.parametrize(
    "look",
    [
        "pass",
        "contact.params, contact.results, contact.internal_data, contact.communications",
        "contact.results['list'][1]['a']",
        "[(comm.start_date, comm.status.status, comm.params) for comm in contact.communications]",
        "contact.results['one'] = 2; contact.results['one'] = 1",
        "comm = contact.communications[0]; comm.status = 'failed'; comm.status.status = 'planned'; comm.status",
        "contact.results = copy.deepcopy(contact.results)",
        "contact.communications = [*contact.communications]",
        "repr(contact), contact == contact",
    ],
)
def test_looking_changes_nothing(look: str) -> None:
    changes = after(look)
    if "comm.status = " in look:
        # Another Status is a change, even where it says the same.
        changes["communications"] = None
    assert set(changes.values()) == {None}


@pytest.mark.parametrize(
    ("change", "name", "text"),
    [
        ("contact.results['one'] = True", "results", '{"one":true,"list":[1.5,{"a":null}]}'),
        ("contact.results['one'] = 1.0", "results", '{"one":1.0,"list":[1.5,{"a":null}]}'),
        ("contact.results['list'][1]['a'] = datetime(2024, 3, 1)", "results", None),
        ("contact.results = {**dict(list=contact.results.pop('list')), **contact.results}", "results", None),
        ("contact.internal_data['x'] = ()", "internal_data", '{"x":{"$":"tuple","v":[]}}'),
        ("contact.params.clear()", "params", "{}"),
    ],
)
def test_a_changed_value_comes_back_whole(change: str, name: str, text: str | None) -> None:
    changes = after(change)
    assert changes.pop(name) == text if text else changes.pop(name) is not None
    assert set(changes.values()) == {None}


def test_communications_come_back_as_places_and_documents() -> None:
    assert after("contact.communications.append(Communication('New', 'Second', datetime(2024, 3, 2)))")["communications"][0] == "0"
    assert after("contact.communications *= 2")["communications"] == ["0", "0"]
    assert after("contact.communications.clear()")["communications"] == []
    for change in ("name = 'x'", "status = Status.FAILED", "status.status = 'failed'", "params['x'] = 1", "start_date = datetime(2025, 1, 1)"):
        (text,) = after(f"contact.communications[0].{change}")["communications"]
        assert text.startswith("{"), change


def test_a_copy_shares_what_it_was_given() -> None:
    contact = views.contact(given(CONTACT))
    other = copy.copy(contact)
    assert other.params is contact.params and other.communications[0] is contact.communications[0]


def test_a_pickle_holds_values() -> None:
    contact = views.contact(given(CONTACT))
    other = pickle.loads(pickle.dumps(contact))
    assert other == contact and "_unread" not in vars(other) and "_given" not in vars(other.communications[0])
    campaign = views.campaign(json.dumps(CONTEXT["campaign"]))
    assert pickle.loads(pickle.dumps(campaign)) == campaign and campaign.stages[0].name == "First Contact"


def test_a_contact_of_the_strategys_own_comes_back_whole() -> None:
    returned = views.result(Contact(name="x"), [], "run", False, 2 << 20)
    assert returned == ["", "", "", "x", None, None, None, None, "0", "{}", "{}", "{}"]


@pytest.mark.parametrize("look", ["pass", "existing.params, existing.communications[0].name"])
def test_another_contact_than_the_given_one_comes_back_whole(look: str) -> None:
    old = given(CONTACT)
    existing = views.contact(old)
    exec(look, {"existing": existing})
    returned = views.result(existing, given(CONTACT | {"params": {"other": 1}, "communications": []}), "run", False, 2 << 20)
    assert returned == old


@pytest.mark.parametrize(
    "texts",
    [[], [""], [None], ["", None, ""], ["a", None, "b\0c", "\1", "\2"], ["Zo\u00eb", "\U0001f600", None], ["\0\1\2\3", None]],
)
def test_texts_are_the_same_after_they_crossed(texts: list[str | None]) -> None:
    crossing = joined(texts)
    assert split(crossing) == texts
    assert not any(mark in (text or "") for mark in crossing[:2] for text in texts)
