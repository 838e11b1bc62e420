"""math"""

import math
import sys


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_rounding_to_integers():
    assert [f(-1.5) for f in (math.floor, math.ceil, math.trunc)] == [-2, -1, -1]
    assert type(math.floor(1e300)) is int
    assert math.modf(-2.5) == (-0.5, -2.0)


def test_exact_sums_and_products():
    assert math.fsum([0.1] * 10) == 1.0
    assert math.prod([2, 3, 7], start=10) == 420
    assert math.prod([]) == 1
    if sys.version_info >= (3, 12):
        assert math.sumprod([10, 20], [1.5, 2]) == 55.0


def test_whole_number_functions():
    assert math.comb(52, 5) == 2_598_960 and math.perm(5, 2) == 20 and math.perm(4) == 24
    assert math.gcd(12, 18, 27) == 3 and math.lcm(4, 6, 10) == 60 and math.gcd() == 0
    assert math.isqrt(10**40 - 1) == 10**20 - 1
    assert math.factorial(20) == 2_432_902_008_176_640_000
    raised(ValueError, math.factorial, -1)


def test_roots_powers_and_logarithms():
    assert math.sqrt(2) == 1.4142135623730951 and math.isclose(math.cbrt(-27), -3)
    assert math.log(8, 2) == 3.0 and math.log2(1024) == 10.0 and math.log10(1000) == 3.0
    assert math.exp2(10) == 1024.0 and math.pow(2, 0.5) == 1.4142135623730951
    assert math.isclose(math.log1p(1e-10), 9.9999999995e-11) and math.isclose(math.expm1(1e-10), 1.00000000005e-10)
    assert math.isclose(math.exp(1), math.e, rel_tol=1e-15)
    assert math.isclose(math.log(10**400), 921.0340371976183)


def test_distances_and_angles():
    assert math.hypot(3, 4) == 5.0 and math.hypot(1, 2, 2) == 3.0 and math.dist((0, 0), (6, 8)) == 10.0
    assert math.degrees(math.pi) == 180.0 and math.radians(180) == math.pi
    assert math.isclose(math.sin(math.pi / 6), 0.5) and math.isclose(math.tan(math.pi / 4), 1)
    assert math.atan2(1, -1) == 2.356194490192345 and math.acos(-1) == math.pi
    assert math.isclose(math.tanh(math.atanh(0.3)), 0.3)


def test_remainders():
    assert math.fmod(-7, 3) == -1.0 and -7 % 3 == 2
    assert math.remainder(7, 4) == -1.0


def test_the_make_of_a_float():
    assert math.frexp(8.0) == (0.5, 4) and math.ldexp(0.5, 4) == 8.0
    assert math.ulp(1.0) == 2.220446049250313e-16 and math.nextafter(1.0, 2) == 1.0000000000000002
    assert math.copysign(3, -0.0) == -3.0
    if sys.version_info >= (3, 12):
        assert math.nextafter(1.0, 2, steps=3) == 1.0000000000000007


def test_what_is_no_finite_number():
    assert math.isnan(math.nan) and math.isinf(-math.inf) and math.isfinite(1e308) and math.nan != math.nan
    assert math.isclose(1e9, 1e9 + 1) and not math.isclose(0, 1e-12) and math.isclose(0, 1e-12, abs_tol=1e-9)
    raised(ValueError, math.sqrt, -1)
    raised(ValueError, math.log, 0)
    raised(OverflowError, math.exp, 1000)
    raised(OverflowError, math.floor, math.inf)


def test_special_functions():
    assert math.gamma(5) == 24.0 and math.isclose(math.lgamma(100), 359.1342053695754)
    assert math.isclose(math.erf(1), 0.8427007929497149) and math.isclose(math.erfc(1), 0.15729920705028513)


def test_newer_functions():
    if sys.version_info >= (3, 13):
        assert math.fma(0.1, 10, -1) == 5.551115123125783e-17
