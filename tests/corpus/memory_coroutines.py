# Makes coroutines without awaiting any.
# outcome: FuelExhausted

async def nothing():
    pass


def run(contact, existing_contact, logger, **kwargs):
    hoard = []
    while True:
        hoard.append(nothing())
