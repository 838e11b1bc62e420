"""keyword"""

import keyword


def test_keywords():
    assert keyword.iskeyword("class") and keyword.iskeyword("await") and not keyword.iskeyword("match")
    assert keyword.issoftkeyword("match") and {"_", "case", "match"} <= set(keyword.softkwlist)
    assert len(keyword.kwlist) == 35 and "None" in keyword.kwlist
