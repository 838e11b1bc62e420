# Swallows every exception and goes on: whatever ends it cannot be an exception.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    while True:
        try:
            raise KeyboardInterrupt
        except BaseException:
            continue
