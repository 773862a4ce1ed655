"""Every English sentence that the program can say, with the place where it is written: read from the source, nothing is run.

A sentence is what reaches `t()` in the end. Most are literals in the call; where a variable is handed over, it is
followed to its literals: conditional expressions, tables, loops over tuples, and parameters back to every call of
their function. What cannot be followed is listed by `lost()`, so that no sentence slips by unseen.

    python tests/sentences.py            the lines that are missing in zh.tsv, and those that nothing says any more
    python tests/sentences.py --write    zh.tsv again, grouped by room and sorted; what nothing says is left out
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "crm_cli"
CATALOGUE = PACKAGE / "locale" / "zh.tsv"
ROOMS = ("program", "commands", "completion", "output", "actions", "queries", "rules", "formats", "store", "model")

# Which arguments of a call are sentences, by the name that is called: positions, then keywords.
SPEAKERS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "t": ((0,), ()),
    "tn": ((0, 1), ()),
    "said": ((0,), ()),
    "Change": ((2,), ("sentence",)),
    "Invariant": ((3,), ("sentence",)),
    "Finding": ((2,), ("sentence",)),
    "_of_thing": ((1,), ()),
    "Note": ((0,), ("sentence",)),
    "Bad": ((0,), ("sentence",)),
    "Problem": ((3,), ("sentence",)),
    "option": ((1, 3), ("help", "group")),
    "sets": ((1,), ("help",)),
    "_option": ((), ("help",)),
    "Option": ((), ("help", "rich_help_panel")),
    "Argument": ((), ("help",)),
}
# Attributes that carry a sentence on: it was found where the object was made.
CARRIED = {"sentence", "hint", "help", "section", "__doc__"}
# What is handed to t() and is no literal, with the reason why nothing is missed: (file, expression).
KNOWN = {
    ("output/cells.py", "sentence"): "the reason of a follow-up: its pairs are found as pairs",
    ("output/why.py", "fact.fact"): "facts: marked with said() where they are made",
    ("output/why.py", "fact.rule"): "rules: marked with said() where they are made",
    ("output/cells.py", "str(value)"): "KEEP_IN_TOUCH, see _tables",
    ("output/cells.py", "key.replace('_', ' ')"): "headings of answer keys, see _tables",
    ("commands/writes.py", "holes['noun']"): "nouns, see _tables",
    ("commands/writes.py", "note"): "notes of a Change: found as pairs",
    ("commands/importwords.py", "sentence"): "notes of an import: found where a Note is made",
    ("commands/exporting.py", "sentence"): "notes of a sheet: marked with said() where they are made",
    (
        "formats/jsontext.py",
        "next((sentence for begin, sentence in _FAULTS.items() if told.startswith(begin)), _OTHER)",
    ): ("_FAULTS, see _tables"),
    ("commands/system.py", "row['what']"): "SETTINGS, see _tables",
    ("commands/system.py", "row['from']"): "where a setting comes from, see _tables",
    ("output/help.py", "section"): "sections of the table of contents, see _tables",
    ("output/help.py", "text"): "first lines of docstrings",
    ("completion/generate.py", "sentence"): "first lines of docstrings, and the table of contents",
    ("output/help.py", "what"): "what a noun is, of the table of contents, see _tables",
    ("output/help.py", "group"): "groups of options: found where the options are made",
    ("queries/nouns.py", "noun"): "nouns, see _tables",
    ("output/reports_sales.py", "sentence"): "notes of a report: found as pairs",
    ("output/portrait.py", "line.fact"): "facts: marked with said() where they are made",
    ("output/portrait.py", "value.text"): "sentences within: marked with said() where they are made",
    ("output/portrait.py", "value.value"): "what a follow-up is about: KEEP_IN_TOUCH, see _tables",
    ("commands/reporting.py", "report.formula"): "marked with said() where the report is made",
    ("commands/reporting.py", "report.source"): "marked with said() where the report is made",
    ("rules/lessons.py", "told"): "marked with said() where it is made",
}
_FOLLOWED = {"replace", "capitalize", "upper", "lower", "title", "strip", "removesuffix", "removeprefix"}


class Scope(NamedTuple):
    """Where an expression stands: its module and the functions around it, the outermost first."""

    module: "Module"
    functions: tuple[ast.AST, ...]


class Module:
    """One file: its tree, its constants, and what its imports name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.relative_to(PACKAGE).as_posix()
        self.dotted = "crm_cli." + self.name.removesuffix(".py").replace("/", ".")
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.constants: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.constants[target.id] = node.value
                    elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                        self.constants.update(
                            {
                                n.id: v
                                for n, v in zip(target.elts, node.value.elts, strict=True)
                                if isinstance(n, ast.Name)
                            }
                        )
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                self.constants[node.target.id] = node.value
        self.calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        self.imports: dict[str, str] = {}
        for walked in ast.walk(self.tree):
            if isinstance(walked, ast.ImportFrom) and walked.module:
                self.imports.update(
                    {alias.asname or alias.name: f"{walked.module}.{alias.name}" for alias in walked.names}
                )
        self.scopes: dict[int, tuple[ast.AST, ...]] = {}
        self.classes: dict[int, ast.ClassDef | None] = {}
        self._note(self.tree, (), None)

    def _note(self, node: ast.AST, functions: tuple[ast.AST, ...], owner: ast.ClassDef | None) -> None:
        self.scopes[id(node)] = functions
        self.classes[id(node)] = owner
        inner = (*functions, node) if isinstance(node, ast.FunctionDef | ast.Lambda) else functions
        for child in ast.iter_child_nodes(node):
            self._note(
                child,
                inner,
                node if isinstance(node, ast.ClassDef) else None if isinstance(node, ast.FunctionDef) else owner,
            )


