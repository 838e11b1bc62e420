"""A contact whose values are read when somebody looks at them, and what became of it.

A run pays for each value that crosses the boundary, and most strategies look at few and change fewer. So a contact is made of
texts: `params` becomes a dict when it is first looked at, a communication an object with values when one of them is. In the
end a value that nobody looked at is as it was, and one that somebody looked at is compared with what it was.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from datetime import datetime
from typing import Any

from shim import documents
from shim.documents import InvalidResult, ResultTooLarge
from shim.texts import Texts, split
from shim.values import Refused, TooLarge, allow, dumps, loads, quoted, text
from stratagem import Communication, CommunicationStatus, Contact, Delivery, Status

# The order of `call` in `wit/python-runtime.wit`, up to the communications.
_TEXTS = ("id", "object_id", "external_id", "name", "email", "phone", "time_zone", "current_stage")
_OBJECTS = ("params", "results", "internal_data")
_PLACES = {name: place for place, name in enumerate((*_TEXTS, "communications_total", *_OBJECTS))}
_FIELDS = len(_PLACES)

NAMES = dict(zip("abcdefghijklm", (*_PLACES, "communications"), strict=True))
"""By which letter a change says what it is of."""
_LETTERS = {name: letter for letter, name in NAMES.items()}
_letter = _LETTERS.__getitem__
_PLAIN = frozenset((*_TEXTS, "communications_total"))
_STATUSES = {status.value: status for status in CommunicationStatus}
_DELIVERIES = {delivery.value: delivery for delivery in Delivery}

# A strategy can replace them in their modules.
_marshal, _len = marshal.dumps, len
_moment, _iso = datetime.fromisoformat, datetime.isoformat


def _mark(value: Any) -> bytes | None:
    """By which a later change is found: equal for the same values of the same types in the same order. None where there is
    a type that has no mark, as `datetime`; then the value counts as changed.
    """
    try:
        return _marshal(value, 0)
    except BaseException:
        # A strategy can make it fail in other ways too, by an audit hook for one.
        return None


# In ------------------------------------------------------------------------------------------------------------------


class UnreadContact:
    """What a contact was given as. The contact asks for what it does not have yet."""

    __slots__ = ("_texts", "given", "marks", "values")

    def __init__(self, given: str) -> None:
        self.given = given
        self._texts: Texts | None = None
        self.values: dict[str, Any] = {}
        """What has been read."""
        self.marks: dict[str, tuple[int, bytes | None]] = {}
        """For each object that has been read: its length, and its mark."""

    def texts(self) -> Texts:
        """What was given, text by text."""
        if self._texts is None:
            self._texts = split(self.given)
        return self._texts

    def read(self, name: str) -> Any:
        """The value of that name: the same for each copy of the contact. Raises `KeyError` where there is none."""
        values = self.values
        if name in values:
            return values[name]
        texts = self.texts()
        if name == "communications":
            value: Any = [_communication(self, at) for at in range(_FIELDS, _len(texts))]
        else:
            text = value = texts[_PLACES[name]]
            if name in _OBJECTS:
                value = {} if text == "{}" else loads(text or "")
                self.marks[name] = _len(value), _mark(value)
            elif name == "communications_total":
                value = int(text or 0)
        values[name] = value
        return value


class UnreadCommunication:
    """The same for a communication, all of whose values are read at once."""

    __slots__ = ("contact", "mark", "place", "status", "values")

    def __init__(self, contact: UnreadContact, place: int) -> None:
        self.contact = contact
        self.place = place

    def read(self) -> dict[str, Any]:
        """The values by name."""
        values: dict[str, Any] = loads(self.contact.texts()[self.place] or "")
        values["start_date"] = _moment(values["start_date"])
        values["delivery"] = _DELIVERIES[values["delivery"]]
        status = _new_status(Status)
        self.status = status.__dict__["status"] = _STATUSES[values["status"]]
        values["status"] = status
        self.mark = _mark(values["params"])
        self.values = values
        return values.copy()

    def is_unchanged(self, now: dict[str, Any]) -> bool:
        """Whether those are the values that were read."""
        for name, value in self.values.items():
            if now.get(name) is not value:
                return False
        status = self.values["status"]
        if type(status) is not Status or status.__dict__.get("status") is not self.status:
            return False
        return self.mark is not None and _mark(now["params"]) == self.mark


_new_contact, _new_communication, _new_status = Contact.__new__, Communication.__new__, Status.__new__


def contact(given: str) -> Contact:
    """The contact of those texts."""
    made = _new_contact(Contact)
    made.__dict__["_unread"] = UnreadContact(given)
    return made


def _communication(owner: UnreadContact, place: int) -> Communication:
    made = _new_communication(Communication)
    made.__dict__["_unread"] = made.__dict__["_given"] = UnreadCommunication(owner, place)
    return made


def later(kind: Any, read: Callable[[], dict[str, Any]]) -> Any:
    """A campaign or a session whose values `read` gives when somebody looks at one."""
    made = kind.__new__(kind)
    made.__dict__["_unread"] = read
    return made


# Out -----------------------------------------------------------------------------------------------------------------


def result(returned: Any, given: str, function: str, may_be_none: bool, max_bytes: int) -> list[str] | None:
    """What became of the contact that was given as `given`, as `call` tells it. Raises as `documents.result`, in the same words."""
    if returned is None and may_be_none:
        return None
    unread = returned.__dict__.get("_unread") if type(returned) is Contact else None
    if type(unread) is not UnreadContact:
        # One that the strategy has made itself, or of a class of its own.
        doc = documents.result(returned, function, may_be_none, max_bytes)
        return None if doc is None else _whole(doc)
    allow(max_bytes)
    try:
        changes = _changes(returned.__dict__, unread)
        return changes if unread.given is given else _complete(changes, unread.texts())
    except TooLarge as refused:
        raise ResultTooLarge(str(refused.at("contact"))) from None
    except Refused as refused:
        raise InvalidResult(str(refused.at("contact"))) from None


def _changes(values: dict[str, Any], unread: UnreadContact) -> list[str]:
    read: dict[str, Any] = unread.values
    names = [name for name in values if name in _LETTERS]
    # What was read and then deleted is nothing now.
    names += [name for name in read if name in _PLAIN and name not in values]
    names.sort(key=_letter)
    changes: list[str] = []
    for name in names:
        value = values.get(name)
        if name in _PLAIN:
            if name not in read or value is not read[name]:
                changes.append(_change(name, documents.field(name, value)))
        elif name == "communications":
            changes += _communications(value, unread)
        elif not _is_unchanged(value, unread.marks.get(name)):
            changes.append(_LETTERS[name] + dumps(documents.field(name, value)))
    return changes


def _change(name: str, text: str | int | None) -> str:
    letter = _LETTERS[name]
    return letter.upper() if text is None else f"{letter}{text}"


def _whole(doc: documents.Doc) -> list[str]:
    """A contact of which every field is a change."""
    changes = [_LETTERS[name] + dumps(doc[name]) if name in _OBJECTS else _change(name, doc[name]) for name in _PLACES]
    return changes + (["m" + dumps(communication) for communication in doc["communications"]] or ["M"])


def _complete(changes: list[str], given: Texts) -> list[str]:
    """The same with nothing left out: the returned contact is another than the one that the host would complete it from."""
    told = {change[0].lower() for change in changes}
    rest = [_change(name, text) for name, text in zip(_PLACES, given) if _LETTERS[name] not in told]
    if "m" not in told:
        changes = changes + ([f"m{text}" for text in given[_FIELDS:]] or ["M"])
    return rest + [f"m{given[_FIELDS + int(change[1:])]}" if change[0] == "m" and change[1:].isdecimal() else change for change in changes]


def _is_unchanged(value: Any, before: tuple[int, bytes | None] | None) -> bool:
    # Most changes add a key, and what was added can be large.
    return type(value) is dict and before is not None and _len(value) == before[0] and before[1] is not None and _mark(value) == before[1]


def _communications(items: Any, unread: UnreadContact) -> list[str]:
    if type(items) is not list:
        return ["m" + dumps(communication) for communication in documents.field("communications", items)] or ["M"]
    changes: list[str] = []
    for at, item in enumerate(items):
        place = _place(item, unread)
        changes.append(f"m{(_planned(item) or _listed(item, at)) if place is None else place}")
    return changes or ["M"]


def _planned(item: Any) -> str | None:
    """The text of a communication that is as most strategies make one; the same as `_listed` gives, at a fifth of the fuel. None
    for any other.
    """
    values = item.__dict__ if type(item) is Communication else {}
    start: Any = values.get("start_date")
    status, params = values.get("status"), values.get("params")
    as_made = (
        _len(values) == 10
        and type(start) is datetime
        and start.tzinfo is None
        and type(status) is Status
        and status.__dict__.get("status") is CommunicationStatus.PLANNED
        and type(params) is dict
        and values.get("delivery") is Delivery.NONE
        and values.get("flagged") is False
        and values.get("id") is values.get("channel") is values.get("start_state") is None
        and type(values.get("name")) is type(values.get("stage_name")) is str
    )
    if not as_made:
        return None
    try:
        name, stage = quoted(text(values["name"])), quoted(text(values["stage_name"]))
        written = dumps(documents.attached(params)) if params else "{}"
    except Refused:
        # It is told with its place.
        return None
    return (
        f'{{"id":null,"name":{name},"stage_name":{stage},"start_date":"{_iso(start)}","start_state":null,"params":{written},'
        '"status":"planned","channel":null,"delivery":"none","flagged":false}'
    )


def _listed(item: Any, at: int) -> str:
    try:
        return dumps(documents.listed(item, at))
    except Refused as refused:
        raise refused.at(".communications") from None


def _place(item: Any, unread: UnreadContact) -> int | None:
    """The place of the given communication that the item is, unchanged."""
    if type(item) is not Communication:
        return None
    values = item.__dict__
    given = values.get("_given")
    if type(given) is not UnreadCommunication or given.contact is not unread:
        return None
    place = given.place - _FIELDS
    # Two entries, this one and the other: nobody has looked at it.
    if "_unread" in values:
        return place if _len(values) == 2 else None
    return place if given.is_unchanged(values) else None
