# SPDX-License-Identifier: MIT
"""Programs in Python, by the names that users know them by.

    black                the command of an installed package
    package.module:main  a function
    -m module            a module, as python3 -m runs it
    script.py            a file
"""
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
import types
from typing import Any, Callable, NamedTuple, Optional


class Target(NamedTuple):
    name: str                 # for the dump's file
    program: str              # sys.argv[0]
    main: Callable[[], object]


class TargetError(Exception):
    """There is no such program. The text is for the user."""


def load_module(name: str) -> Target:
    """Prepare `-m name`: it is found and compiled, and run by each start."""
    spec = _find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _find_spec(f"{name}.__main__")
    code: Any = spec and spec.loader and getattr(spec.loader, "get_code")(spec.name)
    if spec is None or code is None:
        raise TargetError(f"there is no module {name} that can be run")
    _set_path(os.getcwd())
    return Target(name.rpartition(".")[2], spec.origin or name,
                  _runner(code, spec.origin or "", spec))


def load(word: str) -> Target:
    """Import the program, or compile it if it is a script."""
    if os.path.isfile(word) and (os.sep in word or word.endswith(".py")):
        return _load_file(word)
    if ":" in word:
        module, _, attribute = word.partition(":")
        _set_path(os.getcwd())
        return Target(attribute, shutil.which(attribute) or attribute, _import(module, attribute))
    entry = _find_command(word)
    if entry is not None:
        program = shutil.which(word) or word
        _begin_main(program)
        _set_path(os.path.dirname(program))
        return Target(word, program, _import(*entry))
    script = shutil.which(word)
    if script and _is_python(script):
        return _load_file(script)
    raise TargetError(f"{word} is no command of an installed package, no module:function, and no "
                      "script in Python")


def _find_spec(name: str) -> Optional[importlib.machinery.ModuleSpec]:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None


def _find_command(name: str) -> Any:
    """Returns module and attribute of the command, or None."""
    found: Any = importlib.metadata.entry_points()
    commands = (found.select(group="console_scripts", name=name) if hasattr(found, "select")
                else [one for one in found.get("console_scripts", ()) if one.name == name])
    for command in commands:
        match = re.match(r"([\w.]+)\s*:\s*([\w.]+)", command.value)
        if match:
            return match.groups()
    return None


def _import(module: str, attribute: str) -> Callable[[], object]:
    try:
        found: Any = importlib.import_module(module)
    except ImportError as error:
        raise TargetError(f"cannot import {module}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise TargetError(f"{module} has no {attribute}")
        found = getattr(found, part)
    if not callable(found):
        raise TargetError(f"{attribute} of {module} is not a function")
    function: Callable[[], object] = found
    return function


def _is_python(path: str) -> bool:
    with open(path, "rb") as file:
        line = file.readline(200)
    return line.startswith(b"#!") and b"python" in line


def _load_file(path: str) -> Target:
    file = os.path.join(os.getcwd(), path)  # as Python has it since 3.9
    loader = importlib.machinery.SourceFileLoader("__main__", file)
    code: Any = loader.source_to_code(loader.get_data(file), file)
    _set_path(os.path.dirname(os.path.abspath(file)))
    name = os.path.basename(path)
    return Target(name[:-3] if name.endswith(".py") else name, path, _runner(code, file, None))


def _begin_main(path: str) -> types.ModuleType:
    """Put an empty module in the place of __main__, which is this package's."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    return main


def _runner(code: types.CodeType, path: str,
            spec: Optional[importlib.machinery.ModuleSpec]) -> Callable[[], object]:
    def run() -> None:
        main = _begin_main(path)
        if spec is not None:
            main.__dict__.update(__spec__=spec, __package__=spec.parent, __loader__=spec.loader)
        exec(code, main.__dict__)

    return run


def _set_path(directory: str) -> None:
    """sys.path begins with the directory of what is run; it was set for this package."""
    sys.path[0] = directory
