"""`texts` and `changes` of `wit/python-runtime.wit`: many texts as one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain, islice

Texts = list[str | None]

_PLAIN = 8
"""Texts of a contact that come first and are no JSON."""


def split(texts: str) -> Texts:
    """The texts of a `texts` of `wit/python-runtime.wit`."""
    if not texts:
        return []
    given: Texts = [*texts.split(texts[1])]
    absent = given.pop(0)
    for _ in range(given.count(absent)):
        given[given.index(absent)] = None
    return given


def joined(texts: Texts) -> str:
    """The other way round."""
    if not texts:
        return ""
    between, absent = "\0", "\1"
    # JSON has neither.
    plain = "".join([text for text in texts[:_PLAIN] if text])
    if between in plain or absent in plain:
        between, absent = _unused(plain)
    return between.join([absent, *[absent if text is None else text for text in texts]])


def listed(changes: list[str] | None) -> str:
    """What became of a contact (`views.result`) as one text; nothing at all for no contact."""
    if changes is None:
        return ""
    between = "\0"
    if not changes:
        return between
    texts = between + between.join(changes)
    if texts.count(between) != len(changes):
        between = next(_unused(texts))
        texts = between + between.join(changes)
    return texts


def _unused(whole: str) -> Iterator[str]:
    """Two characters that are not in it, and that can cross."""
    return islice((mark for mark in map(chr, chain(range(0xD800), range(0xE000, sys.maxunicode))) if mark not in whole), 2)
