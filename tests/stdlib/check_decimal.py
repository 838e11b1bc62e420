"""decimal: money."""

import decimal
import pickle
import sys
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

IN_SANDBOX = sys.platform == "wasi"
CENT = Decimal("0.01")


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_sums_are_exact():
    assert Decimal("0.1") + Decimal("0.2") == Decimal("0.3")
    assert sum([Decimal("19.99")] * 3) == Decimal("59.97")
    assert str(Decimal("1.10") * 2) == "2.20"


def test_rounding_to_cents():
    amount = Decimal("2.675")
    rounded = {
        mode: str(amount.quantize(CENT, mode)) for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN, ROUND_UP)
    }
    assert rounded == {ROUND_HALF_UP: "2.68", ROUND_HALF_EVEN: "2.68", ROUND_DOWN: "2.67", ROUND_UP: "2.68"}
    assert str(Decimal("2.665").quantize(CENT)) == "2.66"
    assert round(Decimal("2.675"), 2) == Decimal("2.68") and type(round(Decimal("2.5"))) is int
    assert Decimal("-7") // 2 == -3 and Decimal("-7") % 2 == -1  # towards zero, unlike int


def test_where_a_number_comes_from():
    assert Decimal(0.1) != Decimal("0.1") and Decimal(str(0.1)) == Decimal("0.1")
    assert str(Decimal(0.1))[:22] == "0.10000000000000000555"
    assert Decimal(" 1_000.50 ") == Decimal("1000.5") and Decimal((1, (1, 2), -1)) == Decimal("-1.2")
    raised(decimal.InvalidOperation, Decimal, "12,50")
    raised(TypeError, lambda: Decimal("1") + 0.5)
    if sys.version_info >= (3, 14):
        assert Decimal.from_number(3) == 3


def test_looks():
    assert f"{Decimal('1234567.891'):,.2f}" == "1,234,567.89"
    assert f"{Decimal('0.256'):.1%}" == "25.6%" and f"{Decimal('5'):>8.2f}" == "    5.00"
    assert str(Decimal("1E+3")) == "1E+3" and f"{Decimal('1E+3'):f}" == "1000"
    assert str(Decimal("120.00").normalize()) == "1.2E+2" and repr(Decimal("1.0")) == "Decimal('1.0')"
    assert Decimal("1.50").as_tuple() == (0, (1, 5, 0), -2)
    assert Decimal("0.125").as_integer_ratio() == (1, 8)


def test_comparing():
    assert Decimal("1.0") == 1 == Decimal("1.00") and hash(Decimal("1.0")) == hash(1)
    assert Decimal("0.5") == 0.5 and max(Decimal("1"), Decimal("2")) == 2
    assert Decimal("NaN") != Decimal("NaN") and Decimal("Infinity") > 10**100
    assert Decimal("1.0").compare_total(Decimal("1.00")) == 1


def test_contexts():
    assert decimal.getcontext().prec == 28
    with decimal.localcontext(prec=5) as context:
        assert str(Decimal(1) / 3) == "0.33333"
        assert context.flags[decimal.Inexact]
    assert str(Decimal(1) / 3) == "0." + "3" * 28
    assert decimal.Context(prec=3, rounding=ROUND_UP).divide(1, Decimal(3)) == Decimal("0.334")


def test_traps():
    raised(decimal.DivisionByZero, lambda: Decimal(1) / 0)
    raised(decimal.InvalidOperation, lambda: Decimal(0) / 0)
    raised(ZeroDivisionError, lambda: Decimal(1) / 0)
    with decimal.localcontext() as context:
        context.traps[decimal.DivisionByZero] = False
        assert Decimal(1) / 0 == Decimal("Infinity")
        context.traps[decimal.FloatOperation] = True
        raised(decimal.FloatOperation, Decimal, 0.1)


def test_functions():
    assert str(Decimal(2).sqrt()) == "1.414213562373095048801688724"
    assert str(Decimal(1).exp()) == "2.718281828459045235360287471"
    assert Decimal(100).log10() == 2 and Decimal("1.05") ** 2 == Decimal("1.1025")
    assert Decimal("17.9").to_integral_value() == 18 and int(Decimal("17.9")) == 17
    assert Decimal("3.14").fma(2, 1) == Decimal("7.28") and Decimal("-5").copy_abs() == 5
    assert Decimal("12345").adjusted() == 4 and Decimal("7").remainder_near(4) == -1


def test_large_numbers_and_copies():
    assert Decimal(2) ** 90 == Decimal("1237940039285380274899124224")
    with decimal.localcontext(prec=60):
        assert int(Decimal(3) ** 100) == 3**100
    amount = Decimal("12.50")
    assert pickle.loads(pickle.dumps(amount)) == amount
    assert decimal.__name__ == "decimal" and decimal.HAVE_CONTEXTVAR


if IN_SANDBOX:

    def test_the_largest_precision_is_that_of_32_bits():
        assert decimal.MAX_PREC == 425_000_000 and decimal.MAX_EMAX == 425_000_000
