# Runs bytecode that loads a constant beyond the table, which reads whatever lies in the sandbox's own memory there.
# outcome: ok | Trap | StackOverflow | Exception

import opcode


def run(contact, existing_contact, logger, **kwargs):
    code = (lambda: None).__code__
    op = opcode.opmap
    wild = [op["RESUME"], 0, op["EXTENDED_ARG"], 255, op["LOAD_CONST"], 255, op["RETURN_VALUE"], 0]
    exec(code.replace(co_code=bytes(wild)))
    return contact
