"""What each hook is given, and how a tenant's function takes it.

The function's parameters decide. The hook's own two values go by position; `logger` goes by position where it is
declared there, else by keyword; the rest only where it is declared or there is a `**kwargs`. Nothing is given twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

from shim.errors import UnsuitableFunction


@dataclass(frozen=True)
class Hook:
    """One of the three occasions on which a strategy is called."""

    name: str
    positional: tuple[str, str]
    """What it is about, in order."""
    keywords: tuple[str, ...]
    """What it may also know."""
    third_is_logger: bool
    """True where the specification's signature has `logger` as its third parameter, whatever a tenant calls it."""
    may_return_none: bool


DATA_LOAD = Hook("data_load", ("contact", "existing_contact"), ("logger", "campaign", "now", "http"), True, False)
AGGREGATION = Hook(
    "aggregation", ("contact", "session_results"), ("logger", "campaign", "now", "http", "session"), True, False
)
ANSWER_ANALYSIS = Hook(
    "answer_analysis", ("contact", "message"), ("logger", "campaign", "now", "http", "session"), False, True
)
HOOKS = {hook.name: hook for hook in (DATA_LOAD, AGGREGATION, ANSWER_ANALYSIS)}


@dataclass(frozen=True)
class Call:
    """Names of the values that a function takes, found once when it is loaded."""

    positional: tuple[str, ...]
    keywords: tuple[str, ...]

    def make(self, function: Callable[..., Any], own: dict[str, Any], value_of: Callable[[str], Any]) -> Any:
        """Calls the function with what it takes: of `own`, and the others as they are given."""
        arguments = [own[name] if name in own else value_of(name) for name in self.positional]
        if not self.keywords:
            return function(*arguments)
        return function(*arguments, **{name: own[name] if name in own else value_of(name) for name in self.keywords})


def plan(function: Callable[..., Any], hook: Hook) -> Call:
    """How to call the function. Raises `UnsuitableFunction` where it wants what there is not."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        return Call(hook.positional, ())
    try:
        return _plan(parameters, hook)
    except UnsuitableFunction as error:
        code = getattr(function, "__code__", None)
        error.file = code and code.co_filename  # type: ignore[attr-defined]
        error.line = code and code.co_firstlineno  # type: ignore[attr-defined]
        raise


def _plan(parameters: list[Parameter], hook: Hook) -> Call:
    kinds = {parameter.kind for parameter in parameters}
    positional = _positional(parameters, hook)
    if Parameter.VAR_POSITIONAL in kinds:
        positional += [name for name in hook.positional if name not in positional]
        if hook.third_is_logger and Parameter.VAR_KEYWORD not in kinds and "logger" not in positional:
            positional.append("logger")
    return Call(tuple(positional), tuple(_keywords(parameters, hook, positional)))


def _positional(parameters: list[Parameter], hook: Hook) -> list[str]:
    """A parameter that has a value's name gets that value; the others get the hook's own values in their order."""
    known = (*hook.positional, *hook.keywords)
    own = [p for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    named = {p.name for p in own if p.name in known}
    waiting = [name for name in hook.positional if name not in named]
    if hook.third_is_logger and "logger" not in named:
        waiting.append("logger")
    taken: list[str] = []
    for parameter in own:
        optional = parameter.default is not Parameter.empty
        if parameter.name in known:
            taken.append(parameter.name)
        elif waiting and not (optional and waiting[0] == "logger"):
            taken.append(waiting.pop(0))
        elif optional:
            # What follows by position cannot be reached past a default; by keyword it can.
            break
        else:
            _unknown(parameter, known)
    return taken


def _keywords(parameters: list[Parameter], hook: Hook, positional: list[str]) -> list[str]:
    known = (*hook.positional, *hook.keywords)
    free = [name for name in known if name not in positional]
    if any(p.kind is Parameter.VAR_KEYWORD for p in parameters):
        return [name for name in free if not any(p.name == name and p.kind is Parameter.POSITIONAL_ONLY for p in parameters)]
    declared = []
    for parameter in parameters:
        by_keyword = parameter.kind in (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        if by_keyword and parameter.name in free:
            declared.append(parameter.name)
        elif parameter.kind is Parameter.KEYWORD_ONLY and parameter.default is Parameter.empty:
            _unknown(parameter, known)
    return declared


def _unknown(parameter: Parameter, known: tuple[str, ...]) -> None:
    raise UnsuitableFunction(f"the entry point declares {parameter.name!r}, which the runtime does not give: {', '.join(known)}")
