"""A transport for tests: answers that were prepared, requests that are kept."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from stratagem.http import _queue
from stratagem.http._errors import ConnectError, RequestError
from stratagem.http._request import Request, Transport
from stratagem.http._response import Answer


class Fake:
    """Answers by URL, while it is entered:

        with http.Fake({"https://crm.example/7": {"score": 12}}) as fake:
            asyncio.run(run(contact, None, logger))
        assert fake.requests[0].method == "GET"

    A value is an `Answer`, a `RequestError` that is raised, a status code, or anything that becomes a JSON body. A URL
    that was not prepared cannot be reached.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.batches: list[list[Request]] = []
        self._before: Transport | None = None

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in order."""
        return [request for batch in self.batches for request in batch]

    def send(self, requests: Sequence[Request]) -> list[Answer | RequestError]:
        self.batches.append(list(requests))
        return [self._answer(request.url) for request in requests]

    def _answer(self, url: str) -> Answer | RequestError:
        if url not in self.answers:
            return ConnectError(f"no answer was prepared for {url}")
        prepared = self.answers[url]
        if isinstance(prepared, (Answer, RequestError)):
            return prepared
        if isinstance(prepared, int) and not isinstance(prepared, bool):
            return Answer(prepared, url=url)
        return Answer(200, (("content-type", "application/json"),), jsonlib.dumps(prepared).encode(), url)

    def __enter__(self) -> Self:
        _queue.forget()
        self._before = _queue.use(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        _queue.use(self._before)
