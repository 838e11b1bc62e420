# Writes to the raw output for ever, past the runtime's own streams, in pieces without line breaks.
# outcome: Exception
# message: BrokenPipeError

import posix


def run(contact, existing_contact, logger, **kwargs):
    while True:
        posix.write(1, b"x" * 1000)
