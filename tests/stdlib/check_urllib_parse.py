"""urllib.parse: URLs for http requests, and those that contacts send."""

from urllib import parse


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_taking_a_url_apart():
    url = parse.urlsplit("https://jane:pw@CRM.example:8443/a/b;v=1?q=x&q=y#top")
    assert (url.scheme, url.netloc, url.path) == ("https", "jane:pw@CRM.example:8443", "/a/b;v=1")
    assert (url.hostname, url.port, url.username, url.password) == ("crm.example", 8443, "jane", "pw")
    assert (url.query, url.fragment) == ("q=x&q=y", "top") and url.geturl().startswith("https://jane")
    assert parse.urlparse("https://h/a;v=1?q").params == "v=1"
    assert parse.urlsplit("http://[2001:db8::1]:80/").hostname == "2001:db8::1"
    assert parse.urlsplit("//host/path").netloc == "host" and parse.urlsplit("mailto:a@b.de").path == "a@b.de"
    raised(ValueError, lambda: parse.urlsplit("http://h:99999/").port)
    raised(ValueError, parse.urlsplit, "http://[::1/")


def test_putting_one_together():
    assert parse.urlunsplit(("https", "h", "/p", "a=1", "")) == "https://h/p?a=1"
    assert parse.urlsplit("https://h/p?a=1")._replace(query="b=2").geturl() == "https://h/p?b=2"
    base = "https://h/a/b/c?x=1"
    joined = [parse.urljoin(base, other) for other in ("d", "../d", "/d", "?y=2", "//k/z", "#f", "https://m/")]
    assert joined == ["https://h/a/b/d", "https://h/a/d", "https://h/d", "https://h/a/b/c?y=2", "https://k/z",
                      "https://h/a/b/c?x=1#f", "https://m/"]  # fmt: skip
    assert parse.urldefrag("https://h/p#f") == ("https://h/p", "f")


def test_quoting():
    assert parse.quote("Zoë & Łódź/1") == "Zo%C3%AB%20%26%20%C5%81%C3%B3d%C5%BA/1"
    assert parse.quote("a/b~c", safe="") == "a%2Fb~c" and parse.quote_plus("a b+c") == "a+b%2Bc"
    assert parse.unquote("Zo%C3%AB+x") == "Zoë+x" and parse.unquote_plus("Zo%C3%AB+x") == "Zoë x"
    assert parse.quote("ä", encoding="latin-1") == "%E4" and parse.unquote("%E4", "latin-1") == "ä"
    assert parse.unquote("%zz%41") == "%zzA" and parse.unquote("%E4") == "\ufffd"
    assert parse.quote_from_bytes(b"\xff ") == "%FF%20" and parse.unquote_to_bytes("%FF") == b"\xff"


def test_queries():
    assert parse.urlencode({"name": "Zoë Smith", "n": 5}) == "name=Zo%C3%AB+Smith&n=5"
    assert parse.urlencode([("q", ["a", "b"])], doseq=True) == "q=a&q=b"
    assert parse.urlencode({"q": "a b"}, quote_via=parse.quote) == "q=a%20b"
    assert parse.parse_qs("q=a&q=b+c&empty=&n=%31") == {"q": ["a", "b c"], "n": ["1"]}
    assert parse.parse_qsl("a=1&b=", keep_blank_values=True) == [("a", "1"), ("b", "")]
    assert parse.parse_qs("a=1;b=2", separator=";") == {"a": ["1"], "b": ["2"]}
    raised(ValueError, parse.parse_qsl, "a", strict_parsing=True)
    raised(ValueError, parse.parse_qsl, "a=1&b=2", max_num_fields=1)


def test_bytes_stay_bytes():
    assert parse.urlsplit(b"http://h/p").netloc == b"h" and parse.urljoin(b"http://h/a", b"b") == b"http://h/b"
    raised(TypeError, parse.urljoin, "http://h", b"b")


def test_international_names():
    assert parse.urlsplit("https://bücher.example/").hostname.encode("idna") == b"xn--bcher-kva.example"
