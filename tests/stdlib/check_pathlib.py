"""pathlib: paths as text. There is no file behind any of them."""

import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

IN_SANDBOX = sys.platform == "wasi"


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_parts():
    path = PurePosixPath("/letters/2026/rate.tar.gz")
    assert (path.name, path.stem, path.suffix, path.suffixes) == ("rate.tar.gz", "rate.tar", ".gz", [".tar", ".gz"])
    assert path.parts == ("/", "letters", "2026", "rate.tar.gz") and str(path.parent) == "/letters/2026"
    assert [str(parent) for parent in path.parents] == ["/letters/2026", "/letters", "/"] and path.is_absolute()


def test_making_others():
    path = PurePosixPath("letters") / "2026" / "rate.txt"
    assert str(path) == "letters/2026/rate.txt" and str(path.with_suffix(".pdf")) == "letters/2026/rate.pdf"
    assert path.with_name("x").name == "x" and path.with_stem("y").name == "y.txt" and str(path.joinpath("/a")) == "/a"
    assert str(path.relative_to("letters")) == "2026/rate.txt" and path.is_relative_to("letters")
    raised(ValueError, path.relative_to, "/other")
    if sys.version_info >= (3, 12):
        assert str(path.relative_to("letters/2025", walk_up=True)) == "../2026/rate.txt"


def test_addresses():
    assert PurePosixPath("/a/Zoë b").as_posix() == "/a/Zoë b"
    # FINDING: Path.as_uri() and Path.from_uri() import urllib.request late, which is not in the runtime.
    # assert Path("/a b").as_uri() == "file:///a%20b"


def test_matching_and_order():
    path = PurePosixPath("a/b/c.py")
    assert path.match("*.py") and path.match("b/*.py") and not path.match("a/*.py")
    if sys.version_info >= (3, 13):
        assert path.full_match("a/**/*.py") and not path.full_match("*.py")
    assert sorted([PurePosixPath("b"), PurePosixPath("a/c")])[0] == PurePosixPath("a/c")
    assert {path: 1}[PurePosixPath("a//b/./c.py")] == 1


def test_windows_paths():
    path = PureWindowsPath(r"C:\Users\Jane\rate.txt")
    assert (path.drive, path.root, path.as_posix()) == ("C:", "\\", "C:/Users/Jane/rate.txt")
    assert PureWindowsPath("A/b") == PureWindowsPath("a\\B") and PureWindowsPath("c:x").name == "x"


def test_the_own_kind():
    assert isinstance(PurePath("a"), PurePosixPath) and isinstance(Path("a"), PurePosixPath)
    assert repr(Path("a")) == "PosixPath('a')" and Path("a", "b") == Path("a/b")


def test_what_is_no_file():
    path = Path("no/such/file.txt")
    assert not path.exists() and not path.is_file() and not path.is_dir() and list(path.parent.glob("*.txt")) == []
    raised(FileNotFoundError, path.stat)
    raised(FileNotFoundError, path.unlink)
    path.unlink(missing_ok=True)


if IN_SANDBOX:

    def test_reading_and_writing_say_what_to_do_instead():
        for call in (
            Path("a.txt").read_text,
            Path("a.txt").read_bytes,
            Path("a.txt").open,
            lambda: Path("a.txt").write_text("x"),
        ):
            assert "a strategy has no file system: keep data in contact" in str(raised(FileNotFoundError, call))
        assert list(Path(".").glob("*")) == [] and not Path("/").exists()
        raised(OSError, Path("new").mkdir)
        raised(OSError, lambda: list(Path(".").iterdir()))

    def test_the_current_folder_and_home():
        assert Path.cwd() == Path("/") and Path("a").absolute() == Path("/a")
        assert str(Path("a/../b").resolve()) == "/b"
        raised(RuntimeError, Path.home)
