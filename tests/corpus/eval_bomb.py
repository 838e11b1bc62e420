# Evaluates a text that evaluates a text, and so on.
# outcome: Exception
# message: RecursionError

code = "eval(code)"


def run(contact, existing_contact, logger, **kwargs):
    return eval(code)
