"""string.templatelib: template strings. Their syntax is 3.14's, so they stand in text here."""

import sys

if sys.version_info >= (3, 14):
    from string.templatelib import Interpolation, Template, convert

    def t(source, **names):
        """The template string with that content."""
        return eval(f"t{source!r}", names)

    def test_text_and_values_stay_apart():
        letter = t("Dear {name}, you owe {amount:.2f} EUR", name="Jane", amount=12.5)
        assert isinstance(letter, Template)
        assert letter.strings == ("Dear ", ", you owe ", " EUR") and letter.values == ("Jane", 12.5)
        amount = letter.interpolations[1]
        assert (amount.value, amount.expression, amount.conversion, amount.format_spec) == (12.5, "amount", None, ".2f")

    def test_a_renderer_of_ones_own():
        import html

        def render(template):
            parts = (part if isinstance(part, str) else html.escape(str(part.value)) for part in template)
            return "".join(parts)

        assert render(t("<p>{text}</p>", text="a < b")) == "<p>a &lt; b</p>"

    def test_iteration_leaves_empty_text_out():
        assert [type(part) for part in t("{a}{b}x", a=1, b=2)] == [Interpolation, Interpolation, str]

    def test_conversions_and_the_debug_form():
        part = t("{name!r}", name="Jane").interpolations[0]
        assert part.conversion == "r" and convert(part.value, part.conversion) == "'Jane'"
        assert convert(5, None) == 5 and convert(5, "s") == "5" and convert("ü", "a") == "'\\xfc'"
        assert t("{n=}", n=3).strings == ("n=", "") and t("{n=}", n=3).interpolations[0].conversion == "r"

    def test_templates_are_joined_and_matched():
        joined = t("a{x}", x=1) + t("{x}b", x=2)
        assert joined.strings == ("a", "", "b") and joined.values == (1, 2)
        match t("{n:>5}", n=4).interpolations[0]:
            case Interpolation(value, _, _, spec):
                assert (value, spec) == (4, ">5")

    def test_templates_made_by_hand():
        made = Template("Hi ", Interpolation("Jane", "name"), "!")
        assert made.strings == ("Hi ", "!") and made.values == ("Jane",)
        try:
            made + "text"
        except TypeError:
            return
        raise AssertionError("a template and a text are not joined")
