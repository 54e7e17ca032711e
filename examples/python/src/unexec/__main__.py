# SPDX-License-Identifier: MIT
"""Make a program in Python start fast: python3 -m unexec black"""
import argparse
import io
import os
import shlex
import subprocess
import sys
import traceback
import warnings
from typing import Callable, Dict, List, NoReturn, Optional

import unexec
from unexec import _argv, _target

_DESCRIPTION = """\
Writes an executable that is TARGET, a program in Python, already imported. It takes the same
arguments, and prints the same as the program."""

_wrappers: List[object] = []

_EPILOG = """\
TARGET is the command of an installed package (black), a function (package.module:main), a script
(tool.py), or, with -m, a module."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m unexec", description=_DESCRIPTION,
                                     epilog=_EPILOG, allow_abbrev=False)
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="the executable; without it, the name of TARGET with -now")
    parser.add_argument("-m", "--module", action="store_true",
                        help="TARGET is a module, as for python3 -m")
    parser.add_argument("--warm", metavar="ARGS", action="append", default=[],
                        help="run it once with these arguments before the dump, and discard its "
                             "output: what it imports and computes then is in the dump; "
                             "can be repeated")
    parser.add_argument("--tune", metavar="ARGS", action="append", default=[],
                        help="run the dump once with these arguments, to learn which memory "
                             "starts touch; can be repeated")
    parser.add_argument("--fds", default="recreate", metavar="POLICY",
                        choices=("recreate", "close", "null", "keep", "hangup"),
                        help="what becomes of descriptors that cannot be created again: recreate "
                             "(the default: no dump), close, null, keep, hangup")
    parser.add_argument("--threads", default="keep", metavar="POLICY",
                        choices=("keep", "refuse", "leave"),
                        help="other threads: keep (the default), refuse, leave")
    parser.add_argument("target", metavar="TARGET")
    return parser


def _joined(words: List[str]) -> List[str]:
    """--warm --version is --warm=--version: argparse would take --version for another option."""
    joined: List[str] = []
    rest = iter(words)
    for word in rest:
        after = next(rest, None) if word in ("--warm", "--tune") else None
        joined.append(word if after is None else f"{word}={after}")
    return joined


def main() -> None:
    options = _parser().parse_args(_joined(sys.argv[1:]))
    _leave_inherited()
    arguments = _argv.Arguments(options.target)
    try:
        target = (_target.load_module if options.module else _target.load)(options.target)
    except _target.TargetError as error:
        _fail(options.target, str(error))
    arguments.find_marks()
    for words in options.warm:
        arguments.set(target.program, shlex.split(words))
        _warm(options.target, words, target.main)
        arguments.find_equal()
    if arguments.copies():
        _say(options.target, "note",
             f"starts update {arguments.copies()} lists that are copies of sys.argv")
    arguments.set(target.program, [])
    output = options.output or f"{target.name}-now"

    @unexec.at_resume
    def update() -> None:
        arguments.set(target.program, sys.argv[1:])

    _dump(output, target.main, options)
    for words in options.tune:
        _tune(output, words)


def _leave_inherited() -> None:
    """What this process was started with is its starter's. A start has its own starter's."""
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        try:
            inherited = number > 2 and os.get_inheritable(number)
        except OSError:  # the descriptor of the directory
            continue
        if inherited:
            unexec.set_fd_policy(number, "keep")


def _dump(output: str, entry: Callable[[], object], options: argparse.Namespace) -> None:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            unexec.dump(output, entry, fds=options.fds, threads=options.threads)
        except unexec.DumpError as error:
            _fail(output, str(error)[len(error.path) + 2:])
    for text, count in _grouped([str(one.message) for one in found]).items():
        _say(output, "warning", text + (f" (and {count - 1} others like it)" if count > 1 else ""))


def _grouped(texts: List[str]) -> Dict[str, int]:
    """Warnings that differ only in numbers and addresses are one kind: the first stands for all."""
    first: Dict[str, str] = {}
    counts: Dict[str, int] = {}
    for text in texts:
        kind = "".join(letter for letter in text if not letter.isdigit())[:24]
        counts[first.setdefault(kind, text)] = counts.get(first[kind], 0) + 1
    return counts


def _warm(name: str, words: str, function: Callable[[], object]) -> None:
    """Run the program with its output thrown away and an empty input."""
    kept = [os.dup(number) for number in range(3)]
    streams = sys.stdin, sys.stdout, sys.stderr
    nothing = os.open(os.devnull, os.O_RDWR)
    report: Optional[str] = None
    for stream in streams[1:]:
        stream.flush()
    for number in range(3):
        os.dup2(nothing, number)
    os.close(nothing)
    try:
        function()
    except SystemExit:
        pass
    except BaseException:  # the program's own; it must not end this one without a word
        report = traceback.format_exc()
    finally:
        # A program may have wrapped the streams. A wrapper that is freed closes what it wraps.
        _wrappers.extend((sys.stdin, sys.stdout, sys.stderr))
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOBase) and not stream.closed:
                stream.flush()
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, copy in enumerate(kept):
            os.dup2(copy, number)
            os.close(copy)
    if any(stream.closed for stream in streams):
        os.write(2, f"unexec: {name}: error: it closes its standard streams when it ends, so "
                    "that it cannot be run before the dump (--warm)\n".encode())
        os._exit(1)
    if report is not None:
        sys.stderr.write(report)
        _fail(name, f"it failed with the arguments --warm={words!r}")


def _tune(output: str, words: str) -> None:
    tool = os.environ.get("UNEXEC_TOOL", "unexec")
    command = [tool, "tune", output, "--", *shlex.split(words)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          check=False)
    if done.returncode:
        _say(output, "warning", f"{' '.join(command)}: status {done.returncode}")


def _say(subject: str, severity: str, text: str) -> None:
    print(f"unexec: {subject}: {severity}: {text}", file=sys.stderr)


def _fail(subject: str, text: str) -> NoReturn:
    _say(subject, "error", text)
    sys.exit(1)


main()
