# Runs bytecode that writes to local variables which the frame does not have, over the interpreter's own memory.
# outcome: ok | Trap | StackOverflow | Exception | FuelExhausted

import opcode


def run(contact, existing_contact, logger, **kwargs):
    code = (lambda: None).__code__
    op = opcode.opmap
    wild = [op["RESUME"], 0]
    for index in range(0, 256):
        wild += [op["LOAD_SMALL_INT"], 7, op["STORE_FAST"], index]
    exec(code.replace(co_code=bytes(wild + [op["LOAD_SMALL_INT"], 0, op["RETURN_VALUE"], 0])))
    return contact
