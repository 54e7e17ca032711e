#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs at the prompt of a terminal, dumped by pid and started at another terminal: python3,
# ipython3, irb, R and node. Input is typed again until its answer comes.
. "${0%/*}/../lib/functions.sh"

cat > at_terminal.py <<'END'
import os, pty, re, select, signal, subprocess, sys, time

class Terminal:
    def __init__(self, argv):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            try:
                os.execvp(argv[0], argv)
            finally:
                os._exit(127)
        self.seen = b""
    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return
        try:
            new = os.read(self.fd, 65536)
        except OSError:
            sys.exit(f"the program has ended: {self.seen.decode()}")
        self.seen += new
        for _ in range(new.count(b"\x1b[6n")):  # line editors ask where the cursor is
            os.write(self.fd, b"\x1b[1;1R")
    def settle(self):
        """A line editor that waits for the place of the cursor would not get it in a dump."""
        seen = None
        while seen != self.seen:
            seen = self.seen
            self.read(1)
    def text(self):
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.seen.decode(errors="replace"))
    def expect(self, typed, answer):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.seen = b""
            os.write(self.fd, typed.encode())
            again = time.monotonic() + 3
            while time.monotonic() < again:
                if re.search(answer, self.text()):
                    return
                self.read(0.1)
        sys.exit(f"after {typed!r}, no {answer!r} in: {self.text()}")
    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)

PYTHON = [("import os; print(6 * x)\r", r"\b126\b"),
          ("print(os.getpid() - int(open('/proc/self/stat').read().split()[0]) + 4711)\r",
           r"\b4711\b"),
          ("print(os.waitstatus_to_exitcode(os.system('exit 3')) + 1000)\r", r"\b1003\b"),
          ("exec('print(x + 500)\\nwhile 1: pass')\r", r"\b521\b"),
          ("\x03print(x + 1000)\r", r"\b1021\b")]
programs = {
    "python3": (["-q"], "x=21; print(x + 1)\r", PYTHON),
    "ipython3": (["--no-banner", "--no-confirm-exit", "--HistoryManager.enabled=False"],
                 "x=21; print(x + 1)\r",
                 [("import asyncio\r", "asyncio"),
                  ("await asyncio.sleep(0.1) or 7 * x\r", r"\b147\b")] + PYTHON),
    "irb": (["-f"], "x=21; x + 1\r",
            [("6 * x\r", r"\b126\b"), ("$$ - Process.pid + 4711\r", "=> 4711"),
             ("system('exit 3'); $?.exitstatus + 1000\r", r"\b1003\b"),
             ("Process.wait(fork { exit! 4 }); $?.exitstatus + 1000\r", r"\b1004\b"),
             ("p x + 500; loop { 1 }\r", r"\b521\b"), ("\x03x + 1000\r", r"\b1021\b")]),
    "R": (["--no-save", "--quiet"], "x <- 21; x + 1\r",
          [("6 * x\r", r"\b126\b"), ("system('exit 3') + 1000\r", r"\b1003\b"),
           ("writeLines('text', f <- tempfile()); nchar(readLines(f)) + 1000\r", r"\b1004\b"),
           ("print(x + 500); repeat { 1 }\r", r"\b521\b"), ("\x03x + 1000\r", r"\b1021\b")]),
    "node": ([], "x=21; x + 1\r",
             [("6 * x\r", r"\b126\b"),
              ("require('child_process').spawnSync('sh', ['-c', 'exit 3']).status + 1000\r",
               r"\b1003\b"),
              ("console.log(x + 500)\r", r"\b521\b")]),
}

tool, name, command = sys.argv[1:]
options, first, answers = programs[name]
original = Terminal([command] + options)
original.expect(first, r"\b22\b")
original.settle()
subprocess.run([tool, "dump", "--quiet", "-o", name + ".dump", str(original.pid)], check=True)
original.expect("x + 400\r", r"\b421\b")
original.end()
for start in range(2):
    dump = Terminal(["./" + name + ".dump"])
    for typed, answer in answers:
        dump.expect(typed, answer)
    dump.end()
END
TERM=xterm HOME=$work
export TERM HOME
tried=
for name in python3 ipython3 irb R node
do
	command=$(command -v $name) || continue
	[ $name = python3 ] && command=$PYTHON3
	$command --version > version 2>&1 || continue
	timeout -k 5 300 "$PYTHON3" at_terminal.py "$UNEXEC_TOOL" $name "$command" || fail "$name"
	tried="$tried $name"
done
echo "tried:$tried"
