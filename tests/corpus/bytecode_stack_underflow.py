# Runs bytecode that takes a thousand values off an empty stack.
# outcome: Trap | StackOverflow | Exception

import opcode


def run(contact, existing_contact, logger, **kwargs):
    code = (lambda: None).__code__
    wild = bytes([opcode.opmap["RESUME"], 0] + [opcode.opmap["POP_TOP"], 0] * 1000 + [opcode.opmap["RETURN_VALUE"], 0])
    exec(code.replace(co_code=wild))
    return contact
