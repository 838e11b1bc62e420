"""os.path"""

import os.path
import sys

IN_SANDBOX = sys.platform == "wasi"


def test_paths_as_text():
    assert os.path.join("a", "b", "c.txt") == "a/b/c.txt" and os.path.join("a", "/b") == "/b"
    assert os.path.split("/a/b.txt") == ("/a", "b.txt") and os.path.splitext("a.tar.gz") == ("a.tar", ".gz")
    assert os.path.basename("/a/b/") == "" and os.path.dirname("/a/b") == "/a"
    assert os.path.normpath("a//./b/../c") == "a/c"
    assert os.path.isabs("/a") and not os.path.isabs("a") and os.path.commonpath(["/a/b", "/a/c/d"]) == "/a"
    assert os.path.relpath("/a/b", "/a/c") == "../b" and os.path.commonprefix(["interest", "interval"]) == "inter"


def test_nothing_is_there():
    assert not os.path.exists("no/such/file") and not os.path.isfile("no/such/file")
    assert not os.path.isdir("no/such/file")
    try:
        os.path.getsize("no/such/file")
    except FileNotFoundError:
        return
    raise AssertionError("it has no size")


def test_the_environment_in_paths():
    os.environ["STRATEGY_ROOT"] = "/a"
    assert os.path.expandvars("$STRATEGY_ROOT/${STRATEGY_ROOT}/$STRATEGY_NONE") == "/a//a/$STRATEGY_NONE"
    del os.environ["STRATEGY_ROOT"]


if IN_SANDBOX:

    def test_against_the_empty_root():
        assert os.path.abspath("a") == os.path.realpath("b/../a") == "/a" and os.path.expanduser("~/a") == "~/a"
        assert not os.path.exists("/") and not os.path.ismount("/")
