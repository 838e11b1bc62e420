"""The Python runtime component: everything at the top level runs once, when it is built, and is part of its memory image."""

from functools import partial

import wit_world
from wit_world.imports import types

from shim import given, heap, host, hooks, imports, interpreter, nearby, records, texts
from shim.errors import describe

_runtime = interpreter.prepare(host.write_log)
_private = interpreter.private_modules()
_HOOKS = {hook: hook.name.lower() for hook in wit_world.Hook}


class WitWorld(wit_world.WitWorld):
    """The component's exports. Only `Err` crosses as an error, any other exception would be a trap."""

    def load(
        self, modules: list[wit_world.Module], entry: str, function: str, hook: wit_world.Hook
    ) -> None:
        try:
            imports.hide(_private)
            _runtime.load({module.path: module.text for module in modules}, entry, function, _HOOKS[hook])
        except BaseException as error:
            failure = describe(error)
        else:
            return
        raise host.crossing(failure)

    def warm_up(self, times: int) -> None:
        _runtime.warm_up(self.call, times)

    def addresses(self) -> list[int]:
        return heap.addresses()

    def remade(self) -> list[int]:
        return [id(function) for function in _remade]

    def call(self, contact: str, existing_contact: str, about: str) -> str:
        try:
            return host.checked(texts.listed(_runtime.run(given.Texts(contact, existing_contact, about))))
        except BaseException as error:
            failure = describe(error)
        raise host.crossing(failure)

    def data_load(
        self, contact: types.Contact, existing_contact: types.Contact | None, context: types.RunContext
    ) -> types.Contact:
        return _typed(hooks.DATA_LOAD, contact, existing_contact, context)

    def aggregation(self, contact: types.Contact, session_results: str, context: types.RunContext) -> types.Contact:
        return _typed(hooks.AGGREGATION, contact, session_results, context)

    def answer_analysis(
        self, contact: types.Contact, message: types.Message, context: types.RunContext
    ) -> types.Contact | None:
        return _typed(hooks.ANSWER_ANALYSIS, contact, message, context)


def _typed(hook: hooks.Hook, contact: types.Contact, other: object, context: types.RunContext) -> types.Contact | None:
    """The same as `call`, for records: a strategy that stands alone is given what it is given on the server."""
    try:
        returned = _runtime.run(records.texts(hook, contact, other, context))
        return records.returned(returned, contact, types)
    except BaseException as error:
        failure = describe(error)
    raise host.crossing(failure)


_remade = nearby.gather(partial(WitWorld().warm_up, 1), 8)
interpreter.seal()
