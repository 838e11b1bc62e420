"""One person in one campaign."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from stratagem.communication import Communication


@dataclass(kw_only=True)
class Contact:
    """What the campaign knows about a person. A hook changes it and returns it.

    `params` came with the import, `results` are collected during the campaign, `internal_data` are the strategy's own
    notes. All three take text, numbers, lists and dicts, and also datetime, date, time, timedelta, Decimal, bytes, set,
    frozenset and tuple, at most 32 levels deep.
    """

    id: str = ""
    """Read-only, as are `object_id`, `external_id`, `time_zone` and `communications_total`."""
    object_id: str = ""
    """What the campaign is about, e.g. a contract's number."""
    external_id: str = ""
    """The person, as the tenant's own systems know them."""
    name: str = ""
    email: str | None = None
    phone: str | None = None
    """E.164 where it can be dialled, e.g. `+12025550123`."""
    time_zone: str | None = None
    """IANA name, where the contact has its own zone."""
    current_stage: str | None = None
    """Any text; a name that is no stage of the campaign is allowed."""
    params: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    internal_data: dict[str, Any] = field(default_factory=dict)
    communications: list[Communication] = field(default_factory=list)
    """All open communications and the last 100 others, oldest first."""
    communications_total: int = 0
    """How many communications there are in all."""

    _READ_ONLY: ClassVar[frozenset[str]] = frozenset(
        ("id", "object_id", "external_id", "time_zone", "communications_total")
    )

    def __post_init__(self) -> None:
        self.__dict__["communications_total"] = self.communications_total or len(self.communications)

    def __getattr__(self, name: str) -> Any:
        """Reads what the campaign gave, when it is first looked at. Called only for what is not there."""
        unread = self.__dict__.get("_unread")
        if unread is not None:
            try:
                value = self.__dict__[name] = unread.read(name)
                return value
            except KeyError:
                pass
        raise AttributeError(f"a contact has no {name!r}", name=name, obj=self)

    def __getstate__(self) -> dict[str, Any]:
        """For copies and pickles: all values, and not where they would be read."""
        values = {name: getattr(self, name) for name in type(self).__dataclass_fields__}
        return {name: value for name, value in self.__dict__.items() if name != "_unread"} | values

    def __setattr__(self, name: str, value: Any) -> None:
        # Dataclasses assign each field once themselves; only what comes after that is a change.
        if name in self._READ_ONLY and ("_unread" in self.__dict__ or name in self.__dict__):
            raise AttributeError(f"contact.{name} is read-only: the campaign sets it")
        if name not in type(self).__dataclass_fields__ and not name.startswith("_"):
            # It would be lost without a word: only fields are stored.
            raise AttributeError(
                f"a contact has no field {name!r}: keep your own data in contact.internal_data or contact.results"
            )
        object.__setattr__(self, name, value)

    @property
    def flagged_communication(self) -> Communication | None:
        """The communication whose session this call is about, where there is one."""
        return next((comm for comm in self.communications if comm.flagged), None)


# A default that is an attribute of the class would be found before `__getattr__` is asked.
for _name in ("id", "object_id", "external_id", "name", "email", "phone", "time_zone", "current_stage", "communications_total"):
    delattr(Contact, _name)
