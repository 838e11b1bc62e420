# Writes to a stream in memory without end.
# outcome: MemoryLimit

import io


def run(contact, existing_contact, logger, **kwargs):
    stream = io.StringIO()
    while True:
        stream.write("x" * 1_000_000)
