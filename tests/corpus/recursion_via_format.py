# Recurses through the format protocol.
# outcome: Exception
# message: RecursionError

class Text:
    def __format__(self, spec):
        return f"{self:{spec}}"


def run(contact, existing_contact, logger, **kwargs):
    contact.name = f"{Text():x}"
    return contact
