# Raises an exception with 10 MB of notes.
# outcome: Exception
# message: ValueError: short

def run(contact, existing_contact, logger, **kwargs):
    error = ValueError("short")
    for _ in range(1_000):
        error.add_note("x" * 10_000)
    raise error
