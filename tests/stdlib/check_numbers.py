"""numbers"""

import numbers
from decimal import Decimal
from fractions import Fraction


def test_the_tower():
    assert isinstance(5, numbers.Integral) and isinstance(True, numbers.Integral)
    assert isinstance(Fraction(1, 2), numbers.Rational)
    assert isinstance(0.5, numbers.Real) and not isinstance(0.5, numbers.Rational) and isinstance(1j, numbers.Complex)
    assert isinstance(Decimal(1), numbers.Number) and not isinstance(Decimal(1), numbers.Real)
    assert not isinstance("1", numbers.Number)


def test_ones_own_number():
    @numbers.Number.register
    class Money: ...

    assert isinstance(Money(), numbers.Number)
