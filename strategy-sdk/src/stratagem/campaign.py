"""What a hook may know beside the contact: keyword arguments `campaign` and `session`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stratagem.message import Message


class _ReadLater:
    """Values that the campaign gave and that are read when somebody looks at one."""

    def __getattr__(self, name: str) -> Any:
        """Called only for what is not there."""
        read = self.__dict__.pop("_unread", None)
        if read is None:
            raise AttributeError(f"a {type(self).__name__.lower()} has no {name!r}", name=name, obj=self)
        self.__dict__.update(read())
        return getattr(self, name)

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles: all values, and not where they would be read."""
        return {name: getattr(self, name) for name in type(self).__dataclass_fields__}  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Stage:
    """A stage of the campaign."""

    name: str
    channel: str
    """E.g. `email_notification`, `whatsapp`, `none`."""


@dataclass(frozen=True)
class Campaign(_ReadLater):
    """The campaign that the contact belongs to."""

    id: str
    name: str
    time_zone: str
    """IANA name."""
    stages: tuple[Stage, ...] = ()
    """In the campaign's order."""


@dataclass(frozen=True)
class Session(_ReadLater):
    """The conversation that has just ended, or is going on."""

    id: str
    channel: str
    agent: str | None = None
    """Name of the agent that held it, where there was one."""
    messages: tuple[Message, ...] = ()
    """Oldest first."""


# A default that is an attribute of the class would be found before `__getattr__` is asked.
del Campaign.stages, Session.agent, Session.messages
