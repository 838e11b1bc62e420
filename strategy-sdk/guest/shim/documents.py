"""The SDK's objects from the host's documents, and the contact's document from what a hook returned.

The shape is that of `runtime/domain/src/strategy/document.rs`: `wit/types.wit` field by field, in snake case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shim.values import Refused, TooLarge, allow, encode, text
from stratagem import (
    Campaign,
    Communication,
    CommunicationStatus,
    Contact,
    Delivery,
    Message,
    MessageRole,
    Session,
    Stage,
    Status,
)

Doc = dict[str, Any]


class InvalidResult(Exception):
    """The hook returned something that is no contact, or a contact with a field that cannot be stored."""


class ResultTooLarge(Exception):
    """The returned contact is larger than it may be."""


MAX_RESULT = 2 << 20
"""Bytes of a returned contact, where the host's context says nothing. The host's own limit is lower by default: 1 MiB."""


# In ------------------------------------------------------------------------------------------------------------------


def contact(doc: Doc) -> Contact:
    """A contact, made without its constructor: the host has checked the document."""
    made = Contact.__new__(Contact)
    made.__dict__.update(doc)
    made.__dict__["communications"] = [communication(item) for item in doc["communications"]]
    return made


def communication(doc: Doc) -> Communication:
    made = Communication.__new__(Communication)
    made.__dict__.update(doc)
    made.__dict__["start_date"] = datetime.fromisoformat(doc["start_date"])
    made.__dict__["status"] = Status(CommunicationStatus(doc["status"]))
    made.__dict__["delivery"] = Delivery(doc["delivery"])
    return made


def message(doc: Doc) -> Message:
    return Message(MessageRole(doc["role"]), doc["content"], datetime.fromisoformat(doc["at"]))


def campaign(doc: Doc) -> Campaign:
    stages = tuple(Stage(stage["name"], stage["channel"]) for stage in doc["stages"])
    return Campaign(doc["id"], doc["name"], doc["time_zone"], stages)


def session(doc: Doc | None) -> Session | None:
    if doc is None:
        return None
    return Session(doc["id"], doc["channel"], doc["agent"], tuple(message(item) for item in doc["messages"]))


# Out -----------------------------------------------------------------------------------------------------------------


def result(returned: Any, function: str, may_be_none: bool, max_bytes: int = MAX_RESULT) -> Doc | None:
    """The document of what the hook returned. Raises `InvalidResult` or `ResultTooLarge` in words that name the field."""
    if returned is None and may_be_none:
        return None
    if not isinstance(returned, Contact):
        raise InvalidResult(f"{function} returned {_named(returned)}: it must return the contact")
    allow(max_bytes)
    try:
        return _fields(returned, _CONTACT)
    except TooLarge as refused:
        raise ResultTooLarge(str(refused.at("contact"))) from None
    except Refused as refused:
        raise InvalidResult(str(refused.at("contact"))) from None


def _named(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _fields(value: Any, writers: dict[str, Callable[[Any], Any]]) -> Doc:
    doc = {}
    for name, write in writers.items():
        try:
            doc[name] = write(getattr(value, name))
        except Refused as refused:
            raise refused.at(f".{name}") from None
    return doc


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused(f"must be text, not {_named(value)}")
    return text(value)


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def attached(value: Any) -> Any:
    """The document of a dict that belongs to something. Raises `Refused`."""
    if not isinstance(value, dict):
        raise Refused(f"must be a dict, not {_named(value)}")
    encoded = encode(value)
    if "$" in encoded:
        raise Refused("its own keys must be text other than '$'")
    return encoded


def _moment(value: Any) -> str:
    if not isinstance(value, datetime):
        raise Refused(f"must be a datetime, not {_named(value)}")
    offset = datetime.utcoffset(value)
    if offset is not None and offset.total_seconds() % 60:
        # Offsets of local mean time have seconds, which ISO 8601 cannot write.
        value = datetime.astimezone(value, UTC)
    return datetime.isoformat(value)


def _status(value: Any) -> str:
    try:
        return CommunicationStatus(value.status if isinstance(value, Status) else value).value
    except ValueError:
        raise Refused(f"must be a CommunicationStatus, not {_named(value)}") from None


def _delivery(value: Any) -> str:
    try:
        return Delivery(value).value
    except ValueError:
        raise Refused(f"must be a Delivery, not {_named(value)}") from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"must be True or False, not {_named(value)}")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**32:
        raise Refused("must be a count")
    return value


def _communications(value: Any) -> list[Doc]:
    if not isinstance(value, (list, tuple)):
        raise Refused(f"must be a list, not {_named(value)}")
    docs: list[Doc] = []
    for item in value:
        docs.append(listed(item, len(docs)))
    return docs


def listed(item: Any, at: int) -> Doc:
    """The document of the communication at that place of a list. Raises `Refused`."""
    try:
        if not isinstance(item, Communication):
            raise Refused(f"must be a Communication, not {_named(item)}")
        return _fields(item, _COMMUNICATION)
    except Refused as refused:
        raise refused.at(f"[{at}]") from None


def field(name: str, value: Any) -> Any:
    """The value of a contact's field as it is written. Raises `Refused`."""
    try:
        return _CONTACT[name](value)
    except Refused as refused:
        raise refused.at(f".{name}") from None


# Read-only fields are written too: the host compares them with what it knows, and is the judge.
_COMMUNICATION: dict[str, Callable[[Any], Any]] = {
    "id": _optional_text,
    "name": _text,
    "stage_name": _text,
    "start_date": _moment,
    "start_state": _optional_text,
    "params": attached,
    "status": _status,
    "channel": _optional_text,
    "delivery": _delivery,
    "flagged": _flag,
}
_CONTACT: dict[str, Callable[[Any], Any]] = {
    "id": _text,
    "object_id": _text,
    "external_id": _text,
    "name": _text,
    "email": _optional_text,
    "phone": _optional_text,
    "time_zone": _optional_text,
    "current_stage": _optional_text,
    "params": attached,
    "results": attached,
    "internal_data": attached,
    "communications": _communications,
    "communications_total": _count,
}
