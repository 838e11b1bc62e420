# Raises a syntax error with a place that does not exist.
# outcome: Exception
# message: SyntaxError

def run(contact, existing_contact, logger, **kwargs):
    raise SyntaxError("made up", ("strategy.py", 10**30, -(10**30), "\ud800" * 1000, 10**30, 10**30))
