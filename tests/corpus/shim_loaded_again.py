# Makes the runtime load another source in the middle of a call.
# outcome: ok
# contained: "still the same run"

import sys


def run(contact, existing_contact, logger, **kwargs):
    frame = sys._getframe()
    while "_runtime" not in frame.f_globals:
        frame = frame.f_back
    other = "def run(contact, existing_contact, logger): return 42"
    # What load takes depends on the runtime's version.
    for source in ([other], [{"other.py": other}, "other.py"]):
        try:
            frame.f_globals["_runtime"].load(*source, "run", "data_load", "Asia/Tokyo")
        except TypeError:
            pass
    contact.results["out"] = "still the same run"
    return contact
