"""types"""

import sys
import types


def test_namespaces():
    row = types.SimpleNamespace(name="Jane", n=1)
    row.n += 1
    assert row == types.SimpleNamespace(n=2, name="Jane") and repr(row) == "namespace(name='Jane', n=2)"
    if sys.version_info >= (3, 13):
        assert types.SimpleNamespace({"a": 1}, b=2).a == 1


def test_a_read_only_view():
    settings = {"tone": "kind"}
    view = types.MappingProxyType(settings)
    settings["tone"] = "firm"
    assert view["tone"] == "firm" and view | {"a": 1} == {"tone": "firm", "a": 1}
    try:
        view["tone"] = "x"
    except TypeError:
        return
    raise AssertionError("a view cannot be changed")


def test_names_of_types():
    def function():
        yield

    async def coroutine(): ...

    assert type(function) is types.FunctionType is types.LambdaType and isinstance(function(), types.GeneratorType)
    running = coroutine()
    assert isinstance(running, types.CoroutineType)
    running.close()
    assert isinstance([].append, types.BuiltinMethodType) and isinstance(types, types.ModuleType)
    assert type(None) is types.NoneType and type(...) is types.EllipsisType and isinstance(int | str, types.UnionType)
    assert isinstance(function.__code__, types.CodeType) and isinstance(list[int], types.GenericAlias)
    assert isinstance("".__str__, types.MethodWrapperType) and isinstance(types.MethodType(len, "ab"), types.MethodType)


def test_making_things():
    Made = types.new_class("Made", (dict,), {}, lambda body: body.update(size=lambda self: len(self)))
    assert Made(a=1).size() == 1 and Made.__name__ == "Made"
    module = types.ModuleType("rules", "Ours.")
    exec("x = 5", module.__dict__)
    assert module.x == 5 and module.__doc__ == "Ours." and repr(module) == "<module 'rules'>"
    double = types.FunctionType((lambda n: n * k).__code__, {"k": 2})  # noqa: F821
    assert double(4) == 8 and types.MethodType(lambda self: self + 1, 4)() == 5


def test_generator_based_coroutines():
    @types.coroutine
    def wait():
        return (yield "asked")

    async def outer():
        return await wait()

    running = outer()
    assert running.send(None) == "asked"
    try:
        running.send("answered")
    except StopIteration as stop:
        assert stop.value == "answered"


def test_bases_and_attributes():
    assert types.resolve_bases((list[int],)) == (list,)
    assert types.prepare_class("A", (int,))[0] is type

    class Answer:
        @types.DynamicClassAttribute
        def value(self):
            return 5

    assert Answer().value == 5
