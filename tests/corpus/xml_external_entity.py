# Parses XML with an entity that refers to a file of the host.
# outcome: Exception
# message: ParseError: undefined entity

import xml.etree.ElementTree as ET


def run(contact, existing_contact, logger, **kwargs):
    document = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'
    contact.results["file"] = ET.fromstring(document).text
    return contact
