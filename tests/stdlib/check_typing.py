"""typing"""

import sys
import typing
from typing import (
    Annotated, Any, Generic, Literal, NamedTuple, NewType, Optional, Protocol, TypedDict, TypeVar, Union, cast, get_args,
    get_origin, get_type_hints, overload, runtime_checkable,
)  # fmt: skip

T = TypeVar("T")


class Row(TypedDict, total=False):
    name: typing.Required[str]
    amount: float


class Place(NamedTuple):
    lat: float
    lon: float = 0.0


@runtime_checkable
class Sender(Protocol):
    def send(self, text: str) -> None: ...


class Box(Generic[T]):
    def __init__(self, content: T) -> None:
        self.content = content


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_hints_of_functions_and_classes():
    def plan(contact: "Row", days: Optional[int] = None, *, tone: Literal["kind"] = "kind") -> list[str]: ...

    hints = get_type_hints(plan)
    assert hints == {"contact": Row, "days": Optional[int], "tone": Literal["kind"], "return": list[str]}

    class Node:
        next: "Node | None"
        size: Annotated[int, "bytes"]

    assert get_type_hints(Node, localns={"Node": Node}) == {"next": Node | None, "size": int}
    assert get_type_hints(Node, localns={"Node": Node}, include_extras=True)["size"].__metadata__ == ("bytes",)


def test_taking_types_apart():
    assert get_origin(dict[str, int]) is dict and get_args(dict[str, int]) == (str, int)
    assert get_args(Optional[int]) == (int, type(None)) and Union[int, str] == (int | str) and Union[int, int] is int
    assert get_args(Literal["a", 1]) == ("a", 1) and get_args(typing.Callable[[int], str]) == ([int], str)
    assert get_origin(Annotated[int, 5]) is Annotated and isinstance(3, int | str)


def test_typed_dicts():
    row: Row = {"name": "Jane"}
    assert type(row) is dict and Row(name="a", amount=1.0) == {"name": "a", "amount": 1.0}
    assert Row.__required_keys__ == {"name"} and Row.__optional_keys__ == {"amount"} and typing.is_typeddict(Row)


def test_named_tuples():
    assert Place(1.5) == (1.5, 0.0) and Place(1, lon=2).lon == 2 and Place._field_defaults == {"lon": 0.0}
    assert repr(Place(1.5)) == "Place(lat=1.5, lon=0.0)"


def test_protocols():
    class Mail:
        def send(self, text: str) -> None: ...

    assert isinstance(Mail(), Sender) and not isinstance("x", Sender) and issubclass(Mail, Sender)
    raised(TypeError, Sender)


def test_generics():
    assert Box[int](3).content == 3 and repr(Box[int])[-8:] == "Box[int]" and Box[int].__origin__ is Box
    assert Box[int] == Box[int] and Box.__parameters__ == (T,)
    raised(TypeError, lambda: Box[int, str])


def test_what_is_nothing_at_run_time():
    UserId = NewType("UserId", int)
    assert UserId(5) == 5 and cast(str, 5) == 5 and UserId.__supertype__ is int

    @overload
    def double(x: int) -> int: ...
    @overload
    def double(x: str) -> str: ...
    def double(x):
        return x * 2

    assert double("a") == "aa" and len(typing.get_overloads(double)) == 2

    @typing.final
    class Last: ...

    assert Last.__final__ and not typing.TYPE_CHECKING
    raised(AssertionError, typing.assert_never, 5)
    assert typing.assert_type(5, int) == 5


def test_modern_syntax():
    if sys.version_info >= (3, 12):
        names = {}
        exec(
            "type Pair[X] = tuple[X, X]\ndef first[X](items: list[X]) -> X: return items[0]\nclass Stack[X]: ...", names
        )
        assert repr(names["Pair"]) == "Pair" and names["Pair"].__value__.__origin__ is tuple
        assert names["first"]([3]) == 3 and names["Stack"][int].__args__ == (int,)
    if sys.version_info >= (3, 14):
        assert repr(Union[int, str]) == "int | str" and Union[int, str].__class__ is Union
    assert repr(Optional[int]) in ("int | None", "typing.Optional[int]")


def test_any_and_the_rest():
    assert repr(Any) == "typing.Any" and typing.Self and typing.ParamSpec("P").args
    assert typing.get_type_hints(Box.__init__) == {"content": T, "return": type(None)}
