# Recurses through a comparison, which goes through C code and uses its stack.
# outcome: Exception
# message: RecursionError

class Same:
    def __eq__(self, other):
        return [self] == [other]


def run(contact, existing_contact, logger, **kwargs):
    contact.results["same"] = Same() == Same()
    return contact
