# SPDX-License-Identifier: MIT
"""Update the state that Python and its library have recorded of the process they started in.

Each subject is a generator. It runs up to its `yield` when the dump is made, and from there in
each start of the dump, where time counts. Modules that the program has not imported are not
touched.

If `alone`, the dump has no other Python threads, and the functions given to
os.register_at_fork() have already run in it: they update `random`, `threading` and `logging`.
"""
import gc
import io
import os
import sys
import threading
import time
from typing import Any, Iterable, Iterator, List, NamedTuple, Optional

from . import _unexec

Updates = List[Iterator[None]]


def prepare(alone: bool) -> Updates:
    updates = [subject(alone) for subject in _SUBJECTS]
    for update in updates:
        next(update)
    return updates


def finish(updates: Updates) -> None:
    for update in updates:
        next(update, None)


def _surroundings(alone: bool) -> Iterator[None]:
    zone = _unexec.zone()
    yield
    arguments, environment = _unexec.arguments()
    sys.argv[:] = arguments
    if hasattr(sys, "orig_argv"):  # 3.10
        sys.orig_argv[:] = arguments
    # os.environ would call putenv for variables that libc already has. os.environb is another
    # view of the same data.
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
    by_lines: Optional[bool]  # Python's choice; None: the program has chosen


def _streams(alone: bool) -> Iterator[None]:
    """Open the standard streams again on their descriptors, which may now be seekable or not.
    Discard input that was read ahead. Output is line-buffered only at a terminal, as Python
    decides at its start, unless the program has decided otherwise."""
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
        # Another thread may be using the buffer and hold its lock.
        if alone and stream.buffer is not stream.raw and not stream.raw.closefd:
            if stream.number == 0:
                _drain(stream, nothing)
            raw.name = stream.raw.name
            stream.buffer.__init__(raw)
        if stream.by_lines is not None and raw.isatty() != stream.by_lines:
            stream.text.reconfigure(line_buffering=not stream.by_lines)


def _both(name: str) -> Iterable[Any]:
    """Python's own stream, and the program's replacement for it."""
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
    # stderr is always line-buffered.
    pythons = number == 1 and by_lines == text.isatty()
    return _Stream(name, number, text, text.buffer, raw, by_lines if pythons else None)


def _drain(stream: _Stream, nothing: io.BytesIO) -> None:
    """Read to the end of the input that was read ahead."""
    stream.buffer.__init__(nothing)
    try:
        stream.text.read()
    except UnicodeError:  # it ends within a character
        stream.text.__init__(stream.buffer, stream.text.encoding, stream.text.errors, "\n")


def _lose(stream: _Stream) -> None:
    """Set the stream to None, as Python does if it starts with the descriptor closed."""
    for attribute in (stream.name, f"__{stream.name}__"):
        if getattr(sys, attribute) is stream.text:
            setattr(sys, attribute, None)


def _finders(alone: bool) -> Iterator[None]:
    """Find modules that are installed later. importlib.invalidate_caches() would import many
    modules itself."""
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
        module._name_sequence = None  # depends on the process ID, which is 1 in all containers
        if cached:
            module.tempdir = None


def _thread(alone: bool) -> Iterator[None]:
    yield
    thread: Any = threading.current_thread()
    if hasattr(thread, "_set_native_id"):
        thread._set_native_id()


def _loops(alone: bool) -> Iterator[None]:
    """Up to Python 3.11, a loop does not count as running in a process with another ID. From
    3.12 on, it does not in the child of a fork, where from 3.14 on there are no tasks either."""
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
    """Forget children and the objects shared with them, which belong to the original."""
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
    """Update facts that modules read once: the start time, the machine."""
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
