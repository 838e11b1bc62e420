"""A planned, running or past contact with a person, through one stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from stratagem.status import CommunicationStatus, Delivery, Status


def _moment(value: Any) -> datetime:
    """A datetime as it is, an ISO 8601 text as one."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    raise TypeError(f"start_date must be a datetime, not {type(value).__name__}")


def _status(value: Any) -> Status:
    """Makes `comm.status = CommunicationStatus.COMPLETED` and `comm.status = "completed"` work too."""
    return value if isinstance(value, Status) else Status(value)


@dataclass(init=False)
class Communication:
    """One step towards a contact. A strategy plans one by appending it to `contact.communications`.

    - `name`: the strategy's own name for it.
    - `stage_name`: the campaign's stage that it goes through. A stage without a channel ends the sequence.
    - `start_date`: when to send. A datetime without a zone is in the contact's time zone, else the campaign's.
    - `start_state`: state of the agent's workflow to begin with, where the stage's own is not wanted.
    - `params`: whatever else belongs to it. Further keyword arguments are kept there and can be read as attributes:
      `Communication(..., priority=1).priority`.

    `id`, `channel`, `delivery` and `flagged` are given by the campaign and cannot be changed; the constructor takes them
    for tests.
    """

    name: str
    stage_name: str
    start_date: datetime
    start_state: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    status: Status = field(default_factory=Status)
    id: str | None = None
    """None until the campaign has stored the communication."""
    channel: str | None = None
    """Channel of the stage, e.g. `email_notification`."""
    delivery: Delivery = Delivery.NONE
    flagged: bool = False
    """True for the communication whose session this call is about."""

    _READ_ONLY: ClassVar[frozenset[str]] = frozenset(("id", "channel", "delivery", "flagged"))

    def __init__(
        self,
        name: str,
        stage_name: str,
        start_date: datetime,
        start_state: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        status: Status | CommunicationStatus | str = CommunicationStatus.PLANNED,
        id: str | None = None,
        channel: str | None = None,
        delivery: Delivery | str = Delivery.NONE,
        flagged: bool = False,
        **kept: Any,
    ) -> None:
        self.__dict__.update(
            name=name,
            stage_name=stage_name,
            start_date=_moment(start_date),
            start_state=start_state,
            params={**(params or {}), **kept},
            status=_status(status),
            id=id,
            channel=channel,
            delivery=delivery if type(delivery) is Delivery else Delivery(delivery),
            flagged=flagged,
        )

    def __getattr__(self, name: str) -> Any:
        """Reads what the campaign gave, or what was kept. Called only for what is not there."""
        unread = self.__dict__.pop("_unread", None)
        if unread is not None:
            self.__dict__.update(unread.read() | self.__dict__)
            return getattr(self, name)
        params = self.__dict__.get("params")
        if not name.startswith("__") and isinstance(params, dict) and name in params:
            return params[name]
        raise AttributeError(f"a communication has no {name!r}, neither as a field nor in its params")

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles: all values, and not where they came from."""
        values = {name: getattr(self, name) for name in type(self).__dataclass_fields__}
        return {name: value for name, value in self.__dict__.items() if name != "_given"} | values

    def __setattr__(self, name: str, value: Any) -> None:
        if "_unread" in self.__dict__:
            self.__dict__.update(self.__dict__.pop("_unread").read() | self.__dict__)
        if name in self._READ_ONLY:
            raise AttributeError(f"communication.{name} is read-only: the campaign sets it")
        if name == "start_date":
            value = _moment(value)
        elif name == "status":
            value = _status(value)
        elif name not in type(self).__dataclass_fields__ and not name.startswith("_"):
            self.params[name] = value
            return
        object.__setattr__(self, name, value)


# A default that is an attribute of the class would be found before `__getattr__` is asked.
for _name in ("start_state", "id", "channel", "delivery", "flagged"):
    delattr(Communication, _name)
