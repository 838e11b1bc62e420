from __future__ import annotations

import copy
from datetime import datetime

import pytest

from stratagem import Communication, Contact, Message, MessageRole


def test_a_test_needs_only_what_it_is_about() -> None:
    contact = Contact(name="Jane", communications=[Communication("a", "b", datetime(2024, 1, 1), flagged=True)])
    assert contact.params == {} and contact.email is None
    assert contact.communications_total == 1
    assert contact.flagged_communication is contact.communications[0]


@pytest.mark.parametrize("name", ["id", "object_id", "external_id", "time_zone", "communications_total"])
def test_what_the_campaign_sets_is_read_only(name: str) -> None:
    with pytest.raises(AttributeError, match=f"contact.{name} is read-only"):
        setattr(Contact(), name, "x")


def test_a_misspelt_field_is_not_lost_silently() -> None:
    with pytest.raises(AttributeError, match="no field 'current_stag'"):
        Contact().current_stag = "x"


def test_copies_are_equal() -> None:
    contact = Contact(id="1", params={"a": 1})
    assert copy.deepcopy(contact) == contact == copy.copy(contact)


def test_message_roles_are_found_in_any_case() -> None:
    assert Message("ai", "Hello").role is MessageRole.AI  # type: ignore[arg-type]
    assert Message(MessageRole.HUMAN, "Hello").role == "HUMAN"
