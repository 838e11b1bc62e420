# Recurses through attribute access that falls back to itself.
# outcome: Exception
# message: RecursionError

class Mirror:
    def __getattr__(self, name):
        return getattr(self, name + "_")


def run(contact, existing_contact, logger, **kwargs):
    contact.name = Mirror().name
    return contact
