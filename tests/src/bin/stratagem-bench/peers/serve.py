"""Decides in one of the ways beside this file, as often as it is asked to, and measures each time.

    python serve.py NAME STRATEGY.py

NAME is a module here. Its `start` takes the strategy's text and gives a function that decides in a fresh place each time. A first
line says what that is, `{"version": TEXT}`. Then a line `{"count": 10, "input": TEXT}` is answered with
`{"walls_us": [...], "returned": TEXT}`. Where something fails, the answer is `{"cannot": TEXT}`.
"""

import importlib
import json
import sys
import time
from pathlib import Path


def main():
    name, strategy = sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8")
    try:
        peer = importlib.import_module(name)
        decide = peer.start(strategy)
        answer(version=peer.version())
        for line in sys.stdin:
            answer(**measure(decide, **json.loads(line)))
    except Exception as error:
        answer(cannot=f"{type(error).__name__}: {error}")


def measure(decide, count, input):
    walls, returned = [], None
    for _ in range(count):
        started = time.perf_counter_ns()
        returned = decide(input)
        walls.append((time.perf_counter_ns() - started) / 1000)
    return {"walls_us": walls, "returned": returned}


def answer(**fields):
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main()
