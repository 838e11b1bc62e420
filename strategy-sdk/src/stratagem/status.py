"""Where a communication stands: in the campaign's view, and in the provider's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class _Spelled(StrEnum):
    """Names that are found however they are spelled: `NO_RESPONSE`, `no_response`, `no-response`, `NoResponse`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value.strip())
        return cls._value2member_map_.get(re.sub(r"[-\s]+", "_", words).lower())  # type: ignore[return-value]


class CommunicationStatus(_Spelled):
    """Where a communication stands in the campaign's view. Each member equals its lower-case name: `"no_response"`."""

    PLANNED = "planned"
    STARTED = "started"
    DELIVERED = "delivered"
    READ = "read"
    REPLIED = "replied"
    COMPLETED = "completed"
    NO_RESPONSE = "no_response"
    FAILED = "failed"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    """The provider may or may not have accepted the message, and cannot be asked."""

    @property
    def is_open(self) -> bool:
        """True while something can still happen: planned, started, delivered, read, replied."""
        return self in _OPEN

    @property
    def is_final(self) -> bool:
        """True when nothing more will happen to the communication."""
        return self not in _OPEN


_OPEN = frozenset(
    (
        CommunicationStatus.PLANNED,
        CommunicationStatus.STARTED,
        CommunicationStatus.DELIVERED,
        CommunicationStatus.READ,
        CommunicationStatus.REPLIED,
    )
)


class Delivery(_Spelled):
    """What the provider has told about a message."""

    NONE = "none"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(eq=False)
class Status:
    """A communication's status, changed in place: `comm.status.status = CommunicationStatus.COMPLETED`.

    Equal to another `Status`, to a `CommunicationStatus` and to its name, so that `comm.status == "planned"` says what it
    seems to say.
    """

    status: CommunicationStatus = CommunicationStatus.PLANNED

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "status":
            raise AttributeError(f"a status has no field {name!r}, only `status`")
        object.__setattr__(self, name, value if type(value) is CommunicationStatus else CommunicationStatus(value))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Status):
            return self.status == other.status
        if isinstance(other, str):
            return self.status == other
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return str(self.status)
