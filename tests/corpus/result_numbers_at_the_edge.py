# Returns the largest and smallest numbers that are allowed.
# outcome: ok
# contained: [18446744073709551615, -9223372036854775808, 1.7976931348623157e308, 5e-324]

def run(contact, existing_contact, logger, **kwargs):
    contact.results["out"] = [2**64 - 1, -(2**63), 1.7976931348623157e308, 5e-324]
    return contact
