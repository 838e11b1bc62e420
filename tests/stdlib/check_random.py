"""random: the Mersenne twister as everywhere; in the sandbox, all of a run's chance follows from its seed."""

import random
import sys


def test_a_seed_gives_the_sequence_it_gives_everywhere():
    chance = random.Random(42)
    assert chance.random() == 0.6394267984578837
    assert [chance.randint(1, 100) for _ in range(3)] == [4, 95, 36]
    assert random.Random("campaign 7").random() == random.Random("campaign 7").random() == 0.5817889798670317
    assert random.Random(7).sample(range(100), 4) == [41, 19, 50, 83]


def test_choosing():
    chance = random.Random(1)
    assert chance.choice("abc") in "abc"
    assert chance.choices(["a", "b"], weights=[0, 1], k=3) == ["b"] * 3
    picked = chance.sample(range(10), 10)
    assert sorted(picked) == list(range(10)) and picked != sorted(picked)
    assert sorted(chance.sample(["a", "b"], counts=[2, 1], k=3)) == ["a", "a", "b"]
    cards = list(range(10))
    chance.shuffle(cards)
    assert sorted(cards) == list(range(10)) != cards


def test_ranges():
    chance = random.Random(3)
    assert {chance.randrange(0, 10, 5) for _ in range(30)} == {0, 5}
    assert {chance.randint(1, 2) for _ in range(30)} == {1, 2}
    assert all(2 <= chance.uniform(2, 3) <= 3 for _ in range(30))
    assert chance.getrandbits(100) < 1 << 100 and len(chance.randbytes(5)) == 5
    for call in (lambda: chance.randint(2, 1), lambda: chance.sample([1], 2)):
        try:
            call()
        except ValueError:
            continue
        raise AssertionError("an empty range has nothing to choose from")


def test_distributions():
    chance = random.Random(5)
    gauss = [chance.gauss(100, 15) for _ in range(2000)]
    assert 98 < sum(gauss) / 2000 < 102
    assert all(0 <= chance.betavariate(2, 3) <= 1 for _ in range(20))
    assert 1 <= chance.triangular(1, 3, 2) <= 3 and chance.expovariate(1) > 0 and chance.lognormvariate(0, 1) > 0
    assert chance.gammavariate(2, 1) > 0 and chance.paretovariate(3) >= 1 and chance.weibullvariate(1, 1) > 0
    assert 0 <= chance.vonmisesvariate(0, 4) <= 7
    if sys.version_info >= (3, 12):
        assert 0 <= chance.binomialvariate(10, 0.5) <= 10


def test_state_can_be_kept():
    chance = random.Random(9)
    state = chance.getstate()
    first = [chance.random() for _ in range(3)]
    chance.setstate(state)
    assert [chance.random() for _ in range(3)] == first


def test_the_modules_own_generator():
    assert random.random() != random.random()
    random.seed(42)
    assert random.random() == 0.6394267984578837


def test_without_a_seed_two_generators_differ():
    assert random.Random().random() != random.Random().random()
    assert 0 <= random.SystemRandom().random() < 1 and random.SystemRandom().randint(5, 5) == 5
