# Parses XML of 3,000 nested elements, then writes it again.
# outcome: Exception
# message: RecursionError

import xml.etree.ElementTree as ET


def run(contact, existing_contact, logger, **kwargs):
    tree = ET.fromstring("<a>" * 3_000 + "</a>" * 3_000)
    contact.results["xml"] = ET.tostring(tree)
    return contact
