"""html"""

import html


def test_escaping():
    assert html.escape("<a href='x'>\"&\"</a>") == "&lt;a href=&#x27;x&#x27;&gt;&quot;&amp;&quot;&lt;/a&gt;"
    assert html.escape("'\"", quote=False) == "'\""


def test_unescaping():
    assert html.unescape("&lt;p&gt; &amp;amp; &euro;&#8364;&#x20AC; &nbsp;|") == "<p> &amp; €€€ \xa0|"
    assert html.unescape("&notit; &unknown; &amp &#0; &#x80;") == "¬it; &unknown; & \ufffd €"


def test_there_and_back():
    text = "Zoë & <Łukasz> \"'"
    assert html.unescape(html.escape(text)) == text
