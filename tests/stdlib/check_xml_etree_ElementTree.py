"""xml.etree.ElementTree"""

import io
import xml.etree.ElementTree as ET

TEXT = """<?xml version="1.0"?>
<debts xmlns:x="urn:x" currency="EUR">
  <debt id="1"><amount>12.5</amount></debt>
  <debt id="2" x:kind="late">a<b/>tail &amp; &#8364;</debt>
  <!-- note -->
</debts>"""


def raised(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was not raised")


def test_reading():
    root = ET.fromstring(TEXT)
    assert (root.tag, root.attrib, len(root)) == ("debts", {"currency": "EUR"}, 2)
    assert root.find("debt/amount").text == "12.5" and root.findtext(".//amount") == "12.5"
    assert root.find("none") is None
    second = root.find("debt[@id='2']")
    assert second.get("{urn:x}kind") == "late" and second.text == "a" and second[0].tail == "tail & €"
    assert [debt.get("id") for debt in root.iter("debt")] == ["1", "2"] and "".join(second.itertext()) == "atail & €"
    assert root.findall("debt[amount='12.5']")[0].get("id") == "1"
    assert root.find("debt[@x:kind]", {"x": "urn:x"}) is second


def test_writing():
    root = ET.Element("a", {"n": "1"})
    ET.SubElement(root, "b").text = "x < y & Zoë"
    assert ET.tostring(root) == b'<a n="1"><b>x &lt; y &amp; Zo&#235;</b></a>'
    assert ET.tostring(root, "unicode") == '<a n="1"><b>x &lt; y &amp; Zoë</b></a>'
    assert ET.tostring(root, "utf-8", xml_declaration=True).startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<a")
    ET.indent(root)
    assert ET.tostring(root, "unicode").count("\n") == 2
    assert ET.tostring(ET.Element("br"), "unicode", method="html") == "<br>"
    output = io.BytesIO()
    ET.ElementTree(root).write(output, "cp1252", xml_declaration=True)
    assert "Zoë".encode("cp1252") in output.getvalue()
    ET.register_namespace("x", "urn:x")
    assert ET.tostring(ET.Element("{urn:x}a"), "unicode") == '<x:a xmlns:x="urn:x" />'


def test_changing():
    root = ET.fromstring("<a><b/><c/></a>")
    root.remove(root[0])
    root.insert(0, ET.Comment("hi"))
    root.append(ET.ProcessingInstruction("p", "q"))
    root.extend([ET.Element("d")])
    root.set("k", "v")
    assert ET.tostring(root, "unicode") == '<a k="v"><!--hi--><c /><?p q?><d /></a>'


def test_encodings():
    for name in ("utf-8", "utf-16", "iso-8859-1", "windows-1252"):
        assert ET.fromstring(f"<?xml version='1.0' encoding='{name}'?><a>Zoë</a>".encode(name)).text == "Zoë", name
    assert ET.fromstring("<?xml version='1.0' encoding='windows-1251'?><a>Привет</a>".encode("cp1251")).text == "Привет"


def test_events_and_streams():
    assert [(event, e.tag) for event, e in ET.iterparse(io.StringIO("<a><b/></a>"), ("start", "end"))] == \
        [("start", "a"), ("start", "b"), ("end", "b"), ("end", "a")]  # fmt: skip
    parser = ET.XMLPullParser(["end"])
    parser.feed("<a><b>1</b>")
    assert [e.text for _, e in parser.read_events()] == ["1"]

    class Names:
        def __init__(self):
            self.names = []

        def start(self, tag, attributes):
            self.names.append(tag)

        def close(self):
            return self.names

    assert ET.fromstring("<a><b/></a>", ET.XMLParser(target=Names())) == ["a", "b"]
    assert ET.parse(io.StringIO("<a/>")).getroot().tag == "a"
    assert ET.canonicalize("<a  z='1' b='2'/>") == '<a b="2" z="1"></a>'


def test_broken_documents():
    error = raised(ET.ParseError, ET.fromstring, "<a>\n<b></a>")
    assert error.position == (2, 5) and str(error) == "mismatched tag: line 2, column 5"
    raised(ET.ParseError, ET.fromstring, "")
    raised(ET.ParseError, ET.fromstring, "<a>&unknown;</a>")


def test_nothing_outside_is_fetched():
    outside = "<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><a>&f;</a>"
    raised(ET.ParseError, ET.fromstring, outside)
    assert ET.fromstring("<!DOCTYPE a [<!ENTITY f 'inside'>]><a>&f;</a>").text == "inside"
