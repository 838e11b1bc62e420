"""asyncio without sockets, threads and waiting: gather, create_task, TaskGroup, wait_for, timeout work as they do elsewhere.

Timers fire as soon as nothing else can run, in order, so that nothing ever waits. What could only end by waiting
(`asyncio.sleep` beyond zero, a future that nobody completes) raises an error that says what to do instead.
"""

from __future__ import annotations

import asyncio
import asyncio.base_events
import asyncio.events
import sys
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from shim.errors import StrategyWaits, is_own

Report = Callable[[str, BaseException], None]
"""Takes what happened and the exception, for tasks that fail while nobody waits for them."""

# Half of a small hook's cost is the turn that an eager task saves. Desktops may have an older Python.
_EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}

_set_running = asyncio.events._set_running_loop
_get_running = asyncio.events._get_running_loop


def _no_report(what: str, error: BaseException) -> None:
    pass


class RunLoop(asyncio.base_events.BaseEventLoop):
    """The standard loop's scheduling over a clock of its own and no selector."""

    report: Report = staticmethod(_no_report)

    def __init__(self) -> None:
        super().__init__()
        self._elapsed = 0.0
        self._selector = self
        self.has_made_tasks = False
        """Whether the strategy has: to look for those that it left behind takes as long as to make one."""

    def time(self) -> float:
        return self._elapsed

    def select(self, timeout: float | None) -> list[Any]:
        """Called when nothing is ready: the next timer is due at once, and without one nothing can ever happen."""
        if timeout is None:
            raise StrategyWaits(
                "the strategy awaits something that can never complete: within a run, await only what the SDK gives "
                "and tasks that you have made"
            )
        self._elapsed += timeout + self._clock_resolution  # type: ignore[attr-defined]
        return []

    def create_task(self, coro: Any, **kwargs: Any) -> Any:
        self.has_made_tasks = True
        return super().create_task(coro, **kwargs)

    def is_running(self) -> bool:
        # BaseEventLoop asks for a thread id here; without this answer eager tasks are silently not eager.
        return _get_running() is self

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Calls it now, so that `asyncio.to_thread` works."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self.report(str(context.get("message", "a task failed")), error)

    def close(self) -> None:
        self._closed = True

    def __del__(self) -> None:
        """Holds nothing that would have to be closed."""

    def _process_events(self, event_list: Any) -> None: ...

    def _write_to_self(self) -> None: ...


@types.coroutine
def _one_turn() -> Generator[None, None, None]:
    yield


async def sleep(delay: float, result: Any = None) -> Any:
    """`asyncio.sleep(0)` lets others run; anything longer has no place in a run."""
    if delay > 0:
        raise StrategyWaits(
            f"asyncio.sleep({delay:g}) is not available in a strategy: plan a communication with a later start_date"
        )
    await _one_turn()
    return result


def drive(coro: Coroutine[Any, Any, Any], loop: RunLoop) -> Any:
    """Runs a hook to its end and returns its result. Tasks that it left behind are dropped."""
    _set_running(loop)
    try:
        task = asyncio.Task(coro, loop=loop, **_EAGER)
        while not task.done():
            loop._run_once()  # type: ignore[attr-defined]
        return task.result()
    except StrategyWaits as error:
        # Where the loop itself raised it, no traceback leads to the wait.
        error.file, error.line = _innermost_wait(coro)  # type: ignore[attr-defined]
        raise
    finally:
        _abandon(loop)
        _set_running(None)


def _abandon(loop: RunLoop) -> None:
    if loop.has_made_tasks:
        loop.has_made_tasks = False
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            task.cancel()
    loop._ready.clear()  # type: ignore[attr-defined]
    loop._scheduled.clear()  # type: ignore[attr-defined]


def _innermost_wait(coro: Any) -> tuple[str | None, int | None]:
    """File and line of the tenant's await that the coroutine stands at."""
    place: tuple[str | None, int | None] = None, None
    while coro is not None:
        frame = getattr(coro, "cr_frame", None) or getattr(coro, "gi_frame", None)
        if frame is not None and is_own(frame.f_code.co_filename):
            place = frame.f_code.co_filename, frame.f_lineno
        coro = getattr(coro, "cr_await", None) or getattr(coro, "gi_yieldfrom", None)
    return place


def install() -> RunLoop:
    """Makes asyncio use loops of this kind everywhere, and returns the one that hooks run on."""
    asyncio.sleep = asyncio.tasks.sleep = sleep
    asyncio.new_event_loop = asyncio.events.new_event_loop = RunLoop
    return RunLoop()
