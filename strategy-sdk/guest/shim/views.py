"""A contact whose values are read when somebody looks at them, and what became of it.

A run pays for each value that crosses the boundary, and most strategies look at few and change fewer. So a contact is made of
texts: `params` becomes a dict when it is first looked at, a communication an object with values when one of them is. In the
end a value that nobody looked at is as it was, and one that somebody looked at is compared with what it was.
"""

from __future__ import annotations

import marshal
import operator
from datetime import datetime
from typing import Any

from shim import documents
from shim.documents import InvalidResult, ResultTooLarge
from shim.values import Refused, TooLarge, allow, dumps, loads, quoted, text
from stratagem import Campaign, Communication, CommunicationStatus, Contact, Delivery, Status

# The order of `call` in `wit/python-runtime.wit`, up to the communications.
_TEXTS = ("id", "object_id", "external_id", "name", "email", "phone", "time_zone", "current_stage")
_OBJECTS = ("params", "results", "internal_data")
_TOTAL = len(_TEXTS)
_PLACES = {name: _TOTAL + 1 + at for at, name in enumerate(_OBJECTS)}
_FIELDS = _TOTAL + 1 + len(_OBJECTS)
_STATUSES = {status.value: status for status in CommunicationStatus}
_DELIVERIES = {delivery.value: delivery for delivery in Delivery}

Texts = list[str | None]

# A strategy can replace them in their modules.
_marshal, _len, _is = marshal.dumps, len, operator.is_
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

    __slots__ = ("given", "marks", "total", "values")

    def __init__(self, given: Texts) -> None:
        self.given = given
        self.total = int(given[_TOTAL] or 0)
        self.values: dict[str, Any] = {}
        """What has been read."""
        self.marks: dict[str, tuple[int, bytes | None]] = {}
        """For each object that has been read: its length, and its mark."""

    def read(self, name: str) -> Any:
        """The value of that name: the same for each copy of the contact. Raises `KeyError` where there is none."""
        values = self.values
        if name not in values:
            if name == "communications":
                values[name] = [_communication(self, at) for at in range(_FIELDS, _len(self.given))]
            else:
                text = self.given[_PLACES[name]]
                value = {} if text == "{}" else loads(text or "")
                self.marks[name] = _len(value), _mark(value)
                values[name] = value
        return values[name]


class UnreadCommunication:
    """The same for a communication, all of whose values are read at once."""

    __slots__ = ("contact", "mark", "place", "status", "values")

    def __init__(self, contact: UnreadContact, place: int) -> None:
        self.contact = contact
        self.place = place

    def read(self) -> dict[str, Any]:
        """The values by name."""
        values: dict[str, Any] = loads(self.contact.given[self.place] or "")
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


def contact(given: Texts) -> Contact:
    """The contact of those texts."""
    made = _new_contact(Contact)
    values = made.__dict__
    values.update(zip(_TEXTS, given))
    values["_unread"] = unread = UnreadContact(given)
    values["communications_total"] = unread.total
    return made


def _communication(owner: UnreadContact, place: int) -> Communication:
    made = _new_communication(Communication)
    made.__dict__["_unread"] = made.__dict__["_given"] = UnreadCommunication(owner, place)
    return made


class UnreadCampaign:
    """The same for the campaign."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> dict[str, Any]:
        """The values by name."""
        return vars(documents.campaign(loads(self._text)))


def campaign(text: str) -> Campaign:
    """The campaign of that text."""
    made = Campaign.__new__(Campaign)
    made.__dict__["_unread"] = UnreadCampaign(text)
    return made


# Out -----------------------------------------------------------------------------------------------------------------


def result(returned: Any, given: Texts, function: str, may_be_none: bool, max_bytes: int) -> Texts | None:
    """What the hook returned, as `call` gives it: what is absent is as it is in `given`. Raises as `documents.result`, in the
    same words.
    """
    if returned is None and may_be_none:
        return None
    unread = returned.__dict__.get("_unread") if type(returned) is Contact else None
    if type(unread) is not UnreadContact:
        # One that the strategy has made itself, or of a class of its own.
        return _texts(documents.result(returned, function, may_be_none, max_bytes))
    allow(max_bytes)
    try:
        changes = _changes(returned.__dict__, unread)
        return changes if unread.given is given else _complete(changes, unread)
    except TooLarge as refused:
        raise ResultTooLarge(str(refused.at("contact"))) from None
    except Refused as refused:
        raise InvalidResult(str(refused.at("contact"))) from None


def _texts(doc: documents.Doc | None) -> Texts | None:
    if doc is None:
        return None
    texts = [doc[name] for name in _TEXTS]
    texts += [str(doc["communications_total"]), *(dumps(doc[name]) for name in _OBJECTS)]
    return texts + [dumps(communication) for communication in doc["communications"]]


def _changes(values: dict[str, Any], unread: UnreadContact) -> Texts:
    given = unread.given
    texts: Texts = [values.get(name) for name in _TEXTS]
    if not all(map(_is, texts, given)):
        for place, name in enumerate(_TEXTS):
            new = texts[place]
            if new is not given[place]:
                texts[place] = documents.field(name, new)
    total = values.get("communications_total")
    texts.append(given[_TOTAL] if total is unread.total else str(documents.field("communications_total", total)))
    for name in _OBJECTS:
        changed = name in values and not _is_unchanged(values[name], unread.marks.get(name))
        texts.append(dumps(documents.field(name, values[name])) if changed else None)
    return texts + (_communications(values["communications"], unread) if "communications" in values else [None])


def _complete(changes: Texts, unread: UnreadContact) -> Texts:
    """The same with nothing absent: the returned contact is another than the one that the host would complete it from."""
    objects = [text or given for text, given in zip(changes[_TOTAL + 1 : _FIELDS], unread.given[_TOTAL + 1 : _FIELDS])]
    communications = changes[_FIELDS:] if changes[_FIELDS:] != [None] else unread.given[_FIELDS:]
    communications = [unread.given[_FIELDS + int(text)] if text and text.isdecimal() else text for text in communications]
    return [*changes[: _TOTAL + 1], *objects, *communications]


def _is_unchanged(value: Any, before: tuple[int, bytes | None] | None) -> bool:
    # Most changes add a key, and what was added can be large.
    return type(value) is dict and before is not None and _len(value) == before[0] and before[1] is not None and _mark(value) == before[1]


def _communications(items: Any, unread: UnreadContact) -> Texts:
    if type(items) is not list:
        return [dumps(communication) for communication in documents.field("communications", items)]
    texts: Texts = []
    for at, item in enumerate(items):
        place = _place(item, unread)
        texts.append((_planned(item) or _listed(item, at)) if place is None else str(place))
    return texts


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
