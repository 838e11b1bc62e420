# Recurses through isinstance, with a class that answers by asking again.
# outcome: Exception
# message: RecursionError

class Meta(type):
    def __instancecheck__(cls, value):
        return isinstance(value, cls)


class Any_(metaclass=Meta):
    pass


def run(contact, existing_contact, logger, **kwargs):
    contact.results["is"] = isinstance(contact, Any_)
    return contact
