# Raises a MemoryError of its own: no memory was refused, so it is an exception like any other.
# outcome: Exception
# message: MemoryError: just pretending

def run(contact, existing_contact, logger, **kwargs):
    raise MemoryError("just pretending")
