# SPDX-License-Identifier: MIT
"""Dump a running Python as an executable that starts already started.

    import unexec
    if not unexec.dump("app"):
        sys.exit()
    # Only the dump comes here, with its own sys.argv and os.environ.

Plain ctypes; Python itself knows nothing of it.
"""
import ctypes
import ctypes.util
import gc
import os
import random
import sys

_library = None


class Error(OSError):
    """No dump was made; the lines on standard error say why."""


def _load():
    global _library
    if _library is None:
        name = os.environ.get("UNEXEC_LIBRARY") or ctypes.util.find_library("unexec")
        _library = ctypes.CDLL(name or "libunexec.so.0")
        _library.unexec_status_name.restype = ctypes.c_char_p
        _library.unexec_arguments.restype = None
    return _library


def _arguments():
    """The arguments and the environment of this very process, as lists of bytes."""
    argc = ctypes.c_int()
    argv = ctypes.POINTER(ctypes.c_char_p)()
    envp = ctypes.POINTER(ctypes.c_char_p)()
    _load().unexec_arguments(ctypes.byref(argc), ctypes.byref(argv), ctypes.byref(envp))
    environment = []
    while envp[len(environment)] is not None:
        environment.append(envp[len(environment)])
    return argv[:argc.value], environment


def _refresh():
    """Gives the dump what Python keeps of its own about the process it began in."""
    arguments, environment = _arguments()
    sys.argv[:] = map(os.fsdecode, arguments)
    # Not through os.environ, which would call putenv for what libc already has.
    data = os.environ._data
    data.clear()
    for item in environment:
        name, separator, value = item.partition(b"=")
        if separator:
            data[name] = value
    random.seed()
    # Buffered by lines on a terminal only, as Python itself decides at its start.
    if sys.stdout is not None:
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())


def generation():
    """0 in a program never dumped, 1 in its dump, 2 in the dump of that, …"""
    return _load().unexec_generation()


def dump(path):
    """Writes this process to path. Returns 0 here, and the generation, from 1, in the dump.

    Raises Error if nothing was written, after lines on stderr that name what stood in the
    way. What was printed is flushed before, so that the dump does not print it again.
    """
    library = _load()
    # What is there by now need not be looked at by each start's garbage collections, which
    # would touch, and so copy, every page of it.
    gc.collect()
    gc.freeze()
    sys.stdout.flush()
    sys.stderr.flush()
    status = library.unexec_dump(os.fsencode(path), None, None)
    if status <= 0:
        gc.unfreeze()
    if status < 0:
        raise Error(f"{path}: {library.unexec_status_name(status).decode()}")
    if status == 0:
        return 0
    _refresh()
    return generation()
