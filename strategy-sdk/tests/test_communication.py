from __future__ import annotations

import copy
import pickle
from datetime import datetime
from typing import Any

import pytest

from stratagem import Communication, CommunicationStatus, Status

START = datetime(2024, 3, 1, 10)


def make(**more: Any) -> Communication:
    return Communication("Initial Message", "First Contact", START, **more)


def test_further_arguments_are_kept_in_params_and_read_as_attributes() -> None:
    comm = make(params={"template": "a"}, priority=3)
    assert comm.params == {"template": "a", "priority": 3}
    assert comm.priority == 3
    comm.priority = 4
    assert comm.params["priority"] == 4


def test_two_communications_share_no_params() -> None:
    make().params["x"] = 1
    assert make().params == {}


@pytest.mark.parametrize("value", [CommunicationStatus.COMPLETED, "completed", "COMPLETED", "Completed"])
def test_status_is_an_object_and_takes_names(value: Any) -> None:
    comm = make()
    comm.status.status = value
    assert comm.status.status is CommunicationStatus.COMPLETED
    comm = make()
    comm.status = value
    assert comm.status.status is CommunicationStatus.COMPLETED


def test_status_compares_with_its_name() -> None:
    for spelling in ("no_response", "NO_RESPONSE", "NoResponse", "no-response"):
        assert CommunicationStatus(spelling) is CommunicationStatus.NO_RESPONSE
    assert [status == status.name.lower() for status in CommunicationStatus] == [True] * 11
    assert make().status == CommunicationStatus.PLANNED
    assert make().status == "planned"
    assert make().status == Status()
    assert make().status != "failed"
    with pytest.raises(ValueError):
        make().status.status = "finished"  # type: ignore[assignment]


@pytest.mark.parametrize("name", ["id", "channel", "delivery", "flagged"])
def test_what_the_campaign_sets_is_read_only(name: str) -> None:
    with pytest.raises(AttributeError, match=f"communication.{name} is read-only"):
        setattr(make(), name, "x")


def test_start_date_takes_a_datetime_or_its_text() -> None:
    assert make().start_date == START
    comm = make()
    comm.start_date = "2024-03-02T08:00"  # type: ignore[assignment]
    assert comm.start_date == datetime(2024, 3, 2, 8)
    with pytest.raises(TypeError, match="not date"):
        comm.start_date = START.date()  # type: ignore[assignment]


def test_unknown_attributes_are_named() -> None:
    with pytest.raises(AttributeError, match="no 'prio'"):
        make(priority=1).prio


def test_copies_are_equal_and_apart() -> None:
    comm = make(priority=3, flagged=True)
    for other in (copy.deepcopy(comm), pickle.loads(pickle.dumps(comm))):
        assert other == comm
        other.status.status = "failed"
        other.params["priority"] = 0
        assert comm.status == "planned" and comm.priority == 3
