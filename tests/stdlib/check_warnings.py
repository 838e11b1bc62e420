"""warnings: in the sandbox, those that are shown become lines of the run's log."""

import sys
import warnings


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_catching():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        warnings.warn("careful")
    assert [(str(w.message), w.category) for w in seen] == [("old", DeprecationWarning), ("careful", UserWarning)]
    assert seen[0].lineno == test_catching.__code__.co_firstlineno + 3


def test_filters():
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="bad.*")
        raised(UserWarning, warnings.warn, "bad thing")
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        warnings.warn("quiet", RuntimeWarning)
    with warnings.catch_warnings(action="error", category=FutureWarning):
        raised(FutureWarning, warnings.warn, "soon", FutureWarning)


def test_formatting():
    assert (
        warnings.formatwarning("old", UserWarning, "rules.py", 3, "x = 1") == "rules.py:3: UserWarning: old\n  x = 1\n"
    )


def test_deprecated():
    if sys.version_info >= (3, 13):

        @warnings.deprecated("use plan()")
        def old():
            return 5

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            assert old() == 5
        assert str(seen[0].message) == "use plan()" and old.__deprecated__ == "use plan()"
