# Runs a function whose frame needs a stack of a thousand million values.
# outcome: MemoryLimit

def run(contact, existing_contact, logger, **kwargs):
    exec((lambda: None).__code__.replace(co_stacksize=250_000_000))
    return contact
