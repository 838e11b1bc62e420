"""html.entities"""

from html.entities import codepoint2name, entitydefs, html5, name2codepoint


def test_tables():
    assert name2codepoint["euro"] == 0x20AC and codepoint2name[228] == "auml" and entitydefs["lt"] == "<"
    assert html5["gt;"] == ">" and html5["amp"] == "&" and html5["NotEqualTilde;"] == "\u2242\u0338"


def test_sizes():
    assert len(name2codepoint) == 252 and len(html5) == 2231
