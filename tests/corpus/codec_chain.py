# Encodes a text through rot13, base64 and zlib, thousands of times.
# outcome: FuelExhausted

import codecs


def run(contact, existing_contact, logger, **kwargs):
    data = b"x"
    while True:
        data = codecs.encode(codecs.encode(data, "base64"), "zlib")
        codecs.encode("x" * 100_000, "rot13")
