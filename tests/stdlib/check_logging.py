"""logging: loggers of one's own; in the sandbox all of them also reach the run's log."""

import io
import logging
import sys

IN_SANDBOX = sys.platform == "wasi"


def logger_and_lines(name, form="%(levelname)s:%(message)s"):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(form))
    logger = logging.getLogger(name)
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    return logger, lambda: stream.getvalue().splitlines()


def test_levels():
    logger, lines = logger_and_lines("levels")
    logger.setLevel(logging.WARNING)
    logger.info("unheard")
    logger.warning("owes %d of %s", 5, "Jane")
    logger.log(logging.ERROR, "%(n)s left", {"n": 2})
    assert lines() == ["WARNING:owes 5 of Jane", "ERROR:2 left"]
    assert logger.isEnabledFor(logging.ERROR) and not logger.isEnabledFor(logging.INFO)
    assert logging.getLevelName(30) == "WARNING" and logging.getLevelNamesMapping()["DEBUG"] == 10


def test_names_make_a_tree():
    parent, lines = logger_and_lines("shop")
    child = logging.getLogger("shop.cart")
    assert child.parent is parent and child is parent.getChild("cart") and child.getEffectiveLevel() == logging.DEBUG
    child.error("full")
    assert lines() == ["ERROR:full"]


def test_exceptions():
    logger, lines = logger_and_lines("exceptions")
    try:
        {}["amount"]
    except KeyError:
        logger.exception("no amount")
    assert lines()[0] == "ERROR:no amount" and lines()[1].startswith("Traceback")
    assert lines()[-1] == "KeyError: 'amount'"


def test_formats():
    logger, lines = logger_and_lines("formats", "%(name)s %(funcName)s %(lineno)d")
    logger.info("x")
    assert lines() == [f"formats test_formats {test_formats.__code__.co_firstlineno + 2}"]
    record = logging.makeLogRecord(
        {"msg": "hi %s", "args": ("you",), "levelname": "INFO", "created": 0.0, "msecs": 5.0}
    )
    assert logging.Formatter("{levelname}-{message}", style="{").format(record) == "INFO-hi you"
    assert logging.Formatter("$message", style="$").format(record) == "hi you"
    assert len(logging.Formatter("%(asctime)s").format(record)) == len("1970-01-01 00:00:00,005")


def test_filters_and_adapters():
    logger, lines = logger_and_lines("filters", "%(message)s %(extra)s")
    logger.filters[:] = [lambda record: "secret" not in record.getMessage()]
    logger.info("a secret", extra={"extra": 1})
    logger.info("fine", extra={"extra": 1})
    adapter = logging.LoggerAdapter(logger, {"extra": "adapted"})
    adapter.warning("also")
    assert lines() == ["fine 1", "also adapted"]


def test_nothing_is_heard_when_disabled():
    logger, lines = logger_and_lines("disabled")
    logging.disable(logging.ERROR)
    try:
        logger.error("x")
        logger.critical("y")
    finally:
        logging.disable(logging.NOTSET)
    assert lines() == ["CRITICAL:y"]


def test_a_handler_of_ones_own():
    class Kept(logging.Handler):
        def emit(self, record):
            seen.append((record.levelno, self.format(record)))

    seen, logger = [], logging.getLogger("own")
    logger.propagate, logger.level = False, logging.DEBUG
    logger.addHandler(Kept(logging.INFO))
    logger.debug("low")
    logger.info("high")
    assert seen == [(20, "high")] and logger.hasHandlers()


if IN_SANDBOX:

    def test_times_are_the_runs():
        logger, lines = logger_and_lines("times", "%(asctime)s")
        logger.info("x")
        assert lines() == ["2026-03-10 15:15:15,123"]

    def test_the_root_already_leads_to_the_runs_log():
        root = logging.getLogger()
        assert root.level == logging.DEBUG and len(root.handlers) == 1
        logging.basicConfig(level=logging.ERROR)
        assert root.level == logging.DEBUG and len(root.handlers) == 1
