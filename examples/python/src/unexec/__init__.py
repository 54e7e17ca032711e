# SPDX-License-Identifier: MIT
"""Turn the running Python into an executable that resumes where Python was.

    import unexec
    # … imports, data, everything that is slow …
    if not unexec.dump("app"):
        sys.exit()
    # Only the dump runs this, with its own sys.argv and os.environ.

or, with a function that each start calls:

    unexec.dump("app", entry=main)

README in the source directory of this module lists what is new in each start of a dump.
"""
import enum
import gc
import os
import sys
import threading
import warnings
from typing import (Any, Callable, List, NamedTuple, NoReturn, Optional, Tuple, TypeVar,
                    Union)

from . import _end, _unexec, _update

__all__ = [
    "Diagnostic", "DumpError", "DumpWarning", "Status", "at_dump", "at_resume", "dump",
    "exclude", "generation", "set_fd_policy",
]

# In the order of the enumerations in unexec.h.
_THREADS = ("refuse", "keep", "leave")  # after UNEXEC_THREADS_DEFAULT, which is 0
_FD_POLICIES = ("recreate", "close", "null", "keep", "hangup")
_FILES = ("name", "same", "any")

_RESUMED = 1

_Function = TypeVar("_Function", bound=Callable[[], object])
_at_dump: List[Callable[[], object]] = []
_at_resume: List[Callable[[], object]] = []


class Status(enum.IntEnum):
    """Why there is no dump, classified by what the caller can do about it."""

    INVALID = -1      #: an argument is wrong
    NOMEM = -2        #: no memory
    SYSTEM = -3       #: a system call failed: disk full, no permission, …
    UNSUPPORTED = -4  #: some state of the process cannot be preserved
    MALFORMED = -5    #: the unexec program or a file has another version or is damaged
    VETOED = -6       #: a function of a library refused the dump
    BUSY = -7         #: another dump of this process is in progress


class Diagnostic(NamedTuple):
    """One error, warning or note about a dump."""

    severity: str  #: "note", "warning" or "error"
    code: str      #: a permanent name, such as "DESCRIPTOR": see unexec_report_get(3)
    stage: str     #: "prepare", "capture", "layout" or "write"
    errno: int     #: the errno that caused it, or 0
    start: int     #: the addresses concerned,
    end: int       #: end exclusive; both are 0 if there are none
    text: str


class DumpError(Exception):
    """No dump was made. An existing file is unchanged."""

    def __init__(self, path: str, status: Status, diagnostics: Tuple[Diagnostic, ...]):
        super().__init__(path, status, diagnostics)
        self.path = path
        self.status = status
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        errors = [one.text for one in self.diagnostics if one.severity == "error"]
        return f"{self.path}: {'; '.join(errors) or self.status.name}"


class DumpWarning(UserWarning):
    """The dump was made, but does not preserve some state."""


def generation() -> int:
    """Return 0 in a program that was never dumped, 1 in its dump, 2 in a dump of that, …"""
    return _unexec.generation()


def at_dump(function: _Function) -> _Function:
    """Register function() to run before each dump. The last one registered runs first.

    Use it to close connections and to drop caches. If it raises an exception, dump() raises it
    and makes no dump. Returns the function, so it can be used as a decorator.
    """
    _at_dump.append(function)
    return function


def at_resume(function: _Function) -> _Function:
    """Register function() to run in each start of a dump. The first one registered runs first.

    sys.argv, os.environ and all else that this module updates are already new. Use it to open
    connections and to seed the program's own random generators. If it raises an exception,
    dump() raises it in the dump. Returns the function, so it can be used as a decorator.
    """
    _at_resume.append(function)
    return function


def exclude(buffer: Any) -> None:
    """Keep the content of a writable buffer out of future dumps: it is zero in them.

    Use it for secrets and caches in a bytearray, an array, or a numpy array. The buffer is
    never released, so that its address does not change, and can no longer be resized.
    """
    _unexec.exclude(buffer)


def set_fd_policy(fd: Any, policy: str) -> None:
    """Set the policy for a descriptor, or for a file that has one, in future dumps.

    "recreate": it is opened or created again, and no dump is made if that is not possible; this
    is the default; "close": it is closed; "null": it is /dev/null; "keep": it is inherited from
    the process that starts the dump; "hangup": it is a connection that its peer has closed, which
    event loops notice and clean up.
    """
    number = fd if isinstance(fd, int) else fd.fileno()
    _unexec.set_fd_policy(number, _choice("policy", policy, _FD_POLICIES))


def dump(path: Union[str, bytes, "os.PathLike[Any]"],
         entry: Optional[Callable[[], object]] = None, *,
         threads: str = "keep", fds: str = "recreate", files: str = "name",
         quick_exit: bool = True) -> int:
    """Write this process as an executable file.

    Without entry, it returns twice, like os.fork(): 0 in this process, as soon as the file is
    complete and on the disk, and the generation, from 1, in each start of the file.

    With entry, it returns only in this process. A start of the file calls entry() and ends as
    sys.exit(entry()) does: with a traceback if there was an exception, the end of other threads,
    the functions given to atexit, and a flush of all files. Frames that were active at the dump do
    not resume; their `finally` clauses do not run.

    threads  other threads. "keep": they resume in the dump; "refuse": no dump is made if there
             are any; "leave": they are not in the dump, but locks that they hold stay locked
    fds      descriptors that cannot be created again and have no policy of set_fd_policy().
             "recreate": no dump is made; "close", "null", "keep" and "hangup" are as for
             set_fd_policy()
    files    open files, if they differ when the dump starts. "name": the dump does not start if
             one is missing, and names one that has changed; "same": it does not start in either
             case; "any": it starts, with /dev/null for a missing file
    quick_exit  with entry. True: a start ends without freeing objects, which would copy all of
             the dump's memory; their `__del__` methods and the functions given to C's atexit are
             not called. False: it ends as Python does

    Raises DumpError if nothing was written, and any exception of a function given to at_dump().
    In this process, warns with DumpWarning about state that the dump does not preserve.
    """
    if entry is not None and threading.current_thread() is not threading.main_thread():
        raise ValueError("only the main thread can dump with an entry")
    choices = (_choice("threads", threads, _THREADS), _choice("fds", fds, _FD_POLICIES),
               _choice("files", files, _FILES))
    for function in reversed(_at_dump):
        function()
    alone = threads == "leave" or len(sys._current_frames()) == 1
    updates = _update.prepare(alone)
    finish = _end.prepare() if entry is not None and quick_exit else None
    frozen = _freeze()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    status, found = _unexec.dump(os.fsencode(path), choices[0] + 1, choices[1], choices[2],
                                 alone)
    if status == _RESUMED:
        return _resume(updates, entry, finish)
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
    """Exclude all objects from garbage collections, which would touch, and so copy, every page
    in each start. Return the number of objects that the program itself has frozen."""
    frozen = gc.get_freeze_count()
    gc.collect()
    gc.freeze()
    return frozen


def _resume(updates: "_update.Updates", entry: Optional[Callable[[], object]],
            finish: Optional[Callable[[object], NoReturn]]) -> int:
    def update() -> None:
        _update.finish(updates)
        for function in _at_resume:
            function()

    if entry is not None:
        _unexec.run(update, entry, finish)
    update()
    return generation()
