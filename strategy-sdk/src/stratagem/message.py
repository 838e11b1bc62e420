"""One message of a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self


class MessageRole(StrEnum):
    """Who wrote a message."""

    HUMAN = "HUMAN"
    AI = "AI"
    OPERATOR = "OPERATOR"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls.__members__.get(value.upper()) if isinstance(value, str) else None


@dataclass(frozen=True)
class Message:
    """What was said, by whom, and when in the run's time zone."""

    role: MessageRole
    content: str
    at: datetime = field(default_factory=datetime.now)

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", MessageRole(self.role))
