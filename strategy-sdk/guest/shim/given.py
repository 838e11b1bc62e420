"""What a run is given, in the two forms in which it crosses the boundary, and its result in the same form."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from shim import documents, views
from shim.texts import split
from shim.values import loads
from stratagem import Campaign, Session

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

    def __init__(self, contact: str, existing_contact: str, about: str) -> None:
        self._contact = contact
        self._existing = existing_contact
        self._about = about
        # What each run needs comes first; the rest is told apart when somebody asks.
        _, self.time_zone, most, self._now, _ = about.split(about[1], 4)
        self._most = int(most)
        self._known: list[str | None] | None = None

    def value(self, name: str) -> Any:
        match name:
            case "contact":
                return views.contact(self._contact)
            case "existing_contact":
                return views.contact(self._existing) if self._existing else None
            case "session_results":
                other = self._text(3)
                return loads(other) if other else {}
            case "message":
                return documents.message(loads(self._text(3) or "null"))
            case "now":
                return datetime.fromisoformat(self._now)
            case "campaign":
                return views.later(Campaign, self._campaign)
            case "session":
                about = self._about
                # It comes last, and a mark that it is absent has the other one before it.
                return None if about.endswith(about[1] + about[0]) else views.later(Session, self._session)
        raise KeyError(name)

    def _campaign(self) -> dict[str, Any]:
        return vars(documents.campaign(loads(self._text(4) or "null")))

    def _session(self) -> dict[str, Any]:
        return vars(documents.session(loads(self._text(5) or "null")))

    def _text(self, place: int) -> str | None:
        if self._known is None:
            self._known = split(self._about)
        return self._known[place]

    def result(self, returned: Any, function: str, may_be_none: bool) -> list[str] | None:
        return views.result(returned, self._contact, function, may_be_none, self._most)
