"""The expression language of guards, priorities and ``set``: parsed, type-checked, evaluated, compiled to byte code.

It has comparisons (chained too), ``and``, ``or``, ``not``, ``+ - * /``, unary minus, ``in`` and ``not in`` with
literal lists, numbers, texts, ``true`` and ``false``, and the attributes of the case; nothing of Python. Values are
float64. A division by zero gives NaN, and **every comparison with NaN is false**, ``!=`` too; so ``x in (…)`` is
false and ``x not in (…)`` true where x is NaN. ``and`` and ``or`` evaluate both sides, which no one can observe.
The byte code and its reference interpreter are in ``procflow.definition.bytecode``.
"""

import ast
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from procflow.definition.bytecode import Code
from procflow.definition.diagnostics import did_you_mean
from procflow.definition.expression_syntax import flat, indent, syntax_tree
from procflow.definition.expression_tree import (
    Comparison,
    Constant,
    Membership,
    Name,
    Operation,
    Tree,
    Value,
    compile_tree,
    evaluate,
    names,
)
from procflow.definition.process import Attribute
from procflow.errors import ExpressionError
from procflow.text import Text

MAX_DEPTH: Final = 50
"""The deepest nesting of operators, thus also the longest sum."""

Kind = Literal["boolean", "number", "text"]

_KINDS: Final[dict[str, tuple[str, str]]] = {
    "boolean": ("true or false", "真假值"),
    "number": ("a number", "数字"),
    "text": ("a text", "文字"),
}
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_ARITHMETIC: Final[dict[type[ast.operator], str]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True)
class Expression:
    """A parsed expression: its text, the attributes it reads, and the kind of its value."""

    text: str
    names: frozenset[str]
    kind: Kind
    tree: Tree

    def evaluate(self, values: Mapping[str, Any]) -> Value:
        """Return the value for the attributes' ``values``: a bool, a float, or the name of a category.

        Raises ExpressionError where an attribute that the expression reads has no value.
        """
        missing = sorted(name for name in self.names if name not in values)
        if missing:
            raise ExpressionError(
                Text(en=f"attribute {missing[0]!r} has no value", zh=f"属性 {missing[0]!r} 没有取值"),
                expression=self.text,
            )
        return evaluate(self.tree, values)

    def code(self, index: Mapping[str, int], categories: Mapping[str, Mapping[str, int]]) -> Code:
        """Return the byte code for a stack machine over float64 slots.

        ``index`` gives the slot of each attribute, ``categories`` the number of each category of each categorical
        attribute, one number for one name (``category_codes`` makes such a numbering, and ExpressionError is raised
        for any other).
        """
        _refuse_clash(self.text, [categories[name] for name in sorted(self.names) if name in categories])
        return tuple(compile_tree(self.tree, index, categories))

    def __str__(self) -> str:
        return self.text


def parse(text: str, attributes: Mapping[str, Attribute], *, kind: Kind | None = None) -> Expression:
    """Return the expression that ``text`` writes over ``attributes``.

    ``kind`` is the kind of value that is expected, if any. Raises ExpressionError, with the column, where the text
    is no expression, names an unknown attribute or category, or mixes kinds.

    >>> risk = Attribute(categorical={"low": 0.5, "high": 0.5})
    >>> guard = parse('risk == "low"', {"risk": risk})
    >>> guard.evaluate({"risk": "low"}), guard.evaluate({"risk": "high"})
    (True, False)
    """
    checker = _Checker(text, attributes)
    tree, found = checker.checked(syntax_tree(text))
    if kind is not None and found != kind:
        raise checker.error(1, *_expected(kind, found))
    return Expression(text, frozenset(names(tree)), found, tree)


def parse_assignment(attribute: str, value: Any, attributes: Mapping[str, Attribute]) -> Expression:
    """Return the expression of ``set: {attribute: value}``.

    A number or boolean is itself; a text is the name of a category where the attribute is categorical, and an
    expression otherwise. What is set to an integer attribute is rounded, halves upward. Raises ExpressionError.
    """
    target = attributes.get(attribute)
    if target is None:
        hint = did_you_mean(attribute, attributes)
        raise ExpressionError(
            Text(en=f"unknown attribute {attribute!r}{hint.en}", zh=f"未知属性 {attribute!r}{hint.zh}"),
            expression=str(value),
        )
    kind = _kind(target)
    if kind == "text":
        return _category(attribute, value, target)
    if isinstance(value, bool):
        value = "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ExpressionError(Text(en=_expected(kind, None)[0], zh=_expected(kind, None)[1]), expression=str(value))
    expression = parse(value if isinstance(value, str) else repr(value), attributes, kind=kind)
    if target.kind != "integer":
        return expression
    return Expression(expression.text, expression.names, kind, Operation("round", (expression.tree,)))


def category_codes(attributes: Mapping[str, Attribute]) -> dict[str, dict[str, int]]:
    """Return a number for each category of each categorical attribute, the same for the same name everywhere."""
    categorical = {name: a.categorical for name, a in attributes.items() if a.categorical is not None}
    ordered = sorted({category for categories in categorical.values() for category in categories})
    numbers = {name: number for number, name in enumerate(ordered)}
    return {name: {category: numbers[category] for category in each} for name, each in categorical.items()}


