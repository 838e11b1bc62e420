"""enum"""

import enum
import json
import pickle
import sys
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto


class Stage(Enum):
    FIRST = 1
    SECOND = 2
    INITIAL = 1

    @property
    def label(self):
        return self.name.title()


class Tone(StrEnum):
    KIND = auto()
    FIRM = auto()


class Days(Flag):
    MON = auto()
    TUE = auto()
    WED = auto()
    START = MON | TUE


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_members():
    assert Stage(1) is Stage.FIRST is Stage["FIRST"] is Stage.INITIAL and Stage.FIRST.label == "First"
    assert list(Stage) == [Stage.FIRST, Stage.SECOND] and list(Stage.__members__) == ["FIRST", "SECOND", "INITIAL"]
    assert repr(Stage.FIRST) == "<Stage.FIRST: 1>" and str(Stage.FIRST) == "Stage.FIRST"
    assert pickle.loads(pickle.dumps(Stage.SECOND)) is Stage.SECOND
    assert str(raised(ValueError, Stage, 9)) == "9 is not a valid Stage"


def test_members_that_are_text_or_numbers():
    assert Tone.FIRM == "firm" and f"{Tone.FIRM}" == "firm" and json.dumps({"tone": Tone.KIND}) == '{"tone": "kind"}'
    Level = IntEnum("Level", "LOW HIGH")
    assert Level.HIGH > Level.LOW and Level.HIGH + 1 == 3 and sorted([Level.HIGH, Level.LOW])[0] is Level.LOW
    assert f"{Level.HIGH}" == "2"


def test_flags():
    assert Days.START == Days.MON | Days.TUE and Days.MON in Days.START and Days.WED not in Days.START
    assert list(Days.START) == [Days.MON, Days.TUE] and len(Days.START) == 2 and ~Days.START == Days.WED
    assert repr(Days.MON | Days.WED) == "<Days.MON|WED: 5>" and not Days(0)
    assert IntFlag("Right", "R W").W | 1 == 3


def test_comparison_is_by_identity():
    class Other(Enum):
        FIRST = 1

    assert Stage.FIRST != Other.FIRST and Stage.FIRST != 1 and {Stage.FIRST: "a"}[Stage.INITIAL] == "a"
    raised(TypeError, lambda: Stage.FIRST < Stage.SECOND)
    if sys.version_info >= (3, 12):
        assert 2 in Stage and 9 not in Stage


def test_ones_own_lookup():
    class Answer(Enum):
        YES = "yes"
        NO = "no"

        @classmethod
        def _missing_(cls, value):
            return cls.YES if str(value).lower() in ("y", "ja") else None

    assert Answer("JA") is Answer.YES
    raised(ValueError, Answer, "maybe")


def test_rules():
    def twice():
        @enum.unique
        class Bad(Enum):
            A = 1
            B = 1

    def extended():
        class More(Stage):
            THIRD = 3

    assert "duplicate values found in <enum 'Bad'>: B -> A" in str(raised(ValueError, twice))
    raised(AttributeError, setattr, Stage, "FIRST", 5)
    raised(TypeError, extended)
    raised(ValueError, Days, 64)

    @enum.verify(enum.CONTINUOUS)
    class Good(Enum):
        A = 1
        B = 2

    assert Good.B.value == 2


def test_matching_and_parts():
    match Tone("kind"):
        case Tone.KIND:
            pass
        case _:
            raise AssertionError("no match")

    class Planet(Enum):
        EARTH = (5.97, 6.37)
        nothing = enum.nonmember(3)

        def __init__(self, mass, radius):
            self.mass = mass

    assert Planet.EARTH.mass == 5.97 and Planet.nothing == 3 and len(Planet) == 1
