"""`python -m stratagem`: what a tenant does with the SDK on a command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stratagem._build import DEFAULT_FUNCTIONS, BuildError, Plan, build

_DESCRIPTION = """\
Makes a WebAssembly component of a strategy, on this machine, to upload in place of its source.

The strategy's top level, and that of the modules that it imports, runs once, now, and is part of the component: what it
computes costs nothing in a run, and is the same in every run. Modules beside the strategy are found by themselves;
packages of others are taken from the folders that --packages names, where they are pure Python.
"""
_EXAMPLES = """\
examples:
  python -m stratagem build strategy.py --type data_load -o data_load.wasm
  python -m stratagem build answers.py --type answer_analysis --function on_answer -o answers.wasm

  pip install --target packages python-dateutil
  python -m stratagem build strategy.py --type aggregation --packages packages -o strategy.wasm

needs: pip install componentize-py==0.25.1 tzdata
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns the exit status: 0 done, 1 the strategy cannot be built, 2 it was called wrongly."""
    options = _parser().parse_args(arguments)
    kind, strategy = options.type, options.strategy
    out = options.out or Path(f"{strategy.stem}.wasm")
    plan = Plan(strategy, kind, options.function or DEFAULT_FUNCTIONS[kind], tuple(options.packages))
    try:
        built = build(plan, out)
    except BuildError as error:
        _show(error.log)
        print(f"stratagem build: {error}", file=sys.stderr)
        return 1
    _show(built.log)
    megabytes = built.size / 1e6
    print(f"{out}: {kind}, {plan.function} of {', '.join(built.modules)}; {megabytes:.1f} MB in {built.seconds:.1f} s")
    return 0


def _show(log: tuple[str, ...]) -> None:
    for line in log:
        print(line, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stratagem", description="The SDK of campaign strategies.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser(
        "build", help="makes a WebAssembly component of a strategy", description=_DESCRIPTION, epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.add_argument("strategy", type=Path, metavar="STRATEGY.py", help="the module that has the function")
    command.add_argument(
        "--type", type=_type, required=True, metavar="TYPE", help=f"when it is called: {', '.join(DEFAULT_FUNCTIONS)}"
    )
    command.add_argument(
        "--function", metavar="NAME", help="the function; default: run, and on_agent_answer for answer_analysis"
    )
    command.add_argument(
        "-o", "--out", type=Path, metavar="OUT.wasm", help="where to put the component; default: the strategy's name"
    )
    command.add_argument(
        "--packages", type=Path, action="append", default=[], metavar="FOLDER",
        help="a folder with packages that the strategy imports; may be given more than once",
    )  # fmt: skip
    return parser


def _type(name: str) -> str:
    kind = name.replace("-", "_")
    if kind not in DEFAULT_FUNCTIONS:
        raise argparse.ArgumentTypeError(f"{name!r} is no type of strategy: {', '.join(DEFAULT_FUNCTIONS)}")
    return kind


if __name__ == "__main__":
    sys.exit(main())
