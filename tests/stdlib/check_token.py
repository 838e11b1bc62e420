"""token"""

import token


def test_names_and_kinds():
    assert token.tok_name[token.NAME] == "NAME" and token.EXACT_TOKEN_TYPES["->"] == token.RARROW
    assert token.ISTERMINAL(token.NUMBER) and token.ISNONTERMINAL(300) and token.ISEOF(token.ENDMARKER)
