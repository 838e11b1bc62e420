"""cmath"""

import cmath
import math


def test_roots_and_logarithms_of_negative_numbers():
    assert cmath.sqrt(-4) == 2j
    assert cmath.log(-1) == complex(0, math.pi)
    assert cmath.log10(100) == 2
    assert cmath.log(8, 2).real == 3.0


def test_polar_form():
    assert cmath.polar(-1) == (1.0, math.pi)
    assert cmath.phase(1j) == math.pi / 2
    assert cmath.isclose(cmath.rect(2, math.pi / 2), 2j, abs_tol=1e-15)


def test_euler():
    assert cmath.isclose(cmath.exp(1j * cmath.pi), -1, abs_tol=1e-15)
    assert cmath.isclose(cmath.cos(1j), math.cosh(1)) and cmath.isclose(cmath.tanh(0.5), math.tanh(0.5))


def test_what_is_no_finite_number():
    assert cmath.isinf(complex(1, math.inf)) and cmath.isnan(cmath.nan) and cmath.isfinite(1 + 1j)
    assert cmath.infj == complex(0, math.inf) and cmath.tau == 2 * math.pi
    try:
        cmath.log(0)
    except ValueError:
        return
    raise AssertionError("log(0) has no value")
