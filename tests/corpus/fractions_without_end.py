# Squares a fraction until its numerator fills everything.
# outcome: FuelExhausted

import fractions


def run(contact, existing_contact, logger, **kwargs):
    x = fractions.Fraction(3, 7)
    while True:
        x = x * x + fractions.Fraction(1, 3)
