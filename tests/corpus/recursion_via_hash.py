# Recurses through the hash of a dictionary's key.
# outcome: Exception
# message: RecursionError

class Key:
    def __hash__(self):
        return hash((self,))


def run(contact, existing_contact, logger, **kwargs):
    contact.results[Key()] = 1
    return contact
