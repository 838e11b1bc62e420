"""abc"""

import abc


class Channel(abc.ABC):
    @abc.abstractmethod
    def send(self, text): ...

    @property
    @abc.abstractmethod
    def name(self): ...


class Mail(Channel):
    name = "mail"

    def send(self, text):
        return f"{self.name}: {text}"


def test_only_complete_classes_can_be_made():
    assert Mail().send("hi") == "mail: hi" and isinstance(Mail(), Channel)
    try:
        type("Half", (Channel,), {"name": "x"})()
    except TypeError as error:
        assert "Half" in str(error) and "abstract method" in str(error) and "send" in str(error)
    else:
        raise AssertionError("send is missing")
    assert Channel.__abstractmethods__ == {"send", "name"}


def test_registered_classes():
    @Channel.register
    class Call: ...

    assert isinstance(Call(), Channel) and issubclass(Call, Channel) and not issubclass(int, Channel)


def test_ones_own_check():
    class Sized(metaclass=abc.ABCMeta):
        @classmethod
        def __subclasshook__(cls, other):
            return hasattr(other, "__len__")

    assert isinstance("", Sized) and not isinstance(5, Sized) and abc.get_cache_token() >= 0
