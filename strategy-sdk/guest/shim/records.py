"""The typed worlds' records as documents (`documents.py`) or as texts (`given.py`), and back.

The record classes are generated from `wit/types.wit` and are there only inside a component. Their fields have the
documents' names, so that only what differs is written here: JSON texts, enums, nested records.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from shim.documents import MAX_RESULT, Doc
from shim.given import Texts
from shim.hooks import Hook
from shim.texts import joined
from shim.values import dumps, loads
from shim.views import NAMES

_JSON = ("params", "results", "internal_data")
# Without untagging: what is read with it is only written again.
_plain = json.JSONDecoder().decode
_encode = str.encode


# In ------------------------------------------------------------------------------------------------------------------


def document(hook: Hook, about: Any, other: Any, context: Any) -> Doc:
    """The document of a hook's three parameters: the contact, what the hook is about beside it, and the context."""
    second = hook.positional[1]
    return {"contact": contact(about), second: _OTHERS[second](other), "context": _context(context)}


def contact(record: Any) -> Doc:
    values = {name: loads(getattr(record, name)) for name in _JSON}
    return {**vars(record), **values, "communications": [_communication(item) for item in record.communications]}


def _communication(record: Any) -> Doc:
    return {
        **vars(record),
        "params": loads(record.params),
        "status": record.status.name.lower(),
        "delivery": record.delivery.name.lower(),
    }


def _message(record: Any) -> Doc:
    return {**vars(record), "role": record.role.name}


def _context(record: Any) -> Doc:
    stages = [vars(stage) for stage in record.campaign.stages]
    return {**vars(record), "campaign": {**vars(record.campaign), "stages": stages}, "session": _session(record.session)}


def _session(record: Any) -> Doc | None:
    if record is None:
        return None
    return {**vars(record), "messages": [_message(item) for item in record.messages]}


_OTHERS: dict[str, Callable[[Any], Any]] = {
    "existing_contact": lambda record: None if record is None else contact(record),
    "session_results": loads,
    "message": _message,
}


def texts(hook: Hook, about: Any, other: Any, context: Any) -> Texts:
    """The same parameters in the form in which the host gives them to a source strategy, which then finds what it finds there."""
    doc = _context(context)
    session = None if doc["session"] is None else dumps(doc["session"])
    second = _OTHER_TEXTS[hook.positional[1]](other)
    existing = [] if second is not None or other is None else _contact_texts(other)
    known = [context.time_zone, str(MAX_RESULT), context.now, second, dumps(doc["campaign"]), session]
    return Texts(joined(_contact_texts(about)), joined(existing), joined(known))


def _contact_texts(record: Any) -> list[str | None]:
    return [
        record.id, record.object_id, record.external_id, record.name, record.email, record.phone, record.time_zone,
        record.current_stage, str(record.communications_total), record.params, record.results, record.internal_data,
        *map(_communication_text, record.communications),
    ]  # fmt: skip


def _communication_text(record: Any) -> str:
    # In the order of the fields, which a strategy can see, and with `params` word for word.
    named = {**vars(record), "status": record.status.name.lower(), "delivery": record.delivery.name.lower()}
    fields = [f'"{name}":{value if name == "params" else dumps(value)}' for name, value in named.items()]
    return f"{{{','.join(fields)}}}"


_OTHER_TEXTS: dict[str, Callable[[Any], str | None]] = {
    "existing_contact": lambda record: None,
    "session_results": lambda text: text,
    "message": lambda record: dumps(_message(record)),
}


# Out -----------------------------------------------------------------------------------------------------------------


def contact_record(doc: Doc | None, types: Any) -> Any:
    """The contact of a returned document, or None. `types` is the generated module of the record classes."""
    if doc is None:
        return None
    texts = {name: dumps(doc[name]) for name in _JSON}
    communications = [_communication_record(item, types) for item in doc["communications"]]
    return types.Contact(**{**doc, **texts, "communications": communications})


def _communication_record(doc: Doc, types: Any) -> Any:
    changed = {
        "params": dumps(doc["params"]),
        "status": types.Status[doc["status"].upper()],
        "delivery": types.Delivery[doc["delivery"].upper()],
    }
    return types.Communication(**{**doc, **changed})


def returned(changes: list[str] | None, given: Any, types: Any) -> Any:
    """The contact of the changes that came back (`call` of `wit/python-runtime.wit`), or None. `given` is the record of the contact
    that the hook was given.
    """
    if changes is None:
        return None
    values = {**vars(given)}
    kept = None
    for change in changes:
        # Looked at once more: a strategy can replace whatever made them, and what the boundary cannot carry would abort the guest.
        _encode(change)
        name, text = NAMES[change[0].lower()], change[1:]
        if name == "communications":
            kept = kept or []
            if text:
                kept.append(_returned_communication(text, given.communications, types))
        else:
            values[name] = None if change[0].isupper() else int(text) if name == "communications_total" else text
    return types.Contact(**{**values, "communications": given.communications if kept is None else kept})


def _returned_communication(text: str, given: list[Any], types: Any) -> Any:
    return given[int(text)] if text.isdecimal() else _communication_record(_plain(text), types)
