# Raises an exception that is its own cause and context.
# outcome: Exception
# message: ValueError: round

def run(contact, existing_contact, logger, **kwargs):
    first, second = ValueError("round"), ValueError("and round")
    first.__cause__, second.__cause__ = second, first
    first.__context__, second.__context__ = second, first
    raise first
