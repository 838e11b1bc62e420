"""Load a source, then call its hook: what the component exports, without the component."""

from __future__ import annotations

import inspect
import logging
import os
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from shim import clock, documents, hooks, loop, source, values, warming
from shim.documents import InvalidResult
from stratagem import http
from stratagem.http import _queue

Write = Callable[[str, str], None]


class Runtime:
    """One loaded strategy."""

    def __init__(self, run_loop: loop.RunLoop, flush: Callable[[], None]) -> None:
        self._loop = run_loop
        self._flush = flush
        self._logger = logging.getLogger("strategy")
        self._loaded: tuple[Callable[..., Any], hooks.Call, hooks.Hook, str] | None = None

    def load(self, modules: dict[str, str], main: str, function: str, hook: str) -> None:
        """Executes the top level of the module `main` and finds the entry point. `modules` are texts by their paths."""
        clock.set_zone("UTC")
        try:
            entry = source.entry_point(source.execute(modules, main), function)
        finally:
            self._flush()
        self._loaded = entry, hooks.plan(entry, hooks.HOOKS[hook]), hooks.HOOKS[hook], function

    def warm_up(self) -> None:
        """A call of each hook on a contact of our own, with functions of our own; leaves no trace but warm caches."""
        loaded = self._loaded
        for hook, function in warming.FUNCTIONS.items():
            self._loaded = function, hooks.plan(function, hook), hook, function.__name__
            self.call(warming.INPUT)
        self._loaded = loaded
        clock.set_zone("UTC")

    def call(self, text: str) -> str:
        """`run`, with both documents as JSON texts, in an instance that may be made of an image."""
        _seed()
        return values.dumps(self.run(values.loads(text)))

    def run(self, document: documents.Doc) -> documents.Doc | None:
        """Calls the hook with the document's values, and gives the result's document."""
        if self._loaded is None:
            raise RuntimeError("no source has been loaded")
        entry, call, hook, function = self._loaded
        clock.set_zone(document["context"]["time_zone"])
        _queue.forget()
        try:
            returned = self._finish(call.make(entry, lambda name: self._value(document, name)))
            self._send_unawaited()
            max_bytes = document["context"].get("contact_bytes", documents.MAX_RESULT)
            return documents.result(returned, function, hook.may_return_none, max_bytes)
        finally:
            self._flush()

    def _value(self, document: documents.Doc, name: str) -> Any:
        """What a parameter of that name is given."""
        match name:
            case "contact":
                return documents.contact(document["contact"])
            case "existing_contact":
                existing = document.get("existing_contact")
                return None if existing is None else documents.contact(existing)
            case "session_results":
                return document.get("session_results") or {}
            case "message":
                return documents.message(document["message"])
            case "logger":
                return self._logger
            case "campaign":
                return documents.campaign(document["context"]["campaign"])
            case "session":
                return documents.session(document["context"].get("session"))
            case "now":
                return datetime.fromisoformat(document["context"]["now"])
            case "http":
                return http
        raise KeyError(name)

    def _finish(self, returned: Any) -> Any:
        """What an `async def` gives in the end; what a `def` gave, as it is."""
        if inspect.isasyncgen(returned) or inspect.isgenerator(returned):
            raise InvalidResult("the entry point is a generator: it must return the contact, not yield it")
        if inspect.iscoroutine(returned):
            return loop.drive(returned, self._loop)
        if inspect.isawaitable(returned):
            return loop.drive(_await(returned), self._loop)
        return returned

    def _send_unawaited(self) -> None:
        """Requests that were made in async code and never looked at. Their failure is told, since nobody can catch it."""
        for response in _queue.take_failed():
            request, error = response.request, response._outcome
            self._logger.warning("%s %s was not awaited and failed: %s", request.method, request.url, error)


def _seed() -> None:
    """Seeds `random` from the run: its state is part of the image, and every run would draw the same numbers."""
    _random_seed(int.from_bytes(_urandom(16)))


_random_seed, _urandom = random.seed, os.urandom


async def _await(awaitable: Any) -> Any:
    return await awaitable
