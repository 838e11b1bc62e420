"""Every IANA time zone in memory: at run time there is no file to read them from."""

from __future__ import annotations

import io
import zoneinfo
import zoneinfo._common
import zoneinfo._tzpath
from pathlib import Path


def install(root: Path) -> None:
    """Reads the compiled zones under `root` (those of PyPI's tzdata) and serves `zoneinfo` from them."""
    blob, index = _collect(root)
    view = memoryview(blob)

    def load_tzdata(key: str) -> io.BytesIO:
        try:
            start, end = index[key]
        except (KeyError, TypeError):
            raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}") from None
        return io.BytesIO(view[start:end])

    def available_timezones() -> set[str]:
        return set(index)

    # The C class looks this function up in its module, so that no other patch is needed.
    zoneinfo._common.load_tzdata = load_tzdata  # type: ignore[assignment]
    zoneinfo._tzpath.available_timezones = zoneinfo.available_timezones = available_timezones
    zoneinfo.reset_tzpath(to=())
    # A zone is read on its first use, which takes longer than a small run: as part of the image it is there already.
    KNOWN.update((name, zoneinfo.ZoneInfo(name)) for name in index)


KNOWN: dict[str, zoneinfo.ZoneInfo] = {}
"""All zones by name. `zoneinfo` itself refers to them weakly."""


def _collect(root: Path) -> tuple[bytes, dict[str, tuple[int, int]]]:
    """All zones' data, each file once (many names share one), and where each name's begins and ends."""
    blob = bytearray()
    index: dict[str, tuple[int, int]] = {}
    known: dict[bytes, tuple[int, int]] = {}
    for path in sorted(root.rglob("*")):
        if path.is_dir():
            continue
        data = path.read_bytes()
        if not data.startswith(b"TZif"):
            continue
        if data not in known:
            known[data] = (len(blob), len(blob) + len(data))
            blob += data
        index[path.relative_to(root).as_posix()] = known[data]
    return bytes(blob), index
