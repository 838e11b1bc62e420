# Writes to the raw output for ever in large pieces, which cost the host more than they cost fuel.
# outcome: Exception
# message: BrokenPipeError

import posix


def run(contact, existing_contact, logger, **kwargs):
    block = b"x" * 1_000_000
    while True:
        posix.write(2, block)
