# Grows a dictionary without end, with large keys.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    hoard = {}
    while True:
        hoard[str(len(hoard)) * 20_000] = None
