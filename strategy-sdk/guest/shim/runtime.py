"""Load a source, then call its hook: what the component exports, without the component."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from types import CoroutineType
from typing import Any

from shim import clock, heap, hooks, logs, loop, source, warming
from shim.documents import InvalidResult
from shim.given import Given
from shim.texts import joined
from stratagem import Contact, http
from stratagem.http import _queue

Write = Callable[[str, str], None]


def _nothing() -> None:
    pass


class Runtime:
    """One loaded strategy. It may be in an image, and run once in each of many instances."""

    def __init__(
        self, run_loop: loop.RunLoop, flush: Callable[[], None], begin_random: Callable[[], None] = _nothing
    ) -> None:
        self._loop = run_loop
        self._flush = flush
        self._begin_random = begin_random
        self._own = {"logger": logging.getLogger("strategy"), "http": http}
        self._loaded: tuple[Callable[..., Any], hooks.Call, hooks.Hook, str] | None = None

    def load(self, modules: dict[str, str], main: str, function: str, hook: str) -> None:
        """Executes the top level of the module `main` and finds the entry point. `modules` are texts by their paths."""
        clock.set_zone("UTC")
        self._begin_random()
        try:
            entry = source.entry_point(source.execute(modules, main), function)
        finally:
            self._flush()
        self._loaded = entry, hooks.plan(entry, hooks.HOOKS[hook]), hooks.HOOKS[hook], function

    def warm_up(self, call: Callable[[str, str, str], str], times: int) -> None:
        """Has each hook called so often on a contact of our own, with functions of our own; leaves no trace but warm caches. `call`
        is what calls a hook from outside.
        """
        loaded = self._loaded
        logs.RunLogHandler.silent = True
        for _ in range(times):
            for hook, function in warming.FUNCTIONS.items():
                self._loaded = function, hooks.plan(function, hook), hook, function.__name__
                about = [*warming.NEEDED, warming.OTHER.get(hook), *warming.ABOUT]
                call(joined(warming.CONTACT), joined(warming.CONTACT), joined(about))
            # What a call leaves behind lies at the end, too.
            heap.close_holes(1 << 18)
        self._loaded = loaded
        logs.RunLogHandler.silent = False
        clock.set_zone("UTC")
        heap.renew_freed()

    def run(self, given: Given) -> Any:
        """Calls the hook with what is given, and gives the result in the same form."""
        if self._loaded is None:
            raise RuntimeError("no source has been loaded")
        entry, call, hook, function = self._loaded
        clock.set_zone(given.time_zone)
        self._begin_random()
        _queue.forget()
        try:
            returned = self._finish(call.make(entry, self._own, given.value))
            self._send_unawaited()
            return given.result(returned, function, hook.may_return_none)
        finally:
            self._flush()

    def _finish(self, returned: Any) -> Any:
        """What an `async def` gives in the end; what a `def` gave, as it is."""
        if type(returned) is CoroutineType:
            return loop.drive(returned, self._loop)
        if type(returned) is Contact:
            return returned
        if inspect.isasyncgen(returned) or inspect.isgenerator(returned):
            raise InvalidResult("the entry point is a generator: it must return the contact, not yield it")
        if inspect.isawaitable(returned):
            return loop.drive(_await(returned), self._loop)
        return returned

    def _send_unawaited(self) -> None:
        """Requests that were made in async code and never looked at. Their failure is told, since nobody can catch it."""
        for response in _queue.take_failed():
            request, error = response.request, response._outcome
            self._own["logger"].warning("%s %s was not awaited and failed: %s", request.method, request.url, error)  # type: ignore[attr-defined]


async def _await(awaitable: Any) -> Any:
    return await awaitable
