# Declares a parameter that nobody gives.
# outcome: Exception
# message: UnsuitableFunction

def run(contact, existing_contact, logger, database, **kwargs):
    return contact