def _category(attribute: str, value: Any, target: Attribute) -> Expression:
    known = target.categorical or {}
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(value, known)
        raise ExpressionError(
            Text(
                en=f"{value!r} is no category of {attribute!r}{hint.en}",
                zh=f"{value!r} 不是 {attribute!r} 的取值{hint.zh}",
            ),
            expression=str(value),
        )
    return Expression(value, frozenset(), "text", Constant(value, attribute))


class _Checker:
    """Turns Python's tree into ours, refusing all that the language does not have."""

    def __init__(self, text: str, attributes: Mapping[str, Attribute]) -> None:
        self.text = text
        self.attributes = attributes

    def checked(self, node: ast.expr, depth: int = 0) -> tuple[Tree, Kind]:
        if depth == 0:
            self._refuse_comment(node)
        if depth > MAX_DEPTH:
            raise self.error_at(node, f"nested deeper than {MAX_DEPTH} levels", f"嵌套超过 {MAX_DEPTH} 层")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.BoolOp():
                word = "and" if isinstance(node.op, ast.And) else "or"
                parts = tuple(self._of_kind(value, "boolean", depth) for value in node.values)
                return Operation(word, parts), "boolean"
            case ast.UnaryOp(op=ast.Not()):
                return Operation("not", (self._of_kind(node.operand, "boolean", depth),)), "boolean"
            case ast.UnaryOp(op=ast.USub()):
                return Operation("neg", (self._of_kind(node.operand, "number", depth),)), "number"
            case ast.UnaryOp(op=ast.UAdd()):
                return self._of_kind(node.operand, "number", depth), "number"
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
                return self._arithmetic(node, depth)
            case ast.Compare():
                return self._comparison(node, depth)
        raise self.error_at(
            node,
            "only comparisons, and, or, not, + - * /, in, literals and attributes are allowed",
            "只能使用比较、and、or、not、+ - * /、in、常量和属性",
        )

    def error(self, column: int, en: str, zh: str) -> ExpressionError:
        return ExpressionError(Text(en=en, zh=zh), expression=self.text, column=column)

    def error_at(self, node: ast.expr, en: str, zh: str) -> ExpressionError:
        return self.error(self._column(node), en, zh)

    def _column(self, node: ast.expr) -> int:
        before = flat(self.text).strip().encode()[: node.col_offset]  # col_offset counts UTF-8 bytes
        return indent(self.text) + len(before.decode()) + 1

    def _refuse_comment(self, root: ast.expr) -> None:
        if "#" not in self.text:
            return
        line = bytearray(flat(self.text).strip().encode())
        for node in ast.walk(root):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.end_col_offset is not None:
                line[node.col_offset : node.end_col_offset] = b" " * (node.end_col_offset - node.col_offset)
        if b"#" in line:
            raise self.error(self.text.index("#") + 1, "'#' is not allowed", "不允许使用“#”")

    def _constant(self, node: ast.Constant) -> tuple[Tree, Kind]:
        value = node.value
        if isinstance(value, bool):
            return Constant(value), "boolean"
        if isinstance(value, str):
            return Constant(value), "text"
        if isinstance(value, int | float) and abs(value) <= 1e300:
            return Constant(float(value)), "number"
        raise self.error_at(
            node, f"{_short(value)} is neither a number nor a text", f"{_short(value)} 既不是数字也不是文字"
        )

    def _name(self, node: ast.Name) -> tuple[Tree, Kind]:
        if node.id in ("true", "false"):
            return Constant(node.id == "true"), "boolean"
        known = {unicodedata.normalize("NFKC", name): name for name in self.attributes}
        if node.id not in known:
            if any(node.id in (a.categorical or ()) for a in self.attributes.values()):
                raise self.error_at(
                    node,
                    f"unknown attribute {node.id!r}: put a category into quotes, {chr(34)}{node.id}{chr(34)}",
                    f"未知属性 {node.id!r}:取值请加引号,写成 {chr(34)}{node.id}{chr(34)}",
                )
            hint = did_you_mean(node.id, self.attributes)
            raise self.error_at(node, f"unknown attribute {node.id!r}{hint.en}", f"未知属性 {node.id!r}{hint.zh}")
        name = known[node.id]
        return Name(name), _kind(self.attributes[name])

    def _of_kind(self, node: ast.expr, kind: Kind, depth: int) -> Tree:
        tree, found = self.checked(node, depth + 1)
        if found != kind:
            raise self.error_at(node, *_expected(kind, found))
        return tree

    def _arithmetic(self, node: ast.BinOp, depth: int) -> tuple[Tree, Kind]:
        left = self._of_kind(node.left, "number", depth)
        right = self._of_kind(node.right, "number", depth)
        if isinstance(node.op, ast.Div) and isinstance(right, Constant) and right.value == 0:
            raise self.error_at(node.right, "division by zero", "除数为零")
        return Operation(_ARITHMETIC[type(node.op)], (left, right)), "number"

    def _comparison(self, node: ast.Compare, depth: int) -> tuple[Tree, Kind]:
        if any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            return self._membership(node, depth)
        sides = [(each, *self.checked(each, depth + 1)) for each in (node.left, *node.comparators)]
        words = []
        for op, (before, left, left_kind), (after, right, right_kind) in zip(node.ops, sides, sides[1:], strict=False):
            if type(op) not in _COMPARISONS:
                raise self.error_at(after, "compare by == and !=, not by 'is'", "请用 == 和 != 比较,不用 is")
            words.append(_COMPARISONS[type(op)])
            self._comparable(words[-1], left_kind, right_kind, after)
            self._known_categories((before, left), (after, right))
        trees = [tree for _, tree, _ in sides]
        owner = next((tree.name for tree in trees if isinstance(tree, Name)), "")
        first, *others = (_owned(tree, owner) for tree in trees)
        return Comparison(first, tuple(zip(words, others, strict=True))), "boolean"

    def _comparable(self, word: str, left: Kind, right: Kind, node: ast.expr) -> None:
        if left != right:
            (left_en, left_zh), (right_en, right_zh) = _KINDS[left], _KINDS[right]
            raise self.error_at(node, f"{left_en} cannot be compared with {right_en}", f"{left_zh}不能与{right_zh}比较")
        if left != "number" and word not in ("==", "!="):
            en, zh = _KINDS[left]
            raise self.error_at(node, f"{en} has no order: compare by == or !=", f"{zh}没有大小之分:请用 == 或 != 比较")

    def _known_categories(self, *pair: tuple[ast.expr, Tree]) -> None:
        """Check that a text stands beside an attribute that has it as a category."""
        for (node, tree), (_, other) in (pair, pair[::-1]):
            if isinstance(tree, Constant) and isinstance(tree.value, str):
                if not isinstance(other, Name):
                    raise self.error_at(node, "compare a text with an attribute", "文字只能与属性比较")
                self._category(node, tree.value, other.name)

    def _category(self, node: ast.expr, value: str, attribute: str) -> None:
        known = self.attributes[attribute].categorical or {}
        if value not in known:
            hint = did_you_mean(value, known)
            raise self.error_at(
                node,
                f"{value!r} is no category of {attribute!r}{hint.en}",
                f"{value!r} 不是 {attribute!r} 的取值{hint.zh}",
            )

    def _membership(self, node: ast.Compare, depth: int) -> tuple[Tree, Kind]:
        choices = node.comparators[0]
        if len(node.ops) > 1 or not isinstance(choices, ast.Tuple | ast.List) or not choices.elts:
            raise self.error_at(
                choices,
                "'in' takes a list of literals, such as x in (1, 2)",
                "in 后须为常量列表,例如 x in (1, 2)",
            )
        value, kind = self.checked(node.left, depth + 1)
        constants = tuple(self._choice(each, value, kind, depth) for each in choices.elts)
        return Membership(value, constants, isinstance(node.ops[0], ast.NotIn)), "boolean"

    def _choice(self, node: ast.expr, value: Tree, kind: Kind, depth: int) -> Constant:
        tree = self._of_kind(node, kind, depth)
        if isinstance(tree, Operation) and tree.operator == "neg" and isinstance(tree.operands[0], Constant):
            tree = Constant(-float(tree.operands[0].value))
        if not isinstance(tree, Constant):
            raise self.error_at(node, "a list after 'in' holds literals only", "in 后的列表只能写常量")
        if kind != "text":
            return tree
        if not isinstance(value, Name):
            raise self.error_at(node, "compare a text with an attribute", "文字只能与属性比较")
        self._category(node, str(tree.value), value.name)
        return Constant(tree.value, value.name)


def _owned(tree: Tree, owner: str) -> Tree:
    return Constant(tree.value, owner) if isinstance(tree, Constant) and isinstance(tree.value, str) else tree


def _refuse_clash(text: str, numberings: Sequence[Mapping[str, int]]) -> None:
    numbers = {pair for numbering in numberings for pair in numbering.items()}
    if len({name for name, _ in numbers}) < len(numbers) or len({number for _, number in numbers}) < len(numbers):
        raise ExpressionError(
            Text(
                en="the categories of different attributes are not numbered alike: use category_codes",
                zh="不同属性的取值编号不一致:请使用 category_codes",
            ),
            expression=text,
        )


def _kind(attribute: Attribute) -> Kind:
    if attribute.kind == "categorical":
        return "text"
    return "boolean" if attribute.kind == "boolean" else "number"


def _expected(kind: Kind, found: Kind | None) -> tuple[str, str]:
    en, zh = _KINDS[kind]
    found_en, found_zh = _KINDS[found] if found else ("something else", "其他内容")
    return f"{en} is expected here, this is {found_en}", f"此处应为{zh},实为{found_zh}"


def _short(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python prints
        return "this"
    return text if len(text) <= 40 else text[:39] + "…"
