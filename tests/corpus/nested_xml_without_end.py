# Parses XML of 300,000 nested elements.
# outcome: FuelExhausted

import xml.etree.ElementTree as ET


def run(contact, existing_contact, logger, **kwargs):
    contact.results["x"] = ET.fromstring("<a>" * 300_000 + "</a>" * 300_000).tag
    return contact
