"""How functions of many shapes are called."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Run
from shim.errors import MissingFunction, UnsuitableFunction
from shim.hooks import AGGREGATION, ANSWER_ANALYSIS, DATA_LOAD, Hook, plan

ALL = ("campaign", "now", "http")


def plain_wrapper(*args: Any, **kwargs: Any) -> None: ...


def honest_wrapper(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    ("function", "hook", "positional", "keywords"),
    [
        (lambda contact, existing_contact, logger, **kwargs: 0, DATA_LOAD, ("contact", "existing_contact", "logger"), ALL),
        (lambda contact, existing_contact, **kwargs: 0, DATA_LOAD, ("contact", "existing_contact"), ("logger", *ALL)),
        (lambda contact, existing_contact: 0, DATA_LOAD, ("contact", "existing_contact"), ()),
        (lambda c, old, log: 0, DATA_LOAD, ("contact", "existing_contact", "logger"), ()),
        (lambda c, old=None, log=None: 0, DATA_LOAD, ("contact", "existing_contact"), ()),
        (lambda c, old, logger=None: 0, DATA_LOAD, ("contact", "existing_contact", "logger"), ()),
        (lambda c, old, retries=3, logger=None: 0, DATA_LOAD, ("contact", "existing_contact"), ("logger",)),
        (lambda c: 0, DATA_LOAD, ("contact",), ()),
        (lambda contact, **kw: 0, DATA_LOAD, ("contact",), ("existing_contact", "logger", *ALL)),
        (lambda contact, logger, **kw: 0, DATA_LOAD, ("contact", "logger"), ("existing_contact", *ALL)),
        (lambda existing_contact, contact: 0, DATA_LOAD, ("existing_contact", "contact"), ()),
        (lambda contact, r, logger, session, http: 0, AGGREGATION, ("contact", "session_results", "logger", "session", "http"), ()),
        (lambda c, r, *, now, logger: 0, AGGREGATION, ("contact", "session_results"), ("now", "logger")),
        (lambda contact, message, **kw: 0, ANSWER_ANALYSIS, ("contact", "message"), ("logger", *ALL, "session")),
        (lambda contact, message, logger, **kw: 0, ANSWER_ANALYSIS, ("contact", "message", "logger"), (*ALL, "session")),
        (lambda contact, message, limit=0.5: 0, ANSWER_ANALYSIS, ("contact", "message"), ()),
        (plain_wrapper, DATA_LOAD, ("contact", "existing_contact"), ("logger", *ALL)),
        (lambda *args: 0, DATA_LOAD, ("contact", "existing_contact", "logger"), ()),
        (honest_wrapper(lambda contact, r, logger: 0), AGGREGATION, ("contact", "session_results", "logger"), ()),
        (functools.partial(lambda limit, contact, r, logger: 0, 1), AGGREGATION, ("contact", "session_results", "logger"), ()),
    ],
)
def test_a_function_gets_what_it_declares(
    function: Callable[..., Any], hook: Hook, positional: tuple[str, ...], keywords: tuple[str, ...]
) -> None:
    call = plan(function, hook)
    assert (call.positional, call.keywords) == (positional, keywords)
    call.make(function, {}, lambda name: name)


@pytest.mark.parametrize("function", [lambda c, e, logger, database: 0, lambda c, e, *, database: 0])
def test_what_the_runtime_does_not_have_is_named_when_loading(function: Callable[..., Any]) -> None:
    with pytest.raises(UnsuitableFunction, match="declares 'database'"):
        plan(function, DATA_LOAD)


def test_keywords_carry_campaign_clock_and_session(run: Run) -> None:
    source = """
def run(contact, session_results, **kwargs):
    contact.results["seen"] = [kwargs["campaign"].stages[0].name, kwargs["now"], kwargs["session"].id, sorted(kwargs)]
    return contact
"""
    contact, _ = run(source, "aggregation")
    seen = contact["results"]["seen"]
    assert seen == [
        "First Contact",
        {"$": "datetime", "v": "2024-03-01T12:00:00"},
        "ses-1",
        ["campaign", "http", "logger", "now", "session"],
    ]


def test_session_results_are_a_dict_whatever_came(run: Run) -> None:
    contact, _ = run("def run(c, r, l):\n    c.results['r'] = r\n    return c", "aggregation", session_results=None)
    assert contact["results"]["r"] == {}


def test_an_existing_contact_may_be_returned(run: Run, contact_doc: dict[str, Any]) -> None:
    contact, _ = run("def run(c, e, l):\n    return e", existing_contact=contact_doc | {"name": "Stored"})
    assert contact["name"] == "Stored"


def test_the_entry_point_has_any_name(run: Run) -> None:
    contact, _ = run("async def start(contact, existing_contact): return contact", function="start")
    assert contact["name"] == "Jane Smith"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def rum(): ...\ndef other(): ...", "no function 'run'; it has rum, other"),
        ("", "no function 'run'; it defines no function"),
        ("run = 5", "'run' is of type int, no function"),
    ],
)
def test_a_missing_entry_point_tells_what_is_there(run: Run, source: str, message: str) -> None:
    with pytest.raises(MissingFunction, match=message):
        run(source)


def test_names_can_be_imported_too(run: Run) -> None:
    source = """
from datetime import datetime, time, timedelta
from stratagem import Communication, CommunicationStatus, Contact, Message, http
import time as clock

def run(contact, existing_contact):
    assert isinstance(contact, Contact) and clock.time() and time(1).hour == 1
    return contact
"""
    assert run(source)


def test_time_is_not_injected(run: Run) -> None:
    with pytest.raises(NameError):
        run("time.time()")