class Reader:
    """Walks the package once and collects sentences and what could not be followed."""

    def __init__(self) -> None:
        self.modules = [Module(path) for path in sorted(PACKAGE.rglob("*.py"))]
        self.by_dotted = {module.dotted: module for module in self.modules}
        self.found: dict[str, str] = {}
        self.known: set[tuple[str, str]] = set()
        self.lost: dict[tuple[str, str], int] = {}
        self.speakers = {**SPEAKERS, **dict.fromkeys(self._errors(), ((0,), ("hint",)))}
        self._seen: set[tuple[int, str]] = set()
        for module in self.modules:
            self._read(module)
        self._tables()

    def _errors(self) -> set[str]:
        known = {"CrmError"}
        for module in self.modules:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.ClassDef) and any(
                    isinstance(base, ast.Name) and base.id in known for base in node.bases
                ):
                    known.add(node.name)
        return known

    # ------------------------------------------------------------------ what says something

    def _read(self, module: Module) -> None:
        for node in ast.walk(module.tree):
            scope = Scope(module, module.scopes.get(id(node), ()))
            if isinstance(node, ast.Call):
                self._call(node, scope)
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
                self._pair(node, scope)
            elif isinstance(node, ast.FunctionDef) and any(_is_command(decorator) for decorator in node.decorator_list):
                line = (ast.get_docstring(node) or "").strip().split("\n")[0]
                self._say(line, module, node.lineno)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        name = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else node.func.id
            if isinstance(node.func, ast.Name)
            else ""
        )
        if name not in self.speakers:
            return
        positions, keywords = self.speakers[name]
        if name == "Change" and any(isinstance(argument, ast.Starred) for argument in node.args):
            return  # a sentence unpacked with its holes: found as a pair
        for place in positions:
            for argument, where in self._placed(node, place, scope):
                self.follow(argument, where)
        for keyword in node.keywords:
            if keyword.arg in keywords:
                self.follow(keyword.value, scope)

    def _pair(self, node: ast.Tuple, scope: Scope) -> None:
        """("a sentence with {holes}", {"holes": ...}): notes and reasons."""
        sentence, holes = node.elts
        if (
            isinstance(holes, ast.Dict)
            and isinstance(sentence, ast.Constant | ast.IfExp)
            and all(isinstance(key, ast.Constant) for key in holes.keys)
        ):
            self.follow(sentence, scope)

    def _tables(self) -> None:
        """Literals that reach t() through tables: the table of contents, settings, headings."""

        def constant(dotted: str, name: str) -> tuple[ast.expr, Module]:
            module = self.by_dotted[dotted]
            return module.constants[name], module

        nouns, app = constant("crm_cli.app", "NOUNS")
        assert isinstance(nouns, ast.Dict)
        for line in nouns.values:
            assert isinstance(line, ast.Tuple)
            for element in line.elts[1:3]:
                self.follow(element, Scope(app, ()))
        settings, config = constant("crm_cli.config", "SETTINGS")
        assert isinstance(settings, ast.Dict)
        for line in settings.values:
            assert isinstance(line, ast.Tuple)
            self.follow(line.elts[2], Scope(config, ()))
        for origin in ("flag", "environment", "file", "default"):
            self._say(origin, config, config.constants["SETTINGS"].lineno)
        keep, sheet = constant("crm_cli.queries.followups", "KEEP_IN_TOUCH")
        self.follow(keep, Scope(sheet, ()))
        faults, text = constant("crm_cli.formats.jsontext", "_FAULTS")
        assert isinstance(faults, ast.Dict)
        for sentence in (*faults.values, text.constants["_OTHER"]):
            self.follow(sentence, Scope(text, ()))
        from crm_cli.output.views import VIEWS
        from crm_cli.rules.fields import ANSWER_KEYS, FIELDS, NOUNS

        rules = self.by_dotted["crm_cli.rules.fields"]
        views = self.by_dotted["crm_cli.output.views"]
        moved, reports = constant("crm_cli.commands.reports", "MOVED")
        assert isinstance(moved, ast.Tuple)
        for element in (*moved.elts, ast.Constant("week")):
            assert isinstance(element, ast.Constant)
            self._say(str(element.value).replace("_", " "), reports, moved.lineno)
        for keys in ANSWER_KEYS.values():
            for key in keys:
                self._say(key.replace("_", " "), rules, rules.constants["ANSWER_KEYS"].lineno)
        for noun, view in VIEWS.items():
            for key, _ in view.columns:
                if key not in {field.key for field in FIELDS.get(noun, ())}:
                    self._say(key.replace("_", " "), views, views.constants["VIEWS"].lineno)
        for noun in (*NOUNS, *ANSWER_KEYS):
            if noun in VIEWS and noun not in ("followup", "funnel", "find"):
                self._say(noun, rules, rules.constants["NOUNS"].lineno)

    def _say(self, text: str, module: Module, line: int) -> None:
        if text.strip():
            self.found.setdefault(text, f"crm_cli/{module.name}:{line}")

    # ------------------------------------------------------------------ an expression -> its literals

    def follow(self, node: ast.AST, scope: Scope) -> None:
        for text, module, line in self.texts(node, scope):
            self._say(text, module, line)

    def texts(self, node: ast.AST | None, scope: Scope) -> Iterator[tuple[str, Module, int]]:
        """The texts that an expression may be."""
        if node is not None and (scope.module.name, ast.unparse(node)) in KNOWN:
            self.known.add((scope.module.name, ast.unparse(node)))
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value, scope.module, node.lineno
        elif isinstance(node, ast.IfExp):
            yield from self.texts(node.body, scope)
            yield from self.texts(node.orelse, scope)
        elif isinstance(node, ast.BoolOp):
            for value in node.values[:-1] if isinstance(node.op, ast.And) else node.values:
                if isinstance(node.op, ast.Or):
                    yield from self.texts(value, scope)
            if isinstance(node.op, ast.And):
                yield from self.texts(node.values[-1], scope)
        elif isinstance(node, ast.Name):
            yield from self._named(node.id, scope, node)
        elif isinstance(node, ast.Subscript):
            yield from self._subscript(node, scope)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node, scope)
        elif isinstance(node, ast.Call):
            yield from self._called(node, scope)
        elif node is not None:
            self._lose(node, scope)

    def _lose(self, node: ast.AST, scope: Scope) -> None:
        self.lost.setdefault((scope.module.name, ast.unparse(node)), getattr(node, "lineno", 0))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Iterator[tuple[str, Module, int]]:
        if node.attr in CARRIED:
            return
        owner = (
            self.by_dotted.get(scope.module.imports.get(node.value.id, ""))
            if isinstance(node.value, ast.Name)
            else None
        )
        if owner is not None and node.attr in owner.constants:
            yield from self.texts(owner.constants[node.attr], Scope(owner, ()))
        else:
            self._lose(node, scope)

    def _called(self, node: ast.Call, scope: Scope) -> Iterator[tuple[str, Module, int]]:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "get":
            for box, where in self.boxes(function.value, scope):
                if isinstance(box, ast.Dict):
                    for value in box.values:
                        yield from self.texts(value, where)
            if len(node.args) > 1:
                yield from self.texts(node.args[1], scope)
        elif isinstance(function, ast.Attribute) and function.attr in _FOLLOWED:
            arguments = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            before = len(self.lost)
            for text, module, line in self.texts(function.value, scope):
                yield getattr(text, function.attr)(*arguments), module, line
            if len(self.lost) > before:
                self._lose(node, scope)
        elif (isinstance(function, ast.Attribute) and function.attr in ("split", "partition")) or (
            isinstance(function, ast.Name) and function.id in ("t", "tn")
        ):
            return
        elif (found := self._function(function, scope)) is not None:
            yield from self._returned(*found)
        else:
            self._lose(node, scope)

    def _function(self, called: ast.expr, scope: Scope) -> tuple[ast.FunctionDef, Module] | None:
        """The function of the package that a call means."""
        imports = scope.module.imports
        if isinstance(called, ast.Name):
            home, _, name = imports.get(called.id, f"{scope.module.dotted}.{called.id}").rpartition(".")
        elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            home, name = imports.get(called.value.id, ""), called.attr
        else:
            return None
        module = self.by_dotted.get(home)
        found = (
            next((node for node in module.tree.body if isinstance(node, ast.FunctionDef) and node.name == name), None)
            if module
            else None
        )
        return (found, module) if found is not None and module is not None else None

    def _returned(self, function: ast.FunctionDef, module: Module) -> Iterator[tuple[str, Module, int]]:
        if (id(function), "return") in self._seen:
            return
        self._seen.add((id(function), "return"))
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                yield from self.texts(node.value, Scope(module, module.scopes.get(id(node), ())))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Iterator[tuple[str, Module, int]]:
        found = False
        if (
            isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and node.value.func.attr == "split"
        ):
            base = node.value.func.value
            if isinstance(base, ast.BoolOp) and any(
                isinstance(v, ast.Attribute) and v.attr in CARRIED for v in base.values
            ):
                return
        for element, where in self._items(node, scope):
            found = True
            yield from self.texts(element, where)
        if not found:
            self._lose(node, scope)

    def _items(self, node: ast.Subscript, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
        """The elements that a subscript may mean."""
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        for box, where in self.boxes(node.value, scope):
            if isinstance(box, ast.Dict):
                for k, v in zip(box.keys, box.values, strict=True):
                    if key is None or (isinstance(k, ast.Constant) and k.value == key):
                        yield v, where
            elif isinstance(box, ast.Tuple | ast.List):
                if isinstance(key, int):
                    if -len(box.elts) <= key < len(box.elts):
                        yield box.elts[key], where
                else:
                    for element in box.elts:
                        yield element, where

    def boxes(self, node: ast.expr, scope: Scope, depth: int = 0) -> Iterator[tuple[ast.expr, Scope]]:
        """The literal dicts, tuples and lists that an expression may be."""
        if depth > 6:
            return
        if isinstance(node, ast.Dict | ast.Tuple | ast.List | ast.Set):
            yield node, scope
        elif isinstance(node, ast.IfExp):
            yield from self.boxes(node.body, scope, depth + 1)
            yield from self.boxes(node.orelse, scope, depth + 1)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            yield from self.boxes(node.value, scope, depth + 1)
        elif isinstance(node, ast.Subscript):
            for element, where in self._items(node, scope):
                yield from self.boxes(element, where, depth + 1)
        elif isinstance(node, ast.Name):
            for value, where, path in self.bindings(node.id, scope):
                for box, place in self.boxes(value, where, depth + 1):
                    if not path:
                        yield box, place
            holder = self._parameter(node.id, scope)
            for value, where in self._handed(holder, node.id, scope.module) if holder is not None else ():
                yield from self.boxes(value, where, depth + 1)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self.by_dotted.get(scope.module.imports.get(node.value.id, ""))
            if owner is not None and node.attr in owner.constants:
                yield from self.boxes(owner.constants[node.attr], Scope(owner, ()), depth + 1)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "items":
                for box, where in self.boxes(node.func.value, scope, depth + 1):
                    if isinstance(box, ast.Dict):
                        pairs: list[ast.expr] = [
                            ast.Tuple(elts=[k, v], ctx=ast.Load())
                            for k, v in zip(box.keys, box.values, strict=True)
                            if k is not None
                        ]
                        yield ast.List(elts=pairs, ctx=ast.Load()), where
            elif node.func.attr == "values":
                for box, where in self.boxes(node.func.value, scope, depth + 1):
                    if isinstance(box, ast.Dict):
                        yield ast.List(elts=box.values, ctx=ast.Load()), where
            elif node.func.attr == "split" and isinstance(node.func.value, ast.Constant) and not node.args:
                words = [ast.copy_location(ast.Constant(word), node) for word in str(node.func.value.value).split()]
                yield ast.List(elts=list(words), ctx=ast.Load()), scope

    # ------------------------------------------------------------------ names

    def _named(self, name: str, scope: Scope, node: ast.AST) -> Iterator[tuple[str, Module, int]]:
        bound = list(self.bindings(name, scope))
        if not bound:
            holder = self._parameter(name, scope)
            if holder is None:
                self._lose(node, scope)
            else:
                yield from self._arguments(holder, name, scope.module)
            return
        for value, where, path in bound:
            if not path:
                yield from self.texts(value, where)
                continue
            some = False
            for element, place in self._inside(value, where, path):
                some = True
                yield from self.texts(element, place)
            if not some:
                self._lose(node, scope)

    def _inside(self, value: ast.expr, scope: Scope, path: tuple[int, ...]) -> Iterator[tuple[ast.expr, Scope]]:
        """What a name in a pattern stands for: -1 walks over the elements, others take one."""
        if not path:
            yield value, scope
            return
        for box, where in self.boxes(value, scope):
            elements = (
                box.keys
                if isinstance(box, ast.Dict)
                else box.elts
                if isinstance(box, ast.Tuple | ast.List | ast.Set)
                else []
            )
            chosen = elements if path[0] == -1 else elements[path[0] : path[0] + 1]
            for element in chosen:
                if isinstance(element, ast.expr):
                    yield from self._inside(element, where, path[1:])

    def bindings(self, name: str, scope: Scope) -> Iterator[tuple[ast.expr, Scope, tuple[int, ...]]]:
        """What a name was set to: in the functions around it, in its module, in the module it is imported from."""
        for depth in range(len(scope.functions), 0, -1):
            function = scope.functions[depth - 1]
            inner = Scope(scope.module, scope.functions[:depth])
            found = False
            for node in ast.walk(function):
                for target, value, walks in _bound(node):
                    for path in _paths(target, name):
                        found = True
                        yield value, inner, ((-1, *path) if walks else path)
            if found or name in _names_of(function):
                return
        if name in scope.module.constants:
            yield scope.module.constants[name], Scope(scope.module, ()), ()
            return
        dotted = scope.module.imports.get(name, "")
        owner = self.by_dotted.get(dotted.rpartition(".")[0])
        if owner is not None and dotted.rpartition(".")[2] in owner.constants:
            yield owner.constants[dotted.rpartition(".")[2]], Scope(owner, ()), ()

    def _parameter(self, name: str, scope: Scope) -> ast.FunctionDef | None:
        for function in reversed(scope.functions):
            if name in _names_of(function):
                return function if isinstance(function, ast.FunctionDef) else None
        return None

    def _arguments(self, function: ast.FunctionDef, name: str, module: Module) -> Iterator[tuple[str, Module, int]]:
        """The texts that the calls of a function hand over for a parameter."""
        if (id(function), name) not in self._seen:
            self._seen.add((id(function), name))
            for node, where in self._handed(function, name, module):
                yield from self.texts(node, where)

    def _handed(self, function: ast.FunctionDef, name: str, module: Module) -> Iterator[tuple[ast.expr, Scope]]:
        """What every call of the function hands over for a parameter, and what stands for it where none does."""
        owner = module.classes.get(id(function))
        by_place_only = {argument.arg for argument in function.args.posonlyargs}
        placed = [*function.args.posonlyargs, *function.args.args]
        defaults = dict(zip([argument.arg for argument in placed][::-1], function.args.defaults[::-1], strict=False))
        defaults |= {
            argument.arg: value
            for argument, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
            if value is not None
        }
        if name in defaults:
            yield defaults[name], Scope(module, module.scopes.get(id(function), ()))
        ordered = [argument.arg for argument in placed][1 if owner else 0 :]
        place = ordered.index(name) if name in ordered else None
        for other in self.modules:
            for node in other.calls:
                if self._means(node, other, function, module, owner):
                    where = Scope(other, other.scopes.get(id(node), ()))
                    for keyword in node.keywords:
                        if keyword.arg == name and name not in by_place_only:
                            yield keyword.value, where
                    if place is not None:
                        yield from self._placed(node, place, where)

    def _placed(self, call: ast.Call, place: int, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
        """The argument at a place; behind a * it is any element of what is unpacked there."""
        for i, argument in enumerate(call.args[: place + 1]):
            if isinstance(argument, ast.Starred):
                for box, where in self.boxes(argument.value, scope):
                    for element in box.elts if isinstance(box, ast.Tuple | ast.List) else ():
                        yield element, where
                return
            if i == place:
                yield argument, scope

    def _means(
        self, call: ast.Call, caller: Module, function: ast.FunctionDef, module: Module, owner: ast.ClassDef | None
    ) -> bool:
        called = call.func
        if owner is not None and function.name == "__init__":
            if isinstance(called, ast.Name):
                return caller.imports.get(called.id, f"{caller.dotted}.{called.id}") == f"{module.dotted}.{owner.name}"
            return isinstance(called, ast.Attribute) and called.attr == owner.name
        if isinstance(called, ast.Name):
            home = caller.imports.get(called.id, f"{caller.dotted}.{called.id}")
            return owner is None and home == f"{module.dotted}.{function.name}"
        if not isinstance(called, ast.Attribute) or called.attr != function.name:
            return False
        imported = caller.imports.get(called.value.id, "") if isinstance(called.value, ast.Name) else ""
        return imported == module.dotted if owner is None else imported not in self.by_dotted


def _is_command(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "command"


def _names_of(function: ast.AST) -> set[str]:
    if not isinstance(function, ast.FunctionDef | ast.Lambda):
        return set()
    args = function.args
    return {argument.arg for argument in (*args.posonlyargs, *args.args, *args.kwonlyargs)}


def _bound(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr, bool]]:
    """(target, value, whether the value is walked over) of what sets names."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value, False
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value, False
    elif isinstance(node, ast.For | ast.comprehension):
        yield node.target, node.iter, True


def _paths(target: ast.expr, name: str) -> Iterator[tuple[int, ...]]:
    if isinstance(target, ast.Name) and target.id == name:
        yield ()
    elif isinstance(target, ast.Tuple):
        for i, element in enumerate(target.elts):
            for path in _paths(element, name):
                yield (i, *path)


_read: list[Reader] = []


def _reader() -> Reader:
    if not _read:
        _read.append(Reader())
    return _read[0]


def sentences() -> dict[str, str]:
    """English sentence -> file:line of its first place."""
    return dict(_reader().found)


def lost() -> list[str]:
    """What is handed to t() and cannot be followed to a literal, with its place."""
    return [f"crm_cli/{name}:{line}  {source}" for (name, source), line in _reader().lost.items()]


def met() -> set[tuple[str, str]]:
    """The entries of KNOWN that were needed."""
    return _reader().known


def catalogue() -> dict[str, str]:
    """The lines of zh.tsv as they stand, with their escapes."""
    lines = {}
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
        english, tab, other = line.partition("\t")
        if tab and not line.startswith("#"):
            lines[english] = other
    return lines


def escaped(text: str) -> str:
    """A sentence as it stands in a catalogue."""
    return text.replace("\n", "\\n")


def room_of(place: str) -> str:
    """The room of a file:line; the root's own modules are the program."""
    parts = place.split("/")
    return parts[1] if len(parts) > 2 else "program"


def arranged(lines: dict[str, str]) -> str:
    """A catalogue grouped by room and sorted; lines that nothing says any more are left out."""
    places = {escaped(text): place for text, place in sentences().items()}
    text = ""
    for room in ROOMS:
        own = sorted(
            (line for line, place in places.items() if room_of(place) == room and line in lines),
            key=lambda line: (line.casefold(), line),
        )
        if own:
            text += ("\n" if text else "") + f"# {room}\n" + "".join(f"{line}\t{lines[line]}\n" for line in own)
    return text


def main() -> None:
    """Say what is missing and what is stale; with --write, arrange the catalogue again."""
    known = catalogue()
    wanted = {escaped(text): place for text, place in sentences().items()}
    if "--write" in sys.argv:
        CATALOGUE.write_text(arranged(known), encoding="utf-8")
    for line, place in wanted.items():
        if line not in known:
            print(f"{line}\t" + (f"\t{place}" if "--places" in sys.argv else ""))
    for line in known:
        if line not in wanted:
            print(f"# nothing says: {line}")
    for line in lost():
        print(f"# cannot be followed: {line}")


if __name__ == "__main__":
    main()
