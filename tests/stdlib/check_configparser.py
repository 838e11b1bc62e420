"""configparser"""

import configparser
import io

TEXT = """
[DEFAULT]
tone = kind
[mail]
subject = Hello %(name)s
name: Jane
days = 3
urgent = yes
note =
    two
    lines
; a comment
[call]
tone = firm
"""


def parsed(**options):
    config = configparser.ConfigParser(**options)
    config.read_string(TEXT)
    return config


def test_reading():
    config = parsed()
    mail = config["mail"]
    assert config.sections() == ["mail", "call"] and mail["subject"] == "Hello Jane" and mail["TONE"] == "kind"
    assert mail.getint("days") == 3 and mail.getboolean("urgent") and mail["note"] == "\ntwo\nlines"
    assert config.get("call", "tone") == "firm" and mail.get("none", "fallback") == "fallback" and "sms" not in config
    assert parsed(interpolation=None)["mail"]["subject"] == "Hello %(name)s"


def test_writing():
    config = configparser.ConfigParser()
    config["a"] = {"x": "1"}
    config.set("a", "y", "50%%")
    output = io.StringIO()
    config.write(output)
    assert output.getvalue() == "[a]\nx = 1\ny = 50%%\n\n" and config["a"]["y"] == "50%"


def test_other_settings():
    config = configparser.ConfigParser(
        interpolation=configparser.ExtendedInterpolation(), allow_no_value=True, delimiters=("=",)
    )
    config.read_dict({"a": {"x": "1", "flag": None}, "b": {"y": "${a:x}2"}})
    assert config["b"]["y"] == "12" and config["a"]["flag"] is None
    config.optionxform = str
    config.read_string("[c]\nUpper = 1")
    assert list(config["c"]) == ["Upper"]


def test_mistakes():
    for text, error in (
        ("[a]\n[a]", configparser.DuplicateSectionError),
        ("x = 1", configparser.MissingSectionHeaderError),
        ("[a]\n???", configparser.ParsingError),
    ):
        try:
            configparser.ConfigParser().read_string(text)
        except error:
            continue
        raise AssertionError(text)
    try:
        parsed().get("sms", "x")
    except configparser.NoSectionError as error:
        assert str(error) == "No section: 'sms'"
    assert configparser.ConfigParser().read("no-such-file.ini") == []
