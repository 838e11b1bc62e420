# Runs bytecode that jumps to itself.
# outcome: FuelExhausted

import opcode


def run(contact, existing_contact, logger, **kwargs):
    code = (lambda: None).__code__
    # Back over the jump itself and its inline cache.
    wild = bytes([opcode.opmap["RESUME"], 0, opcode.opmap["JUMP_BACKWARD"], 2, 0, 0])
    exec(code.replace(co_code=wild))
    return contact
