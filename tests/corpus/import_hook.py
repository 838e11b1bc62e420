# Installs an import hook that answers each import by importing more.
# outcome: Exception
# message: RecursionError

import importlib
import sys


class Hook:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return importlib.import_module(name + "x")


def run(contact, existing_contact, logger, **kwargs):
    sys.meta_path.insert(0, Hook)
    import nothing

    return nothing
