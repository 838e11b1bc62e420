"""One decision in plain CPython with the SDK: no isolation, no limits.

    python decide.py STRATEGY.py < INPUT.json

As a program it is what a tenant's script would cost if a server just started it; the other files here use its functions.
"""

import dataclasses
import datetime
import json
import logging
import sys

import stratagem


def load(text):
    """The entry point of a strategy."""
    names = vars(stratagem) | {"datetime": datetime.datetime, "timedelta": datetime.timedelta}
    exec(compile(text, "strategy.py", "exec"), names)
    return names["run"]


def decide(run, text):
    """Calls the entry point with a contact, and gives the one that it returns. Both as JSON text."""
    given = json.loads(text)
    planned = [stratagem.Communication(**communication) for communication in given["contact"]["communications"]]
    contact = stratagem.Contact(**given["contact"] | {"communications": planned})
    coroutine = run(contact, None, logging.getLogger("strategy"), campaign=given["context"]["campaign"])
    try:
        # The sample waits for nothing, so it can do without an event loop, which would cost more than all the rest.
        coroutine.send(None)
    except StopIteration as returned:
        return json.dumps(dataclasses.asdict(returned.value), default=str)
    raise RuntimeError("the strategy waits for something")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        strategy = file.read()
    print(decide(load(strategy), sys.stdin.read()))
