# Changes settings of the interpreter that others depend on: arithmetic, locale, limits, warnings, log levels.
# outcome: ok
# contained: "changed"

import decimal
import locale
import logging
import random
import sys
import warnings


def run(contact, existing_contact, logger, **kwargs):
    decimal.getcontext().prec = 1
    decimal.setcontext(decimal.Context(prec=2, traps=[decimal.Inexact]))
    locale.setlocale(locale.LC_ALL, "C")
    logging.disable(logging.CRITICAL)
    logging.getLogger().handlers.clear()
    random.seed(0)
    sys.set_int_max_str_digits(640)
    warnings.simplefilter("error")
    contact.results["out"] = "changed"
    return contact
