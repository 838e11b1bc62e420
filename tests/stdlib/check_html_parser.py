"""html.parser: taking a page or an HTML e-mail apart."""

from html.parser import HTMLParser


class Events(HTMLParser):
    def __init__(self, **options):
        super().__init__(**options)
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(("start", tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.seen.append(("empty", tag))

    def handle_endtag(self, tag):
        self.seen.append(("end", tag))

    def handle_data(self, data):
        self.seen.append(("text", data))

    def handle_comment(self, data):
        self.seen.append(("comment", data))

    def handle_decl(self, decl):
        self.seen.append(("decl", decl))

    def handle_entityref(self, name):
        self.seen.append(("entity", name))


def events(text, **options):
    parser = Events(**options)
    parser.feed(text)
    parser.close()
    return parser.seen


def test_tags_and_attributes():
    assert events('<A HREF="/x?a=1&amp;b=2" checked>go</A>') == [
        ("start", "a", {"href": "/x?a=1&b=2", "checked": None}), ("text", "go"), ("end", "a"),
    ]  # fmt: skip
    assert events("<br/><p class=x>") == [("empty", "br"), ("start", "p", {"class": "x"})]


def test_entities_become_text():
    assert events("a &lt; b &euro;") == [("text", "a < b €")]
    assert ("entity", "lt") in events("a &lt; b", convert_charrefs=False)


def test_what_is_no_text():
    assert events("<!DOCTYPE html><!-- note -->x") == [("decl", "DOCTYPE html"), ("comment", " note "), ("text", "x")]
    assert events("<script>if (a < b) {'</p>'}</script>")[1] == ("text", "if (a < b) {'</p>'}")


def test_text_in_pieces_and_positions():
    parser = Events()
    for piece in ("<p>one", " two<", "/p>"):
        parser.feed(piece)
    parser.close()
    assert "".join(event[1] for event in parser.seen if event[0] == "text") == "one two"
    assert parser.seen[-1] == ("end", "p") and parser.getpos() == (1, 14)


def test_text_of_a_page():
    words = [event[1].strip() for event in events("<div><h1>Hi</h1> <p>you &amp; me</div>") if event[0] == "text"]
    assert " ".join(filter(None, words)) == "Hi you & me"
