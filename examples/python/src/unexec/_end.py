# SPDX-License-Identifier: MIT
"""End the process as Python does at the end of a script, except that no object is freed.

Python's own end visits every object, and so copies every page of the dump that has any: most of the
time of a short run.
"""
import atexit
import gc
import io
import os
import sys
import weakref
from typing import Any, Callable, List, NoReturn

from . import _unexec

_STREAMS = (io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair, io.TextIOWrapper)
_FLUSH_FAILED = 120  # the status that Python has for this


def prepare() -> Callable[[object], NoReturn]:
    """Return finish(code), for starts of the dump, where code is that of a SystemExit.

    All objects that exist now are frozen, so a start finds by gc.get_objects() only those that it
    has made itself.
    """
    early = [weakref.ref(thing) for thing in gc.get_objects() if isinstance(thing, _STREAMS)]

    def finish(code: object) -> NoReturn:
        status = _status(code)
        threading = sys.modules.get("threading")
        if threading:
            _call(threading._shutdown)
        _call(atexit._run_exitfuncs)
        _close_late(early)
        if not _flush_standard():
            status = _FLUSH_FAILED
        _unexec.end(status)

    return finish


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xff
    _call(lambda: print(code, file=sys.stderr))
    return 1


def _call(function: Callable[[], Any]) -> bool:
    """Report an exception and go on, as Python's end does."""
    try:
        function()
        return True
    except BaseException:  # as Python does, even for SystemExit
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        return False


def _close_late(early: List[Any]) -> None:
    """Do what the finalizers of open files would do: write what is buffered, and remove temporary
    files. A text stream is written before the binary stream below it."""
    found = [thing for thing in (reference() for reference in early) if thing is not None]
    tempfile: Any = sys.modules.get("tempfile")
    closer = getattr(tempfile, "_TemporaryFileCloser", ())
    for thing in gc.get_objects():
        if isinstance(thing, _STREAMS):
            found.append(thing)
        elif closer and isinstance(thing, closer):
            _quietly(thing.close)
    standard = (sys.stdout, sys.stderr)
    for thing in sorted(found, key=lambda one: not isinstance(one, io.TextIOWrapper)):
        if not any(thing is one for one in standard):
            _quietly(thing.flush)


def _quietly(function: Callable[[], Any]) -> None:
    """A finalizer of a file is silent if it fails."""
    try:
        function()
    except Exception:
        pass


def _flush_standard() -> bool:
    streams = [one for one in (sys.stdout, sys.stderr)
               if one is not None and not getattr(one, "closed", False)]
    return all([_call(one.flush) for one in streams])
