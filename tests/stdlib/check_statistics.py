"""statistics"""

import statistics as st
import sys
from decimal import Decimal
from fractions import Fraction


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_means():
    assert st.mean([1, 2, 4]) == 7 / 3 and st.mean([1, 2, 3]) == 2
    assert st.mean([Decimal("0.5"), Decimal("0.75")]) == Decimal("0.625")
    assert st.mean([Fraction(1, 3), Fraction(1, 6)]) == Fraction(1, 4)
    assert st.fmean([80, 90], weights=[1, 3]) == 87.5
    assert round(st.geometric_mean([54, 24, 36]), 9) == 36.0
    assert st.harmonic_mean([40, 60]) == 48.0 and st.harmonic_mean([40, 60], weights=[5, 30]) == 56.0


def test_medians_and_modes():
    assert st.median([1, 3, 5]) == 3 and st.median([1, 3, 5, 7]) == 4.0
    assert st.median_low([1, 3, 5, 7]) == 3 and st.median_high([1, 3, 5, 7]) == 5
    assert st.median_grouped([52, 52, 53, 54]) == 52.5
    assert st.mode(["paid", "open", "paid"]) == "paid" and st.multimode("aabbc") == ["a", "b"]


def test_spread():
    data = [2, 4, 4, 4, 5, 5, 7, 9]
    assert st.pstdev(data) == 2.0 and st.pvariance(data) == 4
    assert st.variance(data) == 32 / 7 and round(st.stdev(data), 12) == 2.138089935299
    assert st.variance([Decimal(1), Decimal(3)]) == 2


def test_quantiles():
    assert st.quantiles(range(1, 12), n=4) == [3.0, 6.0, 9.0]
    assert st.quantiles([1, 2, 3, 4, 5], n=4, method="inclusive") == [2.0, 3.0, 4.0]


def test_relations():
    assert st.correlation([1, 2, 3], [2, 4, 6]) == 1.0
    assert st.covariance([1, 2, 3], [1, 2, 3]) == 1.0
    slope, intercept = st.linear_regression([1, 2, 3], [3, 5, 7])
    assert (slope, intercept) == (2.0, 1.0)
    if sys.version_info >= (3, 12):
        assert st.correlation([1, 2, 3], [1, 4, 9], method="ranked") == 1.0


def test_the_normal_distribution():
    scores = st.NormalDist(mu=100, sigma=15)
    assert scores.cdf(100) == 0.5 and round(scores.pdf(100), 6) == 0.026596
    assert round(scores.inv_cdf(0.975), 4) == 129.3995
    assert scores + 5 == st.NormalDist(105, 15) and scores.zscore(130) == 2.0
    assert st.NormalDist.from_samples([1, 2, 3]) == st.NormalDist(2.0, 1.0)
    assert st.NormalDist().samples(3, seed=1) == st.NormalDist().samples(3, seed=1)


def test_too_little_data():
    for function in (st.mean, st.median, st.mode, st.stdev):
        assert isinstance(raised(st.StatisticsError, function, []), ValueError)
    raised(st.StatisticsError, st.stdev, [1])


def test_density_estimates():
    if sys.version_info >= (3, 13):
        density = st.kde([1, 2, 3], h=1)
        assert round(density(2), 6) == round(sum(st.NormalDist(m).pdf(2) for m in (1, 2, 3)) / 3, 6)
