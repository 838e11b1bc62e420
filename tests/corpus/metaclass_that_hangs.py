# Defines a class whose metaclass never finishes making it.
# outcome: FuelExhausted
# message: loading the source used all of the

class Meta(type):
    def __prepare__(name, bases):
        while True:
            pass


class Thing(metaclass=Meta):
    pass


def run(contact, existing_contact, logger, **kwargs):
    return contact
