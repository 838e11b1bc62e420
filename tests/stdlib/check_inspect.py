"""inspect"""

import inspect
import sys
from functools import wraps


def plan(contact, /, days: int = 3, *stages, tone="kind", **more) -> bool:
    """Plans the next step.

    Twice indented.
    """
    return bool(contact)


class Rule:
    """A rule."""

    limit = 5

    def applies(self): ...

    @staticmethod
    def name(): ...


def test_signatures():
    signature = inspect.signature(plan)
    assert str(signature) == "(contact, /, days: int = 3, *stages, tone='kind', **more) -> bool"
    kinds = [parameter.kind.name for parameter in signature.parameters.values()]
    assert kinds == ["POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD"]
    bound = signature.bind("c", 1, "x", extra=2)
    bound.apply_defaults()
    assert bound.arguments == {"contact": "c", "days": 1, "stages": ("x",), "tone": "kind", "more": {"extra": 2}}
    try:
        signature.bind()
    except TypeError as error:
        assert "missing a required" in str(error) and "'contact'" in str(error)
    else:
        raise AssertionError("contact is missing")
    assert str(inspect.signature(Rule.applies)) == "(self)" and str(inspect.signature(Rule().applies)) == "()"


def test_the_source_of_a_function():
    lines, first = inspect.getsourcelines(plan)
    assert lines[0].startswith("def plan(contact") and lines[-1].strip() == "return bool(contact)"
    assert first == plan.__code__.co_firstlineno and "limit = 5" in inspect.getsource(Rule)
    assert inspect.getdoc(plan) == "Plans the next step.\n\nTwice indented."
    assert inspect.getcomments(plan) is None and inspect.cleandoc("  a\n    b") == "a\nb"


def test_what_something_is():
    async def coroutine(): ...

    async def stream():
        yield

    def generator():
        yield

    assert inspect.iscoroutinefunction(coroutine) and inspect.isasyncgenfunction(stream)
    assert inspect.isgeneratorfunction(generator) and inspect.isfunction(plan) and inspect.isbuiltin(len)
    assert inspect.isclass(Rule) and inspect.ismethod(Rule().applies) and inspect.ismodule(inspect)
    running = coroutine()
    assert inspect.isawaitable(running) and inspect.getcoroutinestate(running) == "CORO_CREATED"
    running.close()


def test_members():
    names = [name for name, _ in inspect.getmembers(Rule) if not name.startswith("_")]
    assert names == ["applies", "limit", "name"] and inspect.getmro(Rule) == (Rule, object)
    assert isinstance(inspect.getattr_static(Rule, "name"), staticmethod)
    assert dict(inspect.getmembers(Rule(), inspect.ismethod)).keys() == {"applies"}


def test_frames():
    frame = inspect.currentframe()
    assert frame.f_code.co_name == "test_frames" and inspect.stack()[0].function == "test_frames"
    assert inspect.getframeinfo(frame).code_context[0].strip().startswith("assert inspect.getframeinfo")

    k = 5

    def inner():
        return k + len("a")

    found = inspect.getclosurevars(inner)
    assert found.nonlocals == {"k": 5} and list(found.builtins) == ["len"]


def test_wrapped_functions():
    @wraps(plan)
    def wrapper(*args, **kwargs): ...

    assert inspect.unwrap(wrapper) is plan and inspect.signature(wrapper) == inspect.signature(plan)


def test_annotations():
    assert inspect.get_annotations(plan) == {"days": int, "return": bool}
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        def later(x: Missing): ...  # noqa: F821

        assert inspect.get_annotations(later, format=Format.STRING) == {"x": "Missing"}
        signature = inspect.signature(later, annotation_format=Format.STRING)
        assert signature.format(quote_annotation_strings=False) == "(x: Missing)"
