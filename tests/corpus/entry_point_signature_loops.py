# Answers the question for its parameters with an endless loop.
# outcome: FuelExhausted
# message: loading the source used all of the

class Entry:
    @property
    def __signature__(self):
        while True:
            pass

    def __call__(self, contact, existing_contact, logger):
        return contact


run = Entry()
