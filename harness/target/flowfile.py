"""The Python file in which an owner drives flows in a browser: checked without running it, loaded when a flow is driven."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from harness.errors import ConfigurationError, closest
from harness.target.in_step import in_step, without_sync_api
from harness.target.problems import display
from harness.target.spec import FlowSpec, Live, Target
from harness.target.steps import flow_of

FlowFunction = Callable[[Any, Any], Awaitable[Any]]
_MODULE = "captchaos_flows_"
_STARTS_A_BROWSER = ("sync_playwright", "asyncio.run")


def flow_function(target: Target, flow: FlowSpec) -> FlowFunction:
    """Load the function ``(page, flow)`` of a flow, ``async`` or not, or make one of its steps; a file is run once per process.

    Raises :class:`ConfigurationError` when the file cannot be imported or holds no such function.
    """
    return flow_of(flow.steps) if flow.steps else _function(target, flow.browser)


def before_function(target: Target, flow: FlowSpec) -> FlowFunction | None:
    """Load what a flow's visitors do before it, such as signing in; None where there is nothing."""
    return _function(target, flow.before) if flow.before else None


def solve_function(target: Target, live: Live) -> FlowFunction | None:
    """Load what solves a live provider's challenge; None where nobody does."""
    return _function(target, live.solve) if live.solve else None


def _function(target: Target, reference: str) -> FlowFunction:
    file_name, _, name = reference.rpartition(":")
    file = (target.folder / file_name).resolve()
    module = _loaded(file)
    function = getattr(module, name, None)
    if not callable(function):
        raise ConfigurationError(f"{display(file)}:1: no function is called {name!r}{closest(name, _public(module))}")
    loaded: FlowFunction = function if inspect.iscoroutinefunction(function) else in_step(function)
    return loaded


def is_of_owner(frame: FrameType) -> bool:
    """Whether a frame runs code of a flow file, and none of a library's or the lab's."""
    return str(frame.f_globals.get("__name__", "")).startswith(_MODULE)


def complaint(folder: Path, reference: str) -> str:
    """Say what is wrong with ``file.py:function`` as far as reading tells, without running it; empty when nothing is."""
    file_name, _, name = reference.rpartition(":")
    file = folder / file_name
    if not file.is_file():
        near = closest(file_name, (path.name for path in folder.glob("*.py")))
        return f"names {file_name}, which is not a file in {display(folder)}{near}"
    try:
        tree = ast.parse(file.read_bytes(), filename=str(file))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        return f"names {file_name}, which is not Python: line {line}: {getattr(error, 'msg', error)}"
    if (whole := _whole_program(tree)) is not None:
        return (
            f"names {file_name}, which starts a browser of its own at line {whole.lineno}: "
            f"of what `playwright codegen` wrote keep the lines that begin with page, under def {name}(page, flow):"
        )
    return _function_complaint(tree, file_name, name)


def _whole_program(tree: ast.Module) -> ast.stmt | None:
    """What of a file would start a browser as soon as it is imported, as `playwright codegen` writes it."""
    for statement in tree.body:
        begun = statement.items[0].context_expr if isinstance(statement, ast.With) else getattr(statement, "value", None)
        if isinstance(begun, ast.Call) and ast.unparse(begun.func) in _STARTS_A_BROWSER:
            return statement
    return None


def _function_complaint(tree: ast.Module, file_name: str, name: str) -> str:
    bound: dict[str, ast.stmt] = {}
    for statement in tree.body:
        names = _names_bound(statement)
        if "*" in names:
            return ""
        bound.update(dict.fromkeys(names, statement))
    bound = {one: statement for one, statement in bound.items() if not _is_no_function(statement) or one == name}
    if isinstance(bound.get(name), ast.Import):
        del bound[name]
    if name not in bound:
        return f"names {name!r}, but {file_name} has no function of that name{closest(name, bound)}"
    statement = bound[name]
    expected = f"({file_name}:{statement.lineno}); expected: def {name}(page, flow), async or not"
    if _is_no_function(statement):
        return f"names {name!r}, but that is no function {expected}"
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and not _takes_two(statement.args):
        return f"names {name!r}, but it does not take two arguments {expected}"
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and _yields(statement):
        return f"names {name!r}, but that yields, and so does nothing when it is called {expected}"
    return ""


def _is_no_function(statement: ast.stmt) -> bool:
    """Whether what a statement binds can be no function as far as reading tells."""
    literal = ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.JoinedStr
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return isinstance(statement, ast.ClassDef | ast.Import) or isinstance(value, literal)


def _yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function is a generator: what is defined inside it may yield."""
    inside: list[ast.AST] = list(function.body)
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            inside += ast.iter_child_nodes(node)
    return False


def _takes_two(arguments: ast.arguments) -> bool:
    positional = len(arguments.posonlyargs) + len(arguments.args)
    needed = positional - len(arguments.defaults)
    return needed <= 2 and (positional >= 2 or arguments.vararg is not None)


def _names_bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Import() | ast.ImportFrom():
            return [(alias.asname or alias.name).split(".")[0] for alias in statement.names]
        case ast.Assign():
            return [part.id for part in statement.targets if isinstance(part, ast.Name)]
        case ast.AnnAssign() if isinstance(statement.target, ast.Name):
            return [statement.target.id]
        case ast.If() | ast.Try():
            return [name for inner in statement.body for name in _names_bound(inner)]
        case _:
            return []


@functools.lru_cache(maxsize=64)
def _loaded(file: Path) -> ModuleType:
    name = f"{_MODULE}{hashlib.sha256(str(file).encode()).hexdigest()[:16]}"
    found = importlib.util.spec_from_file_location(name, file)
    if found is None or found.loader is None:
        raise ConfigurationError(f"{display(file)}:1: this is not a Python file that can be imported")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
        without_sync_api(module)
    except (Exception, SystemExit) as error:
        # The file is the owner's: whatever it raises is told to them as a sentence, and it ends no run.
        del sys.modules[name]
        raise ConfigurationError(f"{display(file)}:{_line_in(file, error)}: importing it raised {error!r}") from error
    return module


def _line_in(file: Path, error: BaseException) -> int:
    line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _public(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
