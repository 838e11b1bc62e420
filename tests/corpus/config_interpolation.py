# Reads a configuration whose value refers to itself.
# outcome: Exception
# message: InterpolationDepthError

import configparser


def run(contact, existing_contact, logger, **kwargs):
    config = configparser.ConfigParser()
    config.read_string("[a]\nx = %(y)s\ny = %(x)s\n")
    contact.name = config["a"]["x"]
    return contact
