# Raises an exception that has the name of an outcome which only the host may give.
# outcome: Exception
# message: Internal: the database is gone

class Internal(Exception):
    pass


def run(contact, existing_contact, logger, **kwargs):
    raise Internal("the database is gone")
