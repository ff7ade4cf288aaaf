"""Syntax check of functions: JavaScript that the runtime 2.0 of CloudFront Functions supports.

The engine (QuickJS) accepts today's JavaScript. The runtime 2.0 accepts ECMAScript 5.1 and what its
documentation lists: "JavaScript runtime 2.0 features for CloudFront Functions". A function with
other syntax would run here and fail on AWS. So the check is an allow-list of the syntax tree's node
types, and everything else is refused.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
"""

from collections.abc import Iterator
from functools import cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

MODULES = frozenset({"buffer", "cloudfront", "crypto", "querystring"})
"""The modules that functions can import."""

_ALLOWED = frozenset(
    {
        "arguments", "array", "arrow_function", "assignment_expression",
        "augmented_assignment_expression", "await_expression", "binary_expression",
        "break_statement", "call_expression", "catch_clause", "comment", "continue_statement",
        "do_statement", "else_clause", "empty_statement", "escape_sequence",
        "expression_statement", "false", "finally_clause", "for_in_statement", "for_statement",
        "formal_parameters", "function_declaration", "function_expression", "identifier",
        "if_statement", "import_clause", "import_statement", "labeled_statement",
        "lexical_declaration", "member_expression", "method_definition", "new_expression", "null",
        "number", "object", "pair", "parenthesized_expression", "program", "property_identifier",
        "regex", "regex_flags", "regex_pattern", "rest_pattern", "return_statement",
        "sequence_expression", "statement_block", "statement_identifier", "string",
        "string_fragment", "subscript_expression", "switch_body", "switch_case", "switch_default",
        "switch_statement", "template_string", "template_substitution", "ternary_expression",
        "this", "throw_statement", "true", "try_statement", "unary_expression", "undefined",
        "update_expression", "variable_declaration", "variable_declarator", "while_statement",
    }
)  # fmt: skip
_NAMES = {
    "array_pattern": "destructuring",
    "assignment_pattern": "default values of parameters",
    "class": "classes",
    "class_declaration": "classes",
    "computed_property_name": "computed property names",
    "debugger_statement": "debugger",
    "export_statement": "export",
    "generator_function": "generators",
    "generator_function_declaration": "generators",
    "import": "dynamic import",
    "meta_property": "new.target",
    "object_pattern": "destructuring",
    "optional_chain": "optional chaining (?.)",
    "shorthand_property_identifier": "shorthand properties (use {name: name})",
    "spread_element": "spread syntax (...)",
    "super": "super",
    "with_statement": "with",
    "yield_expression": "generators",
}
_OPERATORS = frozenset({"??", "??=", "&&=", "||="})
_UNAVAILABLE = {
    "eval": "dynamic code",
    "Function": "dynamic code",
    "WebSocket": "network access",
    "XMLHttpRequest": "network access",
    "clearInterval": "timers",
    "clearTimeout": "timers",
    "fetch": "network access",
    "process": "access to the process",
    "queueMicrotask": "timers",
    "setImmediate": "timers",
    "setInterval": "timers",
    "setTimeout": "timers",
}
"""Global names that the runtime lacks, and what they are for."""

_FUNCTIONS = frozenset(
    {"arrow_function", "function_declaration", "function_expression", "method_definition"}
)


class UnsupportedSyntaxError(ValueError):
    """Code that the runtime does not support. The message has the line."""

    def __init__(self, node: Node, what: str) -> None:
        super().__init__(f"line {node.start_point.row + 1}: {what}")


def check(code: bytes) -> None:
    """Raise UnsupportedSyntaxError for code with syntax errors, or that is not supported."""
    root = parse(code)
    nodes = list(_walk(root))
    for node in nodes:
        if node.is_error or node.is_missing:
            raise UnsupportedSyntaxError(node, f"syntax error near {_text(node)[:40]!r}")
    declared = {_text(each) for each in nodes if _is_declaration(each)}
    for node in nodes:
        if what := _fault(node, declared):
            raise UnsupportedSyntaxError(node, what)


def parse(code: bytes) -> Node:
    """Return the root of the syntax tree."""
    return _parser().parse(code).root_node


def imports(root: Node) -> list[tuple[Node, str, str]]:
    """Return the import statements of supported code, each with the name and the module."""
    found = []
    for node in root.named_children:
        if node.type == "import_statement":
            name, module = _imported(node)
            found.append((node, name, module))
    return found


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_javascript.language()))


