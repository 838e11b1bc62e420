# Asks for a fatal error of the interpreter in a thread of its own, which cannot be had.
# outcome: Exception
# message: RuntimeError

import faulthandler


def run(contact, existing_contact, logger, **kwargs):
    faulthandler._fatal_error_c_thread()
