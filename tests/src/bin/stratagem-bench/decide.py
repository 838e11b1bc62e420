"""The same decision in a Python process of its own, which the benchmark holds a sandbox against.

    python decide.py STRATEGY.py < INPUT.json

No isolation, no limits: what a tenant's script would cost if the server just started it.
"""

import asyncio
import dataclasses
import datetime
import json
import logging
import sys
from pathlib import Path

import stratagem

given = json.load(sys.stdin)
names = vars(stratagem) | {"datetime": datetime.datetime, "timedelta": datetime.timedelta}
exec(compile(Path(sys.argv[1]).read_text(encoding="utf-8"), "strategy.py", "exec"), names)
contact = stratagem.Contact(**given["contact"])
returned = asyncio.run(names["run"](contact, None, logging.getLogger("strategy"), campaign=given["context"]["campaign"]))
json.dump(dataclasses.asdict(returned), sys.stdout, default=str)
