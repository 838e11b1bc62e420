# Raises an exception whose metaclass ends the interpreter when it is asked for the class's name.
# outcome: Exception
# message: Odd: really

class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(0)

    __module__ = __doc__ = __name__


class Odd(Exception, metaclass=Meta):
    pass


def run(contact, existing_contact, logger, **kwargs):
    raise Odd("really")
