"""os: little of it means anything in a sandbox."""

import os
import sys

IN_SANDBOX = sys.platform == "wasi"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_names():
    assert (os.name, os.sep, os.linesep, os.pardir, os.pathsep) == ("posix", "/", "\n", "..", ":")
    assert os.fspath("a") == "a" and os.fsencode("ü") == b"\xc3\xbc" and os.fsdecode(b"a\xff") == "a\udcff"
    assert issubclass(os.PathLike, object) and os.error is OSError


def test_random_bytes():
    assert len(os.urandom(16)) == 16 and os.urandom(16) != os.urandom(16)


def test_an_environment_of_ones_own():
    os.environ["STRATEGY_TONE"] = "kind"
    assert os.getenv("STRATEGY_TONE") == "kind" == os.environ.pop("STRATEGY_TONE")
    assert os.getenv("STRATEGY_TONE", "none") == "none" and "STRATEGY_TONE" not in os.environ
    raised(KeyError, lambda: os.environ["STRATEGY_TONE"])
    raised(TypeError, os.environ.__setitem__, "N", 5)


def test_what_is_not_there():
    raised(FileNotFoundError, os.listdir, "no/such/folder")
    raised(FileNotFoundError, os.remove, "no/such/file")
    raised(FileNotFoundError, os.stat, "no/such/file")
    assert list(os.walk("no/such/folder")) == []


if IN_SANDBOX:

    def test_the_environment_is_empty():
        assert dict(os.environ) == {} and os.getenv("PATH") is None and os.getenv("HOME", "none") == "none"

    def test_there_is_no_folder():
        assert os.getcwd() == "/" and not os.access("/", os.R_OK)
        for call in (
            lambda: os.listdir("/"),
            lambda: os.mkdir("a"),
            lambda: os.scandir("."),
            lambda: os.rename("a", "b"),
        ):
            raised(FileNotFoundError, call)
        assert "a strategy has no file system" in str(raised(FileNotFoundError, os.open, "a", os.O_RDONLY))

    def test_there_is_one_process():
        assert os.cpu_count() == os.process_cpu_count() == 1 and isinstance(os.getpid(), int)
        assert os.uname().sysname == "wasi" and os.uname().machine == "wasm32"
        for call in (lambda: os.system("ls"), lambda: os.popen("ls"), os.fork, lambda: os.execv("/bin/ls", ["ls"])):
            assert str(raised(OSError, call)) == "a strategy cannot start processes"
        assert str(raised(OSError, os.kill, 1, 9)) == "a strategy has no signals"
        for call in (os.abort, lambda: os._exit(1)):
            assert str(raised(RuntimeError, call)) == "end a strategy with `return contact`, or raise an exception"
