# Hoards small objects, so that no single request for memory is large; the fuel ends before the memory.
# outcome: FuelExhausted

def run(contact, existing_contact, logger, **kwargs):
    hoard = []
    while True:
        hoard.append([])
