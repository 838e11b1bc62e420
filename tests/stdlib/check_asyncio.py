"""asyncio: tasks that take turns. Nothing waits: timers are over as soon as nothing else can go on."""

import asyncio
import sys

IN_SANDBOX = sys.platform == "wasi"


async def after(turns, value):
    """The value, after letting others run that often."""
    for _ in range(turns):
        await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


async def raised(error, awaitable):
    try:
        await awaitable
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def run_at_import():
    """What `asyncio.run` gives where no loop runs yet: at the top level, as in a `def` hook."""
    with asyncio.Runner() as runner:
        return asyncio.run(after(2, "done")), runner.run(after(1, 5)), runner.run(after(0, 6))


def wait_forever_at_import():
    async def forever():
        await asyncio.get_running_loop().create_future()

    try:
        asyncio.run(forever())
    except RuntimeError as error:
        return error


AT_IMPORT = run_at_import()
FOREVER = wait_forever_at_import() if IN_SANDBOX else None


def test_asyncio_run():
    assert AT_IMPORT == ("done", 5, 6)


async def test_gather():
    assert await asyncio.gather(after(3, "a"), after(1, "b"), after(0, "c")) == ["a", "b", "c"]
    results = await asyncio.gather(after(1, ValueError("no")), after(2, 5), return_exceptions=True)
    assert isinstance(results[0], ValueError) and results[1] == 5
    assert str(await raised(ValueError, asyncio.gather(after(1, ValueError("no")), after(2, 5)))) == "no"
    assert await asyncio.gather() == []


async def test_tasks_take_turns():
    steps = []

    async def step(name):
        for n in range(2):
            steps.append(f"{name}{n}")
            await asyncio.sleep(0)

    first, second = asyncio.create_task(step("a"), name="first"), asyncio.create_task(step("b"))
    assert not first.done() and first.get_name() == "first" and steps == []
    await first
    await second
    assert steps == ["a0", "b0", "a1", "b1"] and first.done() and first.result() is None


async def test_cancelling():
    steps = []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("cleaned")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    assert task.cancel() and not task.cancelled()
    await raised(asyncio.CancelledError, task)
    assert steps == ["cleaned"] and task.cancelled() and not task.cancel()


async def test_task_groups():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(after(n, n)) for n in (2, 1)]
    assert [task.result() for task in tasks] == [2, 1]

    async def failing():
        async with asyncio.TaskGroup() as group:
            group.create_task(after(1, ValueError("bad")))
            waiting.append(group.create_task(asyncio.Event().wait()))

    waiting = []
    group = await raised(ExceptionGroup, failing())
    assert [str(error) for error in group.exceptions] == ["bad"] and waiting[0].cancelled()


async def test_time_limits():
    assert await asyncio.wait_for(after(5, "done"), 1) == "done"
    await raised(asyncio.TimeoutError, asyncio.wait_for(asyncio.Event().wait(), 0.01))
    async with asyncio.timeout(1) as limit:
        assert await after(3, "in time") == "in time"
    assert not limit.expired()

    async def too_long():
        async with asyncio.timeout(0.01):
            await asyncio.get_running_loop().create_future()

    assert isinstance(await raised(TimeoutError, too_long()), TimeoutError)
    never = asyncio.get_running_loop().create_future()
    done, pending = await asyncio.wait([never], timeout=0.01)
    assert not done and pending == {never}
    async with asyncio.timeout(None):
        pass


