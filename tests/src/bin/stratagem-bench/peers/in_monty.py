"""Monty: an interpreter of its own for a part of Python, in a pool of worker processes. A fresh session of a worker.

It cannot import the SDK, so the strategy gets as much of it as it uses.
"""

import json
from importlib import metadata

from pydantic_monty import Monty

SDK = '''
import json
from datetime import datetime, timedelta

class Communication:
    def __init__(self, name, stage_name, start_date):
        self.name = name
        self.stage_name = stage_name
        self.start_date = start_date

class Contact:
    def __init__(self, document):
        self.document = document
        self.communications = document["communications"]
        self.current_stage = document["current_stage"]

def written(communication):
    if isinstance(communication, dict):
        return communication
    planned = {"name": communication.name, "stage_name": communication.stage_name}
    return planned | {"start_date": communication.start_date.isoformat()}
'''

CALL = '''
contact = await run(Contact(json.loads(text)["contact"]), None, None)
communications = [written(communication) for communication in contact.communications]
json.dumps(contact.document | {"current_stage": contact.current_stage, "communications": communications})
'''


def version():
    return f"pydantic-monty {metadata.version('pydantic-monty')}"


def start(strategy):
    pool = Monty().__enter__()

    def decide_in_a_session(text):
        with pool.checkout() as session:
            return session.feed_run(SDK + strategy + CALL, inputs={"text": text})

    decide_in_a_session(json.dumps({"contact": {"communications": [], "current_stage": None}}))
    return decide_in_a_session
