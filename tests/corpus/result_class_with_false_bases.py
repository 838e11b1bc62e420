# Puts an object into results whose metaclass claims that its bases are those of a number.
# outcome: Exception
# message: TypeError

class Meta(type):
    @property
    def __mro__(cls):
        return [None, int]


class Thing(metaclass=Meta):
    pass


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = Thing()
    return contact