async def test_waiting_for_some():
    tasks = [asyncio.create_task(after(n, n)) for n in (9, 1)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [1] and len(pending) == 1
    done, pending = await asyncio.wait(pending)
    assert not pending
    finished = [await one for one in asyncio.as_completed([after(3, "late"), after(1, "early")])]
    assert finished == ["early", "late"]
    assert await asyncio.shield(after(1, "safe")) == "safe"


async def test_queues():
    queue, taken = asyncio.Queue(maxsize=1), []

    async def produce():
        for n in range(3):
            await queue.put(n)

    async def consume():
        while True:
            taken.append(await queue.get())
            queue.task_done()

    consumer = asyncio.create_task(consume())
    await produce()
    await queue.join()
    consumer.cancel()
    assert taken == [0, 1, 2] and queue.empty()
    first = asyncio.PriorityQueue()
    for item in (3, 1, 2):
        first.put_nowait(item)
    assert [first.get_nowait() for _ in range(3)] == [1, 2, 3]
    last = asyncio.LifoQueue()
    last.put_nowait("a")
    last.put_nowait("b")
    assert await last.get() == "b"
    try:
        asyncio.Queue().get_nowait()
    except asyncio.QueueEmpty:
        pass
    if sys.version_info >= (3, 13):
        queue.shutdown()
        await raised(asyncio.QueueShutDown, queue.get())


async def test_events_locks_and_conditions():
    event, lock, condition, order = asyncio.Event(), asyncio.Lock(), asyncio.Condition(), []

    async def wait():
        await event.wait()
        async with lock:
            order.append("woken")
        async with condition:
            await condition.wait_for(lambda: "ready" in order)
            order.append("noticed")

    task = asyncio.create_task(wait())
    await after(2, None)
    assert order == []
    event.set()
    await after(3, None)
    async with condition:
        order.append("ready")
        condition.notify_all()
    await task
    assert order == ["woken", "ready", "noticed"] and not lock.locked()


async def test_semaphores_and_barriers():
    gate, inside, most = asyncio.Semaphore(2), 0, 0

    async def work():
        nonlocal inside, most
        async with gate:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(6)))
    assert most == 2 and inside == 0
    barrier = asyncio.Barrier(2)
    assert sorted(await asyncio.gather(barrier.wait(), barrier.wait())) == [0, 1]


async def test_functions_in_place_of_threads():
    assert await asyncio.to_thread(divmod, 7, 2) == (3, 1)
    await raised(ZeroDivisionError, asyncio.to_thread(divmod, 7, 0))
    assert await asyncio.get_running_loop().run_in_executor(None, len, "abc") == 3


async def test_sleeping_for_no_time():
    assert await asyncio.sleep(0) is None and await asyncio.sleep(0, "x") == "x"
    await asyncio.sleep(-1)


async def test_the_loop():
    loop = asyncio.get_running_loop()
    assert loop.is_running() and not loop.is_closed() and asyncio.current_task() in asyncio.all_tasks()
    called = []
    loop.call_soon(called.append, "soon")
    loop.call_later(0.02, called.append, "later")
    loop.call_later(0.01, called.append, "sooner")
    future = loop.create_future()
    loop.call_at(loop.time() + 0.03, future.set_result, "done")
    assert await future == "done" and called == ["soon", "sooner", "later"]


async def test_futures():
    future = asyncio.get_running_loop().create_future()
    seen = []
    future.add_done_callback(lambda done: seen.append(done.result()))
    asyncio.create_task(after(1, None)).add_done_callback(lambda _: future.set_result(7))
    assert await future == 7 and future.done()
    await asyncio.sleep(0)
    assert seen == [7]
    try:
        future.set_result(8)
    except asyncio.InvalidStateError:
        return
    raise AssertionError("it has a result")


async def test_async_iteration():
    async def numbers():
        for n in range(3):
            await asyncio.sleep(0)
            yield n

    assert [n async for n in numbers() if n] == [1, 2] and [n async for n in aiter(numbers())] == [0, 1, 2]
    stream = numbers()
    assert await anext(stream) == 0
    await stream.aclose()
    assert await anext(stream, "end") == "end"


async def test_a_second_loop_cannot_run_inside():
    coroutine = after(0, 1)
    try:
        asyncio.run(coroutine)
    except RuntimeError as error:
        assert str(error) == "asyncio.run() cannot be called from a running event loop"
    else:
        raise AssertionError("a loop is running")
    finally:
        coroutine.close()


if IN_SANDBOX:

    async def test_sleeping_says_what_to_do_instead():
        error = await raised(RuntimeError, asyncio.sleep(1.5))
        assert str(error).startswith("asyncio.sleep(1.5) is not available in a strategy: plan a communication")
        assert type(error).__name__ == "StrategyWaits"

    async def test_long_time_limits_are_over_at_once():
        await raised(TimeoutError, asyncio.wait_for(asyncio.Event().wait(), 3600))

    def test_what_nobody_completes_ends_the_run():
        assert type(FOREVER).__name__ == "StrategyWaits"
        assert str(FOREVER).startswith("the strategy awaits something that can never complete")
