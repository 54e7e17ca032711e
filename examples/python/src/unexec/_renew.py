# SPDX-License-Identifier: MIT
"""What Python and its library remember of the process they began in; how a dump forgets it.

Each subject is a generator: what is before its `yield` is done when the dump is made, what is
behind it in each start of the dump, where time counts. A module that the program has not
imported is left alone.

If `alone`, there are no other Python threads in the dump, and functions that were given to
os.register_at_fork() have been called in it before: `random`, `threading` and `logging` have
renewed themselves.
"""
import gc
import io
import os
import sys
import threading
import time
from typing import Any, Iterable, Iterator, List, NamedTuple, Optional

from . import _unexec

Renewals = List[Iterator[None]]


def prepare(alone: bool) -> Renewals:
    renewals = [subject(alone) for subject in _SUBJECTS]
    for renewal in renewals:
        next(renewal)
    return renewals


def renew(renewals: Renewals) -> None:
    for renewal in renewals:
        next(renewal, None)


def _surroundings(alone: bool) -> Iterator[None]:
    zone = _unexec.zone()
    yield
    arguments, environment = _unexec.arguments()
    sys.argv[:] = arguments
    if hasattr(sys, "orig_argv"):  # 3.10
        sys.orig_argv[:] = arguments
    # Not through os.environ, which would call putenv for what libc already has. os.environb
    # is another view of the same data.
    data: Any = os.environ._data  # type: ignore[attr-defined]
    data.clear()
    data.update(environment)
    if _unexec.zone() != zone:
        time.tzset()


class _Stream(NamedTuple):
    name: str
    number: int
    text: Any
    buffer: Any
    raw: Any
    by_lines: Optional[bool]  # as Python has chosen; or None: the program has


def _streams(alone: bool) -> Iterator[None]:
    """Standard streams look at their descriptors again, which may be seekable now or not be.
    What was read ahead was the old input's. Output is buffered by lines at a terminal only, as
    Python decides at its start, unless the program has decided otherwise since."""
    streams = [_stream(name, number, text)
               for number, name in enumerate(("stdin", "stdout", "stderr"))
               for text in _both(name) if _is_on(text, number)]
    nothing = io.BytesIO()
    yield
    for stream in streams:
        try:
            raw = io.FileIO(stream.number, stream.raw.mode, closefd=False)
        except OSError:
            _lose(stream)
            continue
        # Another thread may use it, and so hold the lock of the buffer.
        if alone and stream.buffer is not stream.raw and not stream.raw.closefd:
            if stream.number == 0:
                _drain(stream, nothing)
            raw.name = stream.raw.name
            stream.buffer.__init__(raw)
        if stream.by_lines is not None and raw.isatty() != stream.by_lines:
            stream.text.reconfigure(line_buffering=not stream.by_lines)


def _both(name: str) -> Iterable[Any]:
    """Python's own, and what the program has put in its place."""
    both = (getattr(sys, name), getattr(sys, f"__{name}__"))
    return {id(text): text for text in both}.values()


def _is_on(text: Any, number: int) -> bool:
    try:
        return type(text) is io.TextIOWrapper and text.fileno() == number
    except ValueError:  # closed or detached
        return False


def _stream(name: str, number: int, text: Any) -> _Stream:
    raw = getattr(text.buffer, "raw", text.buffer)
    by_lines = text.line_buffering
    # Errors are buffered by lines anyway.
    pythons = number == 1 and by_lines == text.isatty()
    return _Stream(name, number, text, text.buffer, raw, by_lines if pythons else None)


def _drain(stream: _Stream, nothing: io.BytesIO) -> None:
    """Reads on to the end of what was read ahead."""
    stream.buffer.__init__(nothing)
    try:
        stream.text.read()
    except UnicodeError:  # it ends within a character
        stream.text.__init__(stream.buffer, stream.text.encoding, stream.text.errors, "\n")


