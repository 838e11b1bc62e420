"""fractions"""

import math
import sys
from decimal import Decimal
from fractions import Fraction


def test_exact_arithmetic():
    assert Fraction(1, 3) + Fraction(1, 6) == Fraction(1, 2)
    assert Fraction(6, -4) == Fraction(-3, 2) and Fraction(-7, 2) // 1 == -4
    assert sum([Fraction(1, 10)] * 10) == 1
    assert Fraction(2, 3) ** -2 == Fraction(9, 4)


def test_where_a_fraction_comes_from():
    assert Fraction("3/4") == Fraction("0.75") == Fraction(0.75) == Fraction(Decimal("0.75"))
    assert Fraction("1e-3") == Fraction(1, 1000)
    assert Fraction(0.1) == Fraction(3602879701896397, 36028797018963968)
    if sys.version_info >= (3, 14):
        assert Fraction.from_number(0.5) == Fraction(1, 2)


def test_approximation():
    assert Fraction(math.pi).limit_denominator(1000) == Fraction(355, 113)
    assert Fraction(0.1).limit_denominator() == Fraction(1, 10)


def test_rounding():
    assert round(Fraction(5, 2)) == 2 and round(Fraction(7, 3), 2) == Fraction(233, 100)
    assert math.floor(Fraction(-1, 2)) == -1 and math.ceil(Fraction(-1, 2)) == 0 and int(Fraction(-3, 2)) == -1


def test_looks_and_comparison():
    assert str(Fraction(4, 2)) == "2" and repr(Fraction(1, 3)) == "Fraction(1, 3)"
    assert Fraction(1, 2) == 0.5 and Fraction(1, 3) > 0.333 and hash(Fraction(2)) == hash(2)
    assert Fraction(3, 4).as_integer_ratio() == (3, 4)
    if sys.version_info >= (3, 12):
        assert f"{Fraction(1, 3):.3f}" == "0.333" and Fraction(4, 2).is_integer()


def test_no_zero_below():
    try:
        Fraction(1, 0)
    except ZeroDivisionError as error:
        assert str(error) == "Fraction(1, 0)"
    else:
        raise AssertionError("1/0 is no fraction")
