# SPDX-License-Identifier: GPL-3.0-or-later
#
# Types a line and a key in zsh, on a terminal, and prints the offered completions, one a line:
# completion_zsh.py COMPLETIONS LINE
import os
import pty
import select
import sys
import tempfile
import time

# The quotes split the marks, so that the echo of the typed text does not contain them.
SETUP = r"""
unsetopt prompt_cr prompt_sp beep list_beep; PS1= LISTMAX=10000
fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
	local -a offered
	builtin compadd -A offered "$@"; print -rl -- $offered >> %s
	builtin compadd "$@"
}
show() { zle complete-word; print 'offe''red' }
zle -N show; bindkey '^T' show; print 'rea''dy'
"""


def wait_for(terminal, mark):
    output = b""
    until = time.monotonic() + 30
    while mark not in output and time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            output += os.read(terminal, 65536)
    if mark not in output:
        sys.exit("zsh does not answer: %r" % output)


def main():
    completions, line = sys.argv[1:]
    with tempfile.NamedTemporaryFile() as offered:
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", LC_ALL="C")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        setup = SETUP % (completions, offered.name)
        os.write(terminal, setup.encode())
        wait_for(terminal, b"ready")
        os.write(terminal, line.encode() + b"\x14")
        wait_for(terminal, b"offered")
        os.close(terminal)
        os.waitpid(pid, 0)
        sys.stdout.buffer.write(offered.read())


main()
