"""collections.abc"""

from collections.abc import (
    Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence, Set, Sized,
)  # fmt: skip


def test_what_built_in_types_are():
    assert isinstance([], MutableSequence) and isinstance((), Sequence) and not isinstance((), MutableSequence)
    assert isinstance({}, MutableMapping) and isinstance({}.keys(), Set) and isinstance("", Sequence)
    assert isinstance(iter([]), Iterator) and isinstance(len, Callable) and not isinstance([], Hashable)


def test_one_method_is_enough():
    class Box:
        def __len__(self):
            return 0

        def __iter__(self):
            return iter(())

    assert isinstance(Box(), Sized) and isinstance(Box(), Iterable) and not isinstance(Box(), Sequence)


def test_a_mapping_from_five_methods():
    class Lower(MutableMapping):
        def __init__(self, **items):
            self.items_ = {}
            self.update(items)

        def __getitem__(self, key):
            return self.items_[key.lower()]

        def __setitem__(self, key, value):
            self.items_[key.lower()] = value

        def __delitem__(self, key):
            del self.items_[key.lower()]

        def __iter__(self):
            return iter(self.items_)

        def __len__(self):
            return len(self.items_)

    headers = Lower(Accept="text", HOST="a")
    assert headers["accept"] == "text" and "host" in headers and headers.pop("Host") == "a" and len(headers) == 1
    assert headers == {"accept": "text"} and headers.setdefault("X", 1) == 1 and isinstance(headers, Mapping)


def test_a_set_and_a_sequence_from_three_methods():
    class Bits(Set):
        def __init__(self, items):
            self.bits = sum(1 << n for n in set(items))

        def __contains__(self, n):
            return bool(self.bits >> n & 1)

        def __iter__(self):
            return (n for n in range(self.bits.bit_length()) if n in self)

        def __len__(self):
            return self.bits.bit_count()

    assert list(Bits([1, 3]) | Bits([2])) == [1, 2, 3] and Bits([1]) < Bits([1, 2]) and Bits([1]) == {1}


def test_abstract_classes_cannot_be_made():
    try:
        Sequence()
    except TypeError as error:
        assert "abstract" in str(error)
    else:
        raise AssertionError("Sequence is abstract")


def test_coroutines_are_awaitable():
    async def nothing():
        pass

    coroutine = nothing()
    assert isinstance(coroutine, Awaitable)
    coroutine.close()
    assert str(Callable[[int], str]) == "collections.abc.Callable[[int], str]"
