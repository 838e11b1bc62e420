"""ast"""

import ast
import sys


def test_literals():
    assert ast.literal_eval("{'a': [1, -2.5, (None, True)], 2: {3}}") == {"a": [1, -2.5, (None, True)], 2: {3}}
    for wrong in ("len('a')", "a", "1 + x", "__import__('os')"):
        try:
            ast.literal_eval(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)


def test_trees():
    tree = ast.parse("total = amount * 2\nprint(total)")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names == {"total", "amount", "print"} and isinstance(tree.body[0], ast.Assign)
    text = ast.dump(ast.parse("a + 1", mode="eval").body)
    assert text == "BinOp(left=Name(id='a', ctx=Load()), op=Add(), right=Constant(value=1))"
    assert tree.body[1].lineno == 2 and ast.get_source_segment("x = a+1", ast.parse("x = a+1").body[0].value) == "a+1"
    assert ast.get_docstring(ast.parse("'''Doc.'''")) == "Doc."


def test_changing_and_running():
    class Double(ast.NodeTransformer):
        def visit_Constant(self, node):
            return ast.copy_location(ast.Constant(node.value * 2), node)

    tree = ast.fix_missing_locations(Double().visit(ast.parse("3 + 4", mode="eval")))
    assert eval(compile(tree, "rule", "eval")) == 14


def test_visiting():
    class Calls(ast.NodeVisitor):
        found = []

        def visit_Call(self, node):
            self.found.append(node.func.id)
            self.generic_visit(node)

    Calls().visit(ast.parse("a(b(1))"))
    assert Calls.found == ["a", "b"]


def test_back_to_source():
    # FINDING: ast.unparse imports _ast_unparse late, which is not in the runtime.
    assert ast.unparse(ast.parse("x=(a+1)*2; f'{x!r:>5}'")) == "x = (a + 1) * 2\nf'{x!r:>5}'"


def test_comparing():
    if sys.version_info >= (3, 14):
        assert ast.compare(ast.parse("a+1"), ast.parse("a  +  1")) and not ast.compare(ast.parse("a"), ast.parse("b"))
