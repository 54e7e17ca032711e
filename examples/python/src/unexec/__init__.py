# SPDX-License-Identifier: MIT
"""Write the running Python as an executable that starts already started.

    import unexec
    # … imports, data, everything that is slow …
    if not unexec.dump("app"):
        sys.exit()
    # Only the dump comes here, with its own sys.argv and os.environ.

or, with a function to begin with:

    unexec.dump("app", entry=main)

README beside the sources of this module has what is renewed in a dump and what is not.
"""
import enum
import gc
import os
import sys
import threading
import warnings
from typing import Any, Callable, List, NamedTuple, Optional, Tuple, TypeVar, Union

from . import _renew, _unexec

__all__ = [
    "Diagnostic", "DumpError", "DumpWarning", "Status", "at_dump", "at_resume", "dump",
    "exclude", "generation", "set_fd_policy",
]

# In the order of the enumerations in unexec.h.
_THREADS = ("refuse", "keep", "leave")  # after UNEXEC_THREADS_DEFAULT, which is 0
_FD_POLICIES = ("recreate", "close", "null", "keep")
_FILES = ("name", "same", "any")

_RESUMED = 1

_Function = TypeVar("_Function", bound=Callable[[], object])
_at_dump: List[Callable[[], object]] = []
_at_resume: List[Callable[[], object]] = []


class Status(enum.IntEnum):
    """Why there is no dump, by what the caller can do about it."""

    INVALID = -1      #: an argument is wrong
    NOMEM = -2        #: no memory
    SYSTEM = -3       #: a system call failed: disk full, no permission, …
    UNSUPPORTED = -4  #: the process holds something that cannot be kept
    MALFORMED = -5    #: the program unexec or a file is not of this version, or damaged
    VETOED = -6       #: a function of some library said no
    BUSY = -7         #: a dump of this process is being made already


class Diagnostic(NamedTuple):
    """One line of what there is to say about a dump."""

    severity: str  #: "note", "warning" or "error"
    code: str      #: a permanent name, "DESCRIPTOR" for example: unexec_report_get(3)
    stage: str     #: "prepare", "capture", "layout" or "write"
    errno: int     #: the errno behind it, or 0
    start: int     #: the addresses it is about,
    end: int       #: end exclusive; both 0 for none
    text: str


class DumpError(Exception):
    """No dump was made, and the file that was there before is untouched."""

    def __init__(self, path: str, status: Status, diagnostics: Tuple[Diagnostic, ...]):
        super().__init__(path, status, diagnostics)
        self.path = path
        self.status = status
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        errors = [one.text for one in self.diagnostics if one.severity == "error"]
        return f"{self.path}: {'; '.join(errors) or self.status.name}"


class DumpWarning(UserWarning):
    """The dump was made, but something in it is not as it was."""


def generation() -> int:
    """0 in a program that was never dumped, 1 in its dump, 2 in the dump of that, …"""
    return _unexec.generation()


def at_dump(function: _Function) -> _Function:
    """Has function() called before each dump, the last that was given first.

    Place to close connections, and to throw away what can be made again. What it raises comes
    out of dump(), and no dump is made. Returns the function, and so is a decorator.
    """
    _at_dump.append(function)
    return function


def at_resume(function: _Function) -> _Function:
    """Has function() called in each start of a dump, the first that was given first.

    sys.argv, os.environ and all else that this module renews are new by then. Place to open
    connections, and to seed random generators of one's own. What it raises comes out of dump()
    in the dump. Returns the function, and so is a decorator.
    """
    _at_resume.append(function)
    return function


def exclude(buffer: Any) -> None:
    """Keeps the contents of a writable buffer out of dumps from now on: it is zeros there.

    For secrets and caches: a bytearray, an array, a numpy array. The buffer is held for ever,
    so that it stays where it is, and can no longer be resized.
    """
    _unexec.exclude(buffer)


def set_fd_policy(fd: Any, policy: str) -> None:
    """Says what becomes of a descriptor, or of a file that has one, in dumps from now on.

    "recreate": it is opened or created again, and no dump is made if that is not possible; this
    is the default; "close": it is closed; "null": it is /dev/null; "keep": it is inherited from
    the process that starts the dump.
    """
    number = fd if isinstance(fd, int) else fd.fileno()
    _unexec.set_fd_policy(number, _choice("policy", policy, _FD_POLICIES))


def dump(path: Union[str, bytes, "os.PathLike[Any]"],
         entry: Optional[Callable[[], object]] = None, *,
         threads: str = "keep", fds: str = "recreate", files: str = "name") -> int:
    """Writes this process as an executable.

    Without entry it returns twice, like os.fork(): 0 here, as soon as the file is complete and
    on the disk, and in each start of the file the generation, from 1.

    With entry it returns here alone. A start of the file calls entry() and ends with what that
    returns, as by sys.exit(entry()): after a traceback if there is cause for one, the
    functions given to atexit, and a flush. The frames that were active at the dump are left as
    they are: none of their `finally` is run.

    threads  what becomes of other threads: "keep": they go on in the dump; "refuse": no dump;
             "leave": they are not in the dump, but what they have locked is locked
    fds      what becomes of descriptors that cannot be created again and have no policy of
             set_fd_policy(): "recreate": no dump; "close", "null" and "keep" as there
    files    what if a file that was open is not as it was when the dump starts: "name": the
             dump does not start if it is gone, and says so if it has changed; "same": it does
             not start in either case; "any": it starts, with /dev/null for what is gone

    Raises DumpError if nothing was written, and whatever a function given to at_dump() raises.
    Warns with DumpWarning, here, of what is not in the dump as it was.
    """
    if entry is not None and threading.current_thread() is not threading.main_thread():
        raise ValueError("only the main thread can dump with an entry")
    choices = (_choice("threads", threads, _THREADS), _choice("fds", fds, _FD_POLICIES),
               _choice("files", files, _FILES))
    for function in reversed(_at_dump):
        function()
    alone = threads == "leave" or len(sys._current_frames()) == 1
    renewals = _renew.prepare(alone)
    frozen = _freeze()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    status, found = _unexec.dump(os.fsencode(path), choices[0] + 1, choices[1], choices[2],
                                 alone)
    if status == _RESUMED:
        return _resume(renewals, entry)
    if not frozen:
        gc.unfreeze()
    diagnostics = tuple(Diagnostic(*one) for one in found)
    if status < 0:
        raise DumpError(os.fsdecode(path), Status(status), diagnostics)
    for one in diagnostics:
        if one.severity == "warning":
            warnings.warn(one.text, DumpWarning, stacklevel=2)
    return 0


def _choice(what: str, word: str, words: Tuple[str, ...]) -> int:
    if word not in words:
        raise ValueError(f"{what} is one of {', '.join(words)}, not {word!r}")
    return words.index(word)


def _freeze() -> int:
    """What is there by now need not be looked at by each start's garbage collections, which
    would touch, and so copy, every page of it. Returns how much the program itself froze."""
    frozen = gc.get_freeze_count()
    gc.collect()
    gc.freeze()
    return frozen


def _resume(renewals: "_renew.Renewals", entry: Optional[Callable[[], object]]) -> int:
    def renew() -> None:
        _renew.renew(renewals)
        for function in _at_resume:
            function()

    if entry is not None:
        _unexec.run(renew, entry)
    renew()
    return generation()
