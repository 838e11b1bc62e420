# Parses the thousand million laughs: entities that expand to ten others each.
# outcome: FuelExhausted

import xml.etree.ElementTree as ET


def run(contact, existing_contact, logger, **kwargs):
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "laugh">{entities}]><x>&e11;</x>'
    contact.results["size"] = len(ET.fromstring(bomb).text)
    return contact
