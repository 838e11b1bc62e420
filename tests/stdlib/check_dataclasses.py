"""dataclasses"""

import copy
import dataclasses
import pickle
import sys
from dataclasses import KW_ONLY, InitVar, asdict, astuple, dataclass, field, fields, replace
from typing import ClassVar


@dataclass(order=True)
class Offer:
    amount: float
    days: int = 30
    notes: list = field(default_factory=list, compare=False, repr=False)
    currency: ClassVar[str] = "EUR"


@dataclass(frozen=True, slots=True)
class Key:
    campaign: int
    contact: str = "x"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_what_is_written_for_you():
    assert repr(Offer(10.0)) == "Offer(amount=10.0, days=30)" and Offer(10, 20) == Offer(10, 20, ["other"])
    assert sorted([Offer(2, 1), Offer(1, 9)])[0].amount == 1 and Offer(1, 2) < Offer(1, 3)
    assert Offer(1).notes is not Offer(1).notes and Offer.currency == "EUR"
    assert [f.name for f in fields(Offer)] == ["amount", "days", "notes"]


def test_as_other_types():
    offer = Offer(1.5, notes=[Key(7)])
    assert asdict(offer) == {"amount": 1.5, "days": 30, "notes": [{"campaign": 7, "contact": "x"}]}
    assert astuple(Key(7)) == (7, "x")
    assert replace(offer, days=5).days == 5 and offer.days == 30
    if sys.version_info >= (3, 13):
        assert copy.replace(Key(7), contact="y") == Key(7, "y")


def test_frozen_and_slotted():
    key = Key(1)
    assert (
        str(raised(dataclasses.FrozenInstanceError, setattr, key, "campaign", 2)) == "cannot assign to field 'campaign'"
    )
    assert {key: 1}[Key(1)] == 1 and not hasattr(key, "__dict__") and Key.__slots__ == ("campaign", "contact")
    assert pickle.loads(pickle.dumps(key)) == key == copy.deepcopy(key)


def test_after_init():
    @dataclass
    class Plan:
        start: int
        step: InitVar[int]
        _: KW_ONLY
        end: int = field(init=False)

        def __post_init__(self, step):
            self.end = self.start + step

    assert Plan(1, 2).end == 3
    raised(TypeError, Plan, 1, 2, 3)


def test_keyword_only_and_inheritance():
    @dataclass(kw_only=True)
    class Base:
        name: str = "a"

    @dataclass
    class Child(Base):
        age: int

    assert Child(3, name="b") == Child(age=3, name="b")


def test_matching():
    match Offer(10, 5):
        case Offer(amount, days=5):
            assert amount == 10
        case _:
            raise AssertionError("no match")


def test_a_class_from_a_list():
    Made = dataclasses.make_dataclass("Made", [("x", int), ("y", int, 5)])
    assert repr(Made(1)) == "Made(x=1, y=5)" and dataclasses.is_dataclass(Made)


def test_mistakes_are_found():
    def mutable_default():
        @dataclass
        class Wrong:
            items: list = []

    def wrong_order():
        @dataclass
        class Wrong:
            a: int = 1
            b: int

    assert "mutable default <class 'list'> for field items" in str(raised(ValueError, mutable_default))
    assert "non-default argument 'b' follows default argument" in str(raised(TypeError, wrong_order))


def test_text_annotations():
    @dataclass
    class Node:
        value: int
        next: "Node | None" = None

    assert Node(1, Node(2)).next.value == 2 and fields(Node)[1].type == "Node | None"
