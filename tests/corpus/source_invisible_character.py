# Has an invisible space of no width in the middle of a name.
# outcome: SyntaxError
# message: invalid non-printable character

def run(contact, existing_contact, logger, **kwargs):
    return con​tact
