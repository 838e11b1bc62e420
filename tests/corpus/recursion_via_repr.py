# Recurses through repr, which the runtime might call to describe the value.
# outcome: Exception
# message: RecursionError

class Hall:
    def __repr__(self):
        return repr([self, Hall()])


def run(contact, existing_contact, logger, **kwargs):
    contact.results["hall"] = repr(Hall())
    return contact