def _walk(root: Node) -> Iterator[Node]:
    """Yield all nodes; without recursion, which deeply nested code would exhaust."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(node.children)


def _text(node: Node | None) -> str:
    return (node.text or b"").decode(errors="replace") if node else ""


def _is_declaration(node: Node) -> bool:
    """Return whether a node is the name in a declaration, of a parameter, or of an import."""
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return False
    if parent.type in {"formal_parameters", "rest_pattern", "import_clause"}:
        return True
    fields = {"variable_declarator": "name", "catch_clause": "parameter"} | dict.fromkeys(
        _FUNCTIONS, "name"
    )
    fields["arrow_function"] = "parameter"
    return parent.type in fields and parent.child_by_field_name(fields[parent.type]) == node


def _fault(node: Node, declared: set[str]) -> str | None:
    """Return what is wrong with a node; None if the runtime supports it."""
    if not node.is_named:
        return f"{node.type} is not supported" if node.type in _OPERATORS else None
    if node.type not in _ALLOWED:
        return f"{_NAMES.get(node.type, node.type.replace('_', ' '))} is not supported"
    check = _CHECKS.get(node.type)
    if found := check(node) if check else None:
        return found
    return _unavailable(node, declared) if node.type == "identifier" else None


def _unavailable(node: Node, declared: set[str]) -> str | None:
    name, parent = _text(node), node.parent
    if name not in _UNAVAILABLE or name in declared:
        return None
    if parent and parent.type == "unary_expression" and _operator(parent) == "typeof":
        return None
    return f"{name} is not available: the runtime has no {_UNAVAILABLE[name]}"


def _operator(node: Node) -> str:
    return _text(node.child_by_field_name("operator"))


def _call(node: Node) -> str | None:
    arguments = node.child_by_field_name("arguments")
    if arguments and arguments.type == "template_string":
        return "tagged templates are not supported"
    if _text(node.child_by_field_name("function")) == "require" and arguments:
        given = arguments.named_children
        module = _text(given[0])[1:-1] if given and given[0].type == "string" else ""
        if module not in MODULES - {"cloudfront"}:
            return "require needs one of 'buffer', 'crypto' and 'querystring'"
    return None


def _import(node: Node) -> str | None:
    name, module = _imported(node)
    at_top = node.parent is not None and node.parent.type == "program"
    if at_top and name and module in MODULES and len(node.named_children) == 2:
        return None
    return f"import needs the form: import name from one of {', '.join(sorted(MODULES))}"


def _imported(node: Node) -> tuple[str, str]:
    """Return the name and the module of an import; an empty name if it has another form."""
    clause = next((each for each in node.children if each.type == "import_clause"), None)
    names = clause.named_children if clause else []
    name = _text(names[0]) if len(names) == 1 and names[0].type == "identifier" else ""
    return name, _text(node.child_by_field_name("source"))[1:-1]


def _for(node: Node) -> str | None:
    return "for…of is not supported" if _operator(node) != "in" else None


def _method(node: Node) -> str | None:
    kinds = {each.type for each in node.children}
    return None if kinds & {"get", "set"} else "methods in the form {name() {}} are not supported"


def _number(node: Node) -> str | None:
    text = _text(node).lower()
    if text.endswith("n") and not text.startswith("0x"):
        return "BigInt is not supported"
    if text.startswith(("0b", "0o")):
        return "binary and octal numbers are not supported"
    return "BigInt is not supported" if text.endswith("n") else None


def _flags(node: Node) -> str | None:
    return None if set(_text(node)) <= set("gim") else "only the flags g, i and m are supported"


def _escape(node: Node) -> str | None:
    return "escapes need the form \\uXXXX" if _text(node).startswith("\\u{") else None


def _rest(node: Node) -> str | None:
    parent = node.parent
    is_parameter = parent is not None and parent.type == "formal_parameters"
    return None if is_parameter else "destructuring is not supported"


def _catch(node: Node) -> str | None:
    parameter = node.child_by_field_name("parameter")
    return None if parameter else "catch needs a parameter: catch (error) {}"


def _within(node: Node, types: frozenset[str]) -> Node | None:
    parent = node.parent
    while parent is not None and parent.type not in types:
        parent = parent.parent
    return parent


def _declared_async(node: Node) -> str | None:
    if any(each.type == "async" for each in node.children):
        return "async is supported in function declarations only"
    return None


def _return(node: Node) -> str | None:
    return None if _within(node, _FUNCTIONS) else "return is outside of a function"


def _await(node: Node) -> str | None:
    function = _within(node, _FUNCTIONS | {"arguments"})
    if function is not None and function.type == "arguments":
        return "await in an argument is not supported: assign the value to a variable"
    is_async = function is not None and any(each.type == "async" for each in function.children)
    return None if is_async else "await is outside of an async function"


_CHECKS = {
    "arrow_function": _declared_async,
    "await_expression": _await,
    "call_expression": _call,
    "catch_clause": _catch,
    "escape_sequence": _escape,
    "for_in_statement": _for,
    "function_expression": _declared_async,
    "import_statement": _import,
    "method_definition": _method,
    "number": _number,
    "regex_flags": _flags,
    "rest_pattern": _rest,
    "return_statement": _return,
}
