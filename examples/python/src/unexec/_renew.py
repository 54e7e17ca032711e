# SPDX-License-Identifier: MIT
"""What Python and its library remember of the process they began in, and how a dump forgets it.

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
from typing import Any, Iterator, List

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
    yield
    arguments, environment = _unexec.arguments()
    sys.argv[:] = map(os.fsdecode, arguments)
    if hasattr(sys, "orig_argv"):  # 3.10
        sys.orig_argv[:] = sys.argv
    # Not through os.environ, which would call putenv for what libc already has. os.environb
    # is another view of the same data.
    data: Any = os.environ._data  # type: ignore[attr-defined]
    data.clear()
    for item in environment:
        name, separator, value = item.partition(b"=")
        if separator:
            data[name] = value
    time.tzset()


def _input(alone: bool) -> Iterator[None]:
    """What was read ahead was the old input's."""
    yield
    for stream in _reopen("stdin", 0, alone):
        if alone:
            stream.__init__(stream.buffer, stream.encoding, stream.errors, "\n",
                            stream.line_buffering)


def _output(alone: bool) -> Iterator[None]:
    """Buffered by lines on a terminal only, as Python decides at its start, unless the program
    has decided otherwise since. Errors are buffered by lines anyway."""
    old: Any = sys.stdout
    pythons_choice = (type(old) is io.TextIOWrapper and not old.closed
                      and old.line_buffering == old.isatty())
    yield
    for stream in _reopen("stdout", 1, alone):
        if stream is old and pythons_choice:
            stream.reconfigure(line_buffering=stream.isatty())
    _reopen("stderr", 2, alone)


def _reopen(name: str, number: int, alone: bool) -> List[Any]:
    """Python's own stream and what stands for it, on a descriptor that is looked at again, as
    it may be seekable now or not be. If that is closed, they are None, as in a Python that is
    started so. A stream that another thread uses at this moment is left alone: its lock is
    held."""
    streams = {id(stream): stream
               for stream in (getattr(sys, name), getattr(sys, f"__{name}__"))}
    ours = []
    for stream in streams.values():
        if type(stream) is not io.TextIOWrapper or not _is_on(stream, number):
            continue
        buffer: Any = stream.buffer
        old = getattr(buffer, "raw", buffer)
        try:
            raw = io.FileIO(number, old.mode, closefd=False)
        except OSError:
            for attribute in (name, f"__{name}__"):
                if getattr(sys, attribute) is stream:
                    setattr(sys, attribute, None)
            continue
        if alone and buffer is not old and not old.closefd:
            raw.name = old.name
            buffer.__init__(raw)
        ours.append(stream)
    return ours


def _is_on(stream: io.TextIOWrapper, number: int) -> bool:
    try:
        return stream.fileno() == number
    except ValueError:  # closed or detached
        return False


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
    not in the child of a fork."""
    asyncio: Any = sys.modules.get("asyncio")
    if not asyncio:
        yield
        return
    own = asyncio._get_running_loop()
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
    if wakeup >= 0:
        sys.modules["signal"].set_wakeup_fd(wakeup)  # type: ignore[attr-defined]
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


_SUBJECTS = (_surroundings, _input, _output, _finders, _random, _tempfile, _thread, _loops,
             _multiprocessing, _facts)
