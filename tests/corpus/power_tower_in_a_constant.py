# Leaves 9**9**9 to the compiler's constant folding, at the top level.
# outcome: FuelExhausted
# message: loading the source used all of the

TOWER = 9**9**9


def run(contact, existing_contact, logger, **kwargs):
    return contact
