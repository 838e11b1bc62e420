"""eryx: CPython in wasmtime. A fresh sandbox of a factory that has loaded the SDK and the strategy."""

from importlib import metadata
from pathlib import Path

import eryx
import stratagem


def version():
    return f"pyeryx {metadata.version('pyeryx')}"


def start(strategy):
    decide = Path(__file__).with_name("decide.py").read_text(encoding="utf-8")
    factory = eryx.SandboxFactory(
        site_packages=Path(stratagem.__file__).parents[1],
        imports=["dataclasses", "datetime", "json", "logging", "sys", "stratagem"],
        setup_code=f"{decide.partition('if __name__')[0]}\nloaded = load({strategy!r})\n",
    )

    def decide_in_a_sandbox(text):
        outcome = factory.create_sandbox().execute(f"result = decide(loaded, {text!r})")
        if outcome.result is None:
            raise RuntimeError(outcome.result_error or outcome.stderr_text)
        return outcome.result

    return decide_in_a_sandbox
