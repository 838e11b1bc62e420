"""annotationlib: annotations are looked at late, since 3.14."""

import sys

if sys.version_info >= (3, 14):
    from annotationlib import Format, ForwardRef, annotations_to_string, get_annotations, type_repr

    def plan(contact: Contact, days: int = 3, *, when: list[Later] | None = None) -> bool: ...  # noqa: F821

    class Row:
        next: Row
        size: int

    def test_the_three_formats():
        try:
            get_annotations(plan)
        except NameError as error:
            assert error.name in ("Contact", "Later")
        else:
            raise AssertionError("Later is not defined")
        references = get_annotations(plan, format=Format.FORWARDREF)
        assert references["days"] is int and references["return"] is bool
        assert get_annotations(Row) == {"next": Row, "size": int} and Row.__annotations__["next"] is Row

    def test_types_as_text():
        assert annotations_to_string({"a": list[str], "b": "Text"}) == {"a": "list[str]", "b": "Text"}
        assert type_repr(dict[str, int]) == "dict[str, int]" and type_repr(None) == "None"

    def test_as_it_was_written():
        # FINDING: needs ast.unparse, see check_ast.py.
        texts = get_annotations(plan, format=Format.STRING)
        assert texts == {"contact": "Contact", "days": "int", "when": "list[Later] | None", "return": "bool"}

    def test_forward_references():
        reference = ForwardRef("Amount")
        assert reference.evaluate(globals={"Amount": float}) is float and reference.__forward_arg__ == "Amount"
