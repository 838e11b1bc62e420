# Raises an exception with the name of one of the runtime's own: it fails all the same, only under that name.
# outcome: InvalidResult
# message: made up

class InvalidResult(Exception):
    pass


def run(contact, existing_contact, logger, **kwargs):
    raise InvalidResult("made up")