def _lose(stream: _Stream) -> None:
    """None, as in a Python that is started with the descriptor closed."""
    for attribute in (stream.name, f"__{stream.name}__"):
        if getattr(sys, attribute) is stream.text:
            setattr(sys, attribute, None)


def _finders(alone: bool) -> Iterator[None]:
    """Modules that are installed later are found. importlib.invalidate_caches() would import
    a lot of itself."""
    for path, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            del sys.path_importer_cache[path]
        elif hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()
    yield


def _random(alone: bool) -> Iterator[None]:
    yield
    module = sys.modules.get("random")
    if module and not alone:
        module.seed()


def _tempfile(alone: bool) -> Iterator[None]:
    module: Any = sys.modules.get("tempfile")
    cached = module and module.tempdir and module.tempdir == module._get_default_tempdir()
    yield
    if module:
        module._name_sequence = None  # it goes by the process ID, which is 1 in all containers
        if cached:
            module.tempdir = None


def _thread(alone: bool) -> Iterator[None]:
    yield
    thread: Any = threading.current_thread()
    if hasattr(thread, "_set_native_id"):
        thread._set_native_id()


def _loops(alone: bool) -> Iterator[None]:
    """Up to Python 3.11 a loop is not running in a process of another ID; from 3.12 on it is
    not in the child of a fork, where from 3.14 on no task is either."""
    asyncio: Any = sys.modules.get("asyncio")
    if not asyncio:
        yield
        return
    own = asyncio._get_running_loop()
    task = asyncio.current_task(own) if own is not None else None
    others = [] if alone else [
        thing for thing in gc.get_objects()
        if isinstance(thing, asyncio.AbstractEventLoop) and thing is not own
        and thing.is_running()]
    policy = getattr(asyncio.events, "_event_loop_policy", None)
    local = getattr(policy, "_local", None)
    wakeup = _wakeup_fd()
    yield
    if local is not None:
        policy._local = local
    if own is not None:
        asyncio._set_running_loop(own)
        if task is not None and asyncio.current_task(own) is None:
            asyncio.tasks._enter_task(own, task)
    if wakeup >= 0:
        sys.modules["signal"].set_wakeup_fd(wakeup)
    for loop in others:
        loop.call_soon_threadsafe(asyncio._set_running_loop, loop)


def _wakeup_fd() -> int:
    signal: Any = sys.modules.get("signal")
    if not signal or threading.current_thread() is not threading.main_thread():
        return -1
    number: int = signal.set_wakeup_fd(-1)
    if number >= 0:
        signal.set_wakeup_fd(number)
    return number


def _multiprocessing(alone: bool) -> Iterator[None]:
    """Children, and what is shared with them, are the original's."""
    yield
    process: Any = sys.modules.get("multiprocessing.process")
    if not process:
        return
    config = process.current_process()._config
    config["authkey"] = process.AuthenticationString(os.urandom(32))
    config.pop("tempdir", None)
    process._children.clear()
    tracker: Any = sys.modules.get("multiprocessing.resource_tracker")
    if tracker:
        tracker._resource_tracker._fd = tracker._resource_tracker._pid = None
    forkserver: Any = sys.modules.get("multiprocessing.forkserver")
    if forkserver:
        forkserver._forkserver._forkserver_address = None
        forkserver._forkserver._forkserver_alive_fd = None
        forkserver._forkserver._forkserver_pid = None


def _facts(alone: bool) -> Iterator[None]:
    """What modules have found out once: the time of the start, the machine."""
    yield
    logging: Any = sys.modules.get("logging")
    if logging:
        in_ns = isinstance(logging._startTime, int)  # 3.13
        logging._startTime = time.time_ns() if in_ns else time.time()
    uuid: Any = sys.modules.get("uuid")
    if uuid:
        uuid._node = uuid._last_timestamp = None
    platform: Any = sys.modules.get("platform")
    if platform:
        platform._uname_cache = None
        platform._platform_cache.clear()


_SUBJECTS = (_surroundings, _streams, _finders, _random, _tempfile, _thread, _loops,
             _multiprocessing, _facts)
