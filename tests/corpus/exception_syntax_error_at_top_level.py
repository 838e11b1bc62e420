# Raises syntax errors at the top level whose fields are objects that raise.
# outcome: SyntaxError

class Raises:
    def __eq__(self, other):
        raise SystemExit(0)

    __hash__ = __str__ = __eq__


error = SyntaxError("made up")
error.filename, error.lineno, error.offset, error.text = Raises(), 2**32 - 1, 2**32 - 1, Raises()
raise error
