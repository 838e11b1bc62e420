# Returns a dictionary that grows while it is being read, through the class that one of its keys claims to have.
# outcome: Exception
# message: TypeError

class Key:
    @property
    def __class__(self):
        target[len(target)] = 1
        return str


target = {}


def run(contact, existing_contact, logger, **kwargs):
    target[Key()] = 1
    contact.results["x"] = target
    return contact
