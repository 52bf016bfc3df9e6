"""What the sources publish: the verbs of every event class, read from the code itself."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

PACKAGES = ("dispatch", "lastmile", "pod", "tracking")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Sinks = dict[tuple[str, str], set[str]]  # (file, function with a parameter `what`) -> events it makes of it


@cache
def verbs() -> frozenset[tuple[str, str, str]]:
    """(event class, verb, where) for every constant that reaches the `what` of an event, also through functions."""
    functions = list(_functions())
    sinks: Sinks = {}
    while True:
        found: set[tuple[str, str, str]] = set()
        before = sum(map(len, sinks.values()))
        for file, function in functions:
            for call in _calls(function):
                for event in _events_of(call, file, sinks):
                    given = _what_of(call, file, functions)
                    if isinstance(given, ast.Name) and given.id == "what" and _takes_what(function):
                        sinks.setdefault((file, function.name), set()).add(event)
                    elif given is not None:
                        found |= {(event, verb, f"{file}:{call.lineno}") for verb in _texts(given, function)}
        if before == sum(map(len, sinks.values())):
            return frozenset(found)


def _functions() -> Iterator[tuple[str, Function]]:
    root = Path(settings.BASE_DIR)
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, Function):
                    yield str(path.relative_to(root)), node


def _calls(function: Function) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _events_of(call: ast.Call, file: str, sinks: Sinks) -> set[str]:
    """The event that is made here, or those that the function called makes; one's own module goes first."""
    name = _name(call)
    if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "events":
        return {name}
    if (file, name) in sinks or name.startswith("_"):
        return sinks.get((file, name), set())
    of = getattr(call.func.value, "id", "?") if isinstance(call.func, ast.Attribute) else ""
    known = {where: made for (where, called), made in sinks.items() if called == name}
    return set().union(*(made for where, made in known.items() if of in ("", "self", Path(where).stem)))


def _what_of(call: ast.Call, file: str, functions: list[tuple[str, Function]]) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == "what":
            return keyword.value
    name = _name(call)
    here = [each for where, each in functions if each.name == name and where == file and _takes_what(each)]
    for each in here or [each for _, each in functions if each.name == name and _takes_what(each)]:
        places = [arg.arg for arg in each.args.args if arg.arg != "self"]
        if "what" in places and len(call.args) > places.index("what"):
            return call.args[places.index("what")]
    return None


def _takes_what(function: Function) -> bool:
    return any(arg.arg == "what" for arg in (*function.args.args, *function.args.kwonlyargs))


def _texts(given: ast.expr, function: Function) -> set[str]:
    """The texts that an expression may be: constants, either side of a condition, what a local name was given."""
    if isinstance(given, ast.Constant):
        return {str(given.value)}
    if isinstance(given, ast.IfExp):
        return _texts(given.body, function) | _texts(given.orelse, function)
    if isinstance(given, ast.Tuple):
        return set().union(*(_texts(each, function) for each in given.elts))
    if isinstance(given, ast.Name):
        values = (value for node in ast.walk(function) if (value := _value_for(node, given.id)) is not None)
        return set().union(*(_texts(value, function) for value in values))
    return set()


def _value_for(node: ast.AST, name: str) -> ast.expr | None:
    if isinstance(node, ast.Assign) and any(getattr(to, "id", "") == name for to in node.targets):
        return node.value
    return node.iter if isinstance(node, ast.For) and getattr(node.target, "id", "") == name else None
