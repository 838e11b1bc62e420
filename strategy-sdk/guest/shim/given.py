"""What a run is given, in the two forms in which it crosses the boundary, and its result in the same form."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any, Protocol

from shim import documents, views
from shim.values import loads

_Texts = list[str | None]

PLAIN = 8
"""Texts of a contact that come first and are no JSON."""


def split(texts: str) -> _Texts:
    """The texts of a `texts` of `wit/python-runtime.wit`."""
    if not texts:
        return []
    given: _Texts = list(texts.split(texts[1]))
    absent = given.pop(0)
    for _ in range(given.count(absent)):
        given[given.index(absent)] = None
    return given


def joined(texts: _Texts) -> str:
    """The other way round."""
    if not texts:
        return ""
    between, absent = "\0", "\1"
    # JSON has neither.
    plain = "".join([text for text in texts[:PLAIN] if text])
    if between in plain or absent in plain:
        between, absent = _unused(plain)
    return between.join([absent, *[absent if text is None else text for text in texts]])


def _unused(whole: str) -> Iterator[str]:
    """Two characters that are not in it, and that can cross."""
    return islice((mark for mark in map(chr, chain(range(0xD800), range(0xE000, sys.maxunicode))) if mark not in whole), 2)


class Given(Protocol):
    """What one run is given."""

    time_zone: str

    def value(self, name: str) -> Any:
        """What a parameter of that name is given. Raises `KeyError`."""

    def result(self, returned: Any, function: str, may_be_none: bool) -> Any:
        """What the hook returned, for the way back. Raises `InvalidResult` or `ResultTooLarge`."""


class Documents:
    """For a compiled strategy: values, as `records.py` made them of typed records."""

    def __init__(self, document: documents.Doc) -> None:
        self._document = document
        self.time_zone: str = document["context"]["time_zone"]

    def value(self, name: str) -> Any:
        match name:
            case "contact":
                return documents.contact(self._document["contact"])
            case "existing_contact":
                existing = self._document.get("existing_contact")
                return None if existing is None else documents.contact(existing)
            case "session_results":
                return self._document.get("session_results") or {}
            case "message":
                return documents.message(self._document["message"])
            case "campaign":
                return documents.campaign(self._document["context"]["campaign"])
            case "session":
                return documents.session(self._document["context"].get("session"))
            case "now":
                return datetime.fromisoformat(self._document["context"]["now"])
        raise KeyError(name)

    def result(self, returned: Any, function: str, may_be_none: bool) -> dict[str, Any] | None:
        return documents.result(returned, function, may_be_none)


class Texts:
    """For a source strategy: what `call` of `wit/python-runtime.wit` is given, read where somebody looks."""

    def __init__(self, contact: _Texts, existing_contact: _Texts, about: _Texts) -> None:
        self._contact = contact
        self._existing = existing_contact
        self._other, self._now, time_zone, self._campaign, self._session, most = about
        self.time_zone = time_zone or "UTC"
        self._most = int(most or 0)

    def value(self, name: str) -> Any:
        match name:
            case "contact":
                return views.contact(self._contact)
            case "existing_contact":
                return views.contact(self._existing) if self._existing else None
            case "session_results":
                return loads(self._other) if self._other else {}
            case "message":
                return documents.message(loads(self._other or "null"))
            case "campaign":
                return views.campaign(self._campaign or "null")
            case "session":
                return documents.session(loads(self._session)) if self._session else None
            case "now":
                return datetime.fromisoformat(self._now or "")
        raise KeyError(name)

    def result(self, returned: Any, function: str, may_be_none: bool) -> _Texts | None:
        return views.result(returned, self._contact, function, may_be_none, self._most)
