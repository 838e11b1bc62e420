from __future__ import annotations

import asyncio
from typing import Any

import pytest
from shim import loop
from shim.errors import StrategyWaits, describe
from shim.loop import RunLoop, drive


async def value_of(value: Any) -> Any:
    await loop.sleep(0)
    return value


async def gather() -> Any:
    return await asyncio.gather(value_of(1), value_of(2), value_of(3))


async def task_group() -> Any:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(value_of(n)) for n in (1, 2, 3)]
    return [task.result() for task in tasks]


async def queue() -> Any:
    numbers: asyncio.Queue[int] = asyncio.Queue()

    async def produce() -> None:
        for n in (1, 2, 3):
            await numbers.put(n)

    producer = asyncio.create_task(produce())
    found = [await numbers.get() for _ in range(3)]
    await producer
    return found


async def threads() -> Any:
    return [await asyncio.to_thread(lambda n=n: n) for n in (1, 2, 3)]  # type: ignore[misc]


@pytest.mark.parametrize("program", [gather, task_group, queue, threads])
def test_asyncio_works(program: Any) -> None:
    assert drive(program(), RunLoop()) == [1, 2, 3]


def test_a_timeout_is_over_at_once() -> None:
    async def wait() -> None:
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), 3600)

    with pytest.raises(TimeoutError):
        drive(wait(), RunLoop())


def test_what_can_never_complete_says_so() -> None:
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StrategyWaits, match="can never complete"):
        drive(wait(), RunLoop())


def test_the_waiting_line_is_told() -> None:
    source = "import asyncio\nasync def inner():\n    await asyncio.Event().wait()\nasync def run():\n    await inner()\n"
    namespace: dict[str, Any] = {}
    exec(compile(source, "strategy.py", "exec"), namespace)
    with pytest.raises(StrategyWaits) as caught:
        drive(namespace["run"](), RunLoop())
    assert describe(caught.value).line == 3


def test_sleeping_is_refused() -> None:
    with pytest.raises(StrategyWaits, match="plan a communication"):
        drive(loop.sleep(5), RunLoop())


def test_tasks_left_behind_are_dropped() -> None:
    ended = []

    async def background() -> None:
        await asyncio.get_running_loop().create_future()
        ended.append(True)

    async def start() -> str:
        asyncio.create_task(background())
        await loop.sleep(0)
        return "done"

    run_loop = RunLoop()
    assert drive(start(), run_loop) == "done"
    assert drive(value_of("again"), run_loop) == "again"
    assert ended == []


def test_a_task_that_fails_alone_is_reported() -> None:
    reports: list[str] = []
    run_loop = RunLoop()
    run_loop.report = lambda what, error: reports.append(f"{what}: {error!r}")

    async def fail() -> None:
        raise ValueError("alone")

    async def start() -> None:
        asyncio.create_task(fail())
        await loop.sleep(0)
        await loop.sleep(0)

    drive(start(), run_loop)
    assert reports == ["Task exception was never retrieved: ValueError('alone')"]
