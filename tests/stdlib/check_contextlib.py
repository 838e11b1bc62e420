"""contextlib"""

import contextlib
import io


def test_a_generator_as_context():
    steps = []

    @contextlib.contextmanager
    def step(name):
        steps.append(f"+{name}")
        try:
            yield name.upper()
        except KeyError:
            steps.append("caught")
        finally:
            steps.append(f"-{name}")

    with step("a") as name:
        raise KeyError(name)
    assert steps == ["+a", "caught", "-a"]

    @step("b")
    def decorated():
        return 5

    assert decorated() == 5 and steps[3:] == ["+b", "-b"]


def test_suppress_and_nothing():
    with contextlib.suppress(KeyError, ValueError):
        int("x")
    with contextlib.nullcontext(5) as value:
        assert value == 5


def test_a_stack_unwinds_backwards():
    steps = []
    with contextlib.ExitStack() as stack:
        stack.callback(steps.append, "first")
        stack.callback(steps.append, "second")
        assert stack.enter_context(contextlib.nullcontext("x")) == "x"
    assert steps == ["second", "first"]
    with contextlib.ExitStack() as stack:
        stack.callback(steps.append, "third")
        kept = stack.pop_all()
    assert len(steps) == 2
    kept.close()
    assert steps[-1] == "third"


def test_closing():
    stream = io.StringIO()
    with contextlib.closing(stream):
        pass
    assert stream.closed


def test_printed_text_can_be_caught():
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        print("due", 5, sep=": ")
        print("no newline", end="", flush=True)
        import sys

        sys.stderr.write("wrong")
    assert output.getvalue() == "due: 5\nno newline" and errors.getvalue() == "wrong"


def test_classes():
    class Transaction(contextlib.ContextDecorator):
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return True

    @Transaction()
    def fails():
        raise ValueError

    assert fails() is None
    assert isinstance(Transaction(), contextlib.AbstractContextManager)


async def test_async_contexts():
    steps = []

    @contextlib.asynccontextmanager
    async def step(name):
        steps.append(f"+{name}")
        yield name
        steps.append(f"-{name}")

    async with step("a"), contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(step("b"))
        stack.push_async_callback(nothing, steps)
    assert steps == ["+a", "+b", "called", "-b", "-a"]

    async def numbers():
        try:
            yield 1
            yield 2
        finally:
            steps.append("closed")

    async with contextlib.aclosing(numbers()) as stream:
        async for number in stream:
            break
    assert number == 1 and steps[-1] == "closed"


async def nothing(steps):
    steps.append("called")
