# SPDX-License-Identifier: GPL-3.0-or-later
#
# A shell in a terminal starts programs with `unexec run`: terminal.py TOOL DIRECTORY. Job
# control and Ctrl-C work as without it, and the terminal's modes are restored.
import os
import pty
import select
import sys
import termios
import time

TOOL, PYTHON = sys.argv[1:3]
PROMPT = "READY$ "
held = b""


def expect(text, limit=20):
    """Reads until the text appears; output after it is kept for the next call."""
    global held
    end = time.monotonic() + limit
    wanted = text.encode()
    while wanted not in held:
        if not select.select([master], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no {text!r} in {held!r}")
        try:
            held += os.read(master, 4096)
        except OSError:
            sys.exit(f"the end, without {text!r} in {held!r}")
    before, held = held.split(wanted, 1)
    return before.decode()


def send(text):
    os.write(master, text.encode())


def command(text):
    """Runs a command in the shell, and returns what it prints."""
    send(text + "\n")
    expect("\r\n")
    return expect(PROMPT)


def status(expected):
    got = command("echo status=$?")
    if f"status={expected}\r\n" not in got:
        sys.exit(f"not status {expected}: {got!r}")


def modes():
    return termios.tcgetattr(master)


environment = dict(os.environ, PS1=PROMPT, TERM="dumb", HISTFILE="")
child, master = pty.fork()
if child == 0:
    os.execvpe("bash", ["bash", "--norc", "--noediting", "-i"], environment)
expect(PROMPT)
cooked = modes()

# Ctrl-C reaches the program, which may continue.
send(f"{TOOL} run -o app --when signal:USR2 -- {PYTHON} -q\n")
expect(">>> ")
send("6*7\n")
expect("42\r\n>>> ")
time.sleep(0.5)  # Python ignores a Ctrl-C between the prompt and its wait
send("\x03")
expect("KeyboardInterrupt")
expect(">>> ")

# Ctrl-Z stops the program, and the shell continues it.
send("\x1a")
expect("Stopped")
expect(PROMPT)
if "t" not in command("cut -d' ' -f3 /proc/$(jobs -p)/stat").lower():
    sys.exit("it is not stopped")
send("fg\n")
expect("-q\r\n")
send("6*8\n")
expect("48\r\n>>> ")
send("exit(5)\n")
expect("ended with status 5 before 'signal:USR2' came")
expect(PROMPT)
status(5)

# Ctrl-C ends a program that does not handle it.
send(f"{TOOL} run -o app --when signal:USR2 -- sleep 100\n")
time.sleep(0.5)
send("\x03")
expect("ended by SIGINT")
expect(PROMPT)
status(130)

# In the background.
command(f"{TOOL} run -o app --when signal:USR2 -- sleep 100 &")
command("sleep 0.5")
if "Running" not in command("jobs"):
    sys.exit("it does not run in the background")
command("kill %1; wait %1")
status(143)

# At the prompt of a program that has changed the terminal's modes.
script = "import tty, sys; tty.setraw(0); sys.stdin.read(1)"
send(f"{TOOL} run -o app -- {PYTHON} -c '{script}'\n")
expect(PROMPT)
status(0)
if modes() != cooked:
    sys.exit(f"the terminal's modes are {modes()}, not {cooked}")
if "app\r\n" not in command("ls app"):
    sys.exit("there is no dump")

# A start restores the dump's terminal modes; SIGWINCH reports that this is another terminal.
script = ("import os, signal, termios, tty\n"
          "winch = []\n"
          "signal.signal(signal.SIGWINCH, lambda number, frame: winch.append(1))\n"
          "old = termios.tcgetattr(0)\n"
          "tty.setraw(0)\n"
          "key = os.read(0, 1)\n"
          "print(\"key\", key, len(winch), end=\"\\r\\n\", flush=True)\n"
          "termios.tcsetattr(0, termios.TCSADRAIN, old)\n")
with open("raw.py", "w") as file:
    file.write(script)
send(f"{TOOL} run -o app -- {PYTHON} raw.py\n")
expect(PROMPT)
status(0)
send("./app\n")
time.sleep(0.5)
if modes()[3] & (termios.ICANON | termios.ECHO):
    sys.exit("the terminal is not in the mode that the program was dumped in")
send("x")
expect("key b'x' 1\r\n")
expect(PROMPT)
if modes() != cooked:
    sys.exit(f"the program left the terminal with {modes()}, not {cooked}")

# A second dump, which is used below.
send(f"{TOOL} run -o app -- {PYTHON} -q\n")
expect(PROMPT)
status(0)
send("./app\n")
time.sleep(0.5)
send("6*9\n")
expect("54\r\n")
send("exit(4)\n")
expect(PROMPT)
status(4)
send("exit\n")
