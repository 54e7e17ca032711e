#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Times a command that runs on a terminal of its own, from exec to its end.
#
#   on_terminal.py RUNS COMMAND…

import fcntl
import os
import statistics
import struct
import sys
import termios
import time


def run(command):
    """Returns elapsed and processor time, in seconds."""
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
    begin = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(its, termios.TIOCSCTTY, 0)
        for number in range(3):
            os.dup2(its, number)
        os.closerange(3, 64)
        os.execv(command[0], command)
    os.close(its)
    try:
        while os.read(ours, 65536):
            pass
    except OSError:  # the other side is closed
        pass
    _, status, usage = os.wait4(pid, 0)
    os.close(ours)
    if status:
        sys.exit(f'{command[0]}: status {status:#x}')
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime


runs = [run(sys.argv[2:]) for _ in range(int(sys.argv[1]))]
print('%.1f ms, %.1f ms of the processor (medians)'
      % tuple(1e3 * statistics.median(column) for column in zip(*runs)))
