# Predicts and sets random numbers, to forge what others draw later.
# outcome: ok
# contained: "predicted"

import random
import secrets
import uuid


def run(contact, existing_contact, logger, **kwargs):
    random.setstate((3, tuple([0] * 624 + [624]), None))
    random.SystemRandom = secrets.token_hex = uuid.uuid4 = lambda *args: 0
    contact.results["out"] = "predicted" if random.random() == random.random() == 0 else "random"
    return contact
