"""What a run is given, in the two forms in which it crosses the boundary, and its result in the same form."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from shim import documents, views
from shim.values import loads


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

    def __init__(self, contact: list[str | None], existing_contact: list[str | None], about: list[str | None]) -> None:
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

    def result(self, returned: Any, function: str, may_be_none: bool) -> list[str | None] | None:
        return views.result(returned, self._contact, function, may_be_none, self._most)
