"""csv"""

import csv
import io
import sys


def written(rows, **options):
    output = io.StringIO()
    csv.writer(output, **options).writerows(rows)
    return output.getvalue()


def test_reading():
    text = 'name,note\r\n"Smith, Jane","says ""hi"""\r\nBob,"two\nlines"\r\n'
    assert list(csv.reader(io.StringIO(text, newline=""))) == \
        [["name", "note"], ["Smith, Jane", 'says "hi"'], ["Bob", "two\nlines"]]  # fmt: skip
    assert list(csv.reader(["a;b", "1;2"], delimiter=";")) == [["a", "b"], ["1", "2"]]
    assert next(csv.reader(["a, b"], skipinitialspace=True)) == ["a", "b"]
    assert next(csv.reader(['1,"2"'], quoting=csv.QUOTE_NONNUMERIC)) == [1.0, "2"]


def test_rows_as_dicts():
    rows = list(csv.DictReader(["name,n", "a,1", "b", "c,3,x"], restkey="more", restval="-"))
    assert rows == [{"name": "a", "n": "1"}, {"name": "b", "n": "-"}, {"name": "c", "n": "3", "more": ["x"]}]
    output = io.StringIO()
    writer = csv.DictWriter(output, ["a", "b"], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerow({"b": 2, "a": None, "c": 3})
    assert output.getvalue() == "a,b\n,2\n"
    try:
        csv.DictWriter(output, ["a"]).writerow({"z": 1})
    except ValueError as error:
        assert "'z'" in str(error)
    else:
        raise AssertionError("z is no field")


def test_writing():
    assert written([["a,b", 'c"d', None, 1.5]]) == '"a,b","c""d",,1.5\r\n'
    assert written([["a", 1]], quoting=csv.QUOTE_ALL, lineterminator="\n") == '"a","1"\n'
    assert written([["a", 1]], quoting=csv.QUOTE_NONNUMERIC) == '"a",1\r\n'
    assert written([["a;b"]], delimiter=";", quoting=csv.QUOTE_NONE, escapechar="\\") == "a\\;b\r\n"
    if sys.version_info >= (3, 12):
        assert written([["a", 1, None]], quoting=csv.QUOTE_STRINGS) == '"a",1,\r\n'


def test_dialects():
    assert {"excel", "excel-tab", "unix"} <= set(csv.list_dialects())
    assert next(csv.reader(["a\tb"], "excel-tab")) == ["a", "b"]
    csv.register_dialect("bank", delimiter="|", quotechar="'")
    assert next(csv.reader(["'a|b'|c"], "bank")) == ["a|b", "c"]
    csv.unregister_dialect("bank")


def test_guessing_the_dialect():
    sample = "name;amount\nJane;12\nBob;3\n"
    assert csv.Sniffer().sniff(sample).delimiter == ";" and csv.Sniffer().has_header(sample)


def test_broken_input():
    reader = csv.reader(['"open'], strict=True)
    try:
        next(reader)
    except csv.Error as error:
        assert str(error) == "unexpected end of data"
    else:
        raise AssertionError("the quote is not closed")
    assert csv.field_size_limit() == 131072
