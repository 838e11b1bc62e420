"""The typed worlds' records as documents (`documents.py`), and back.

The record classes are generated from `wit/types.wit` and are there only inside a component. Their fields have the
documents' names, so that only what differs is written here: JSON texts, enums, nested records.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shim.documents import Doc
from shim.hooks import Hook
from shim.values import dumps, loads

_JSON = ("params", "results", "internal_data")


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
