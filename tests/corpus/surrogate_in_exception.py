# Raises an exception whose text, notes, cause and file name hold lone surrogates.
# outcome: Exception
# message: ValueError: \ud800

def run(contact, existing_contact, logger, **kwargs):
    error = ValueError("\ud800" * 100)
    error.add_note("\udfff")
    error.__cause__ = FileNotFoundError(2, "\udc00", "\udc01")
    raise error
