"""What nobody changed does not come back, and what somebody changed does, in whatever way."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime
from typing import Any

import pytest
from conftest import CONTACT, CONTEXT, given, whole
from shim import documents, views
from shim.texts import joined, listed, split

from stratagem import Campaign, Communication, CommunicationStatus, Contact

Doc = dict[str, Any]


def after(change: str) -> Doc:
    """What comes back: the text of each field that changed, and the texts of the communications unless they are just those that were
    given.
    """
    texts = given(copy.deepcopy(CONTACT) | {"results": {"one": 1, "list": [1.5, {"a": None}]}})
    contact = views.contact(texts)
    exec(change, {"contact": contact, "datetime": datetime, "Communication": Communication, "copy": copy, "Status": CommunicationStatus})
    returned = views.result(contact, texts, "run", False, 2 << 20)
    assert returned is not None
    changes: Doc = {views.NAMES[text[0]]: text[1:] for text in returned if text[0] in "abcdefghijkl"}
    changes |= {views.NAMES[text[0].lower()]: None for text in returned if text[0] in "ABCDEFGH"}
    communications = [text[1:] for text in returned if text[0] == "m"]
    return changes | ({"communications": communications} if "M" in returned or communications not in ([], ["0"]) else {})


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
        del changes["communications"]
    assert changes == {}


@pytest.mark.parametrize(
    ("change", "name", "text"),
    [
        ("contact.results['one'] = True", "results", '{"one":true,"list":[1.5,{"a":null}]}'),
        ("contact.results['one'] = 1.0", "results", '{"one":1.0,"list":[1.5,{"a":null}]}'),
        ("contact.results['list'][1]['a'] = datetime(2024, 3, 1)", "results", None),
        ("contact.results = {**dict(list=contact.results.pop('list')), **contact.results}", "results", None),
        ("contact.internal_data['x'] = ()", "internal_data", '{"x":{"$":"tuple","v":[]}}'),
        ("contact.params.clear()", "params", "{}"),
        ("contact.name = contact.name + '!'", "name", "Jane Smith!"),
        ("contact.current_stage = 'm\\1'", "current_stage", "m\1"),
    ],
)
def test_a_changed_value_comes_back_whole(change: str, name: str, text: str | None) -> None:
    changes = after(change)
    assert changes.pop(name) == text if text else changes.pop(name) is not None
    assert changes == {}


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
    campaign = views.later(Campaign, lambda: vars(documents.campaign(CONTEXT["campaign"])))
    assert pickle.loads(pickle.dumps(campaign)) == campaign and campaign.stages[0].name == "First Contact"


def test_a_contact_of_the_strategys_own_comes_back_whole() -> None:
    returned = views.result(Contact(name="x"), "", "run", False, 2 << 20)
    assert returned == ["a", "b", "c", "dx", "E", "F", "G", "H", "i0", "j{}", "k{}", "l{}", "M"]


@pytest.mark.parametrize("look", ["pass", "existing.params, existing.communications[0].name"])
def test_another_contact_than_the_given_one_comes_back_whole(look: str) -> None:
    old = given(CONTACT)
    existing = views.contact(old)
    exec(look, {"existing": existing})
    returned = views.result(existing, given(CONTACT | {"params": {"other": 1}, "communications": []}), "run", False, 2 << 20)
    assert returned is not None and whole({"communications": []}, returned) == CONTACT


@pytest.mark.parametrize(
    "texts",
    [[], [""], [None], ["", None, ""], ["a", None, "b\0c", "\1", "\2"], ["Zo\u00eb", "\U0001f600", None], ["\0\1\2\3", None]],
)
def test_texts_are_the_same_after_they_crossed(texts: list[str | None]) -> None:
    crossing = joined(texts)
    assert split(crossing) == texts
    assert not any(mark in (text or "") for mark in crossing[:2] for text in texts)


@pytest.mark.parametrize("changes", [[], ["E"], ["dZo\u00eb", "h\0\1"], ["d\0", "h\1\2", "m{}"]])
def test_changes_are_the_same_after_they_crossed(changes: list[str]) -> None:
    crossing = listed(changes)
    between, rest = crossing[0], crossing[1:]
    assert (rest.split(between) if rest else []) == changes
    assert listed(None) == ""


def test_a_field_that_is_set_to_nothing_comes_back_as_that() -> None:
    assert after("contact.email = None; contact.phone = '+1'") == {"email": None, "phone": "+1"}


def test_what_was_given_cannot_be_written_before_it_is_read() -> None:
    with pytest.raises(AttributeError, match="contact.object_id is read-only"):
        after("contact.object_id = 'x'")
