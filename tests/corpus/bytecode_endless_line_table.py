# Gives its function a table of lines of 8 MB, for whoever wants to know in which line the run was stopped.
# outcome: FuelExhausted


def run(contact, existing_contact, logger, **kwargs):
    def deeper(depth):
        if depth:
            return deeper(depth - 1)
        while True:
            pass

    deeper.__code__ = deeper.__code__.replace(co_linetable=b"\x80" + bytes(8 << 20))
    deeper(900)
