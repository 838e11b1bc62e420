# Makes the runtime load another source in the middle of a call.
# outcome: ok
# contained: "still the same run"

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe()
    while "_runtime" not in frame.f_globals:
        frame = frame.f_back
    other = "def run(contact, existing_contact, logger): return 42"
    frame.f_globals["_runtime"].load({"other.py": other}, "other.py", "run", "data_load")
    contact.results["out"] = "still the same run"
    return contact
