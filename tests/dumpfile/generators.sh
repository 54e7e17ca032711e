#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Two starts with the PID that the dumped process had, as the first process of each container
# has it, draw different random bytes from OpenSSL: in all threads, from public and private
# generator, in C and Python, dumped by the library and from outside; and from GnuTLS with any
# PID. If the generators cannot be reseeded, a warning says so.
. "${0%/*}/../lib/functions.sh"

generator=$top_builddir/tests/dumpfile/generator
PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$top_builddir/examples/python.build/lib
export PYTHONDONTWRITEBYTECODE PYTHONPATH

# alone COMMAND…: as process 1 of a PID namespace.
alone()
{
	if [ "$(id -u)" = 0 ]
	then
		limited unshare -p -f --kill-child --mount-proc "$@"
	else
		limited unshare -U -r -p -f --kill-child --mount-proc "$@"
	fi
}
need unshare
alone true 2> /dev/null || skip "no PID namespaces"

# second COMMAND…: as process 2.
second()
{
	alone sh -c '"$@"; exit $?' second "$@"
}

# differ DUMP LINES [PID]: of what two starts print, no line is the same but the first, the PID.
differ()
{
	where=alone
	[ "${3-1}" = 1 ] || where=second
	$where "$1" > one < /dev/null || fail "$1: status $?"
	$where "$1" > two < /dev/null || fail "$1: status $?"
	same "PID in $1" "pid ${3-1}" "$(head -1 one)"
	same "PID in $1" "pid ${3-1}" "$(head -1 two)"
	same "lines of $1" "$2" "$(sed -s 1d one two | wc -l)"
	same "bytes that two starts of $1 both draw" "" \
		"$(sed -s 1d one two | grep -oE '[0-9a-f]{16,}' | sort | uniq -d)"
}

# says NUMBER: the number of warnings about random generators.
says()
{
	same "warnings ($(cat said))" "$1" "$(grep -c 'random generator' said)"
}

alone "$generator" library > said 2>&1
[ $? = 77 ] && skip "no libcrypto"
[ -e library ] || fail "$(cat said)"
differ ./library 4

alone "$UNEXEC_TOOL" run -o run -- "$generator" - < /dev/null > said 2>&1 || fail "$(cat said)"
says 0
differ ./run 2
alone "$UNEXEC_TOOL" run -o unused -- "$generator" - unused < /dev/null > said 2>&1 ||
	fail "$(cat said)"
says 0
differ ./unused 2
second "$UNEXEC_TOOL" run -o second -- "$generator" - < /dev/null > said 2>&1 ||
	fail "$(cat said)"
differ ./second 2 2
differ ./second 2
alone "$UNEXEC_TOOL" run -o again -- ./run < /dev/null > said 2>&1 || fail "$(cat said)"
differ ./again 2

# A signal handler may have interrupted a generator at any point.
alone "$UNEXEC_TOOL" run -o handler -- "$generator" - signal < /dev/null > said 2>&1 ||
	fail "$(cat said)"
says 1

# GnuTLS has a generator for each thread.
alone "$generator" - unused gnutls < /dev/null > said 2>&1
if [ $? != 77 ]
then
	alone "$generator" gnutls gnutls > said 2>&1 || fail "$(cat said)"
	says 1
	alone ./gnutls > one && alone ./gnutls > two
	[ "$(grep main one)" != "$(grep main two)" ] || fail "GnuTLS is not seeded"
	alone "$UNEXEC_TOOL" run -o gnutls_run -- "$generator" - gnutls < /dev/null > said 2>&1 ||
		fail "$(cat said)"
	says 0
	differ ./gnutls_run 2
	differ ./gnutls_run 2 2
fi

"$PYTHON3" -c 'import ssl, unexec' 2> /dev/null || exit 0
cat > python.py <<'EOF'
import os, ssl, sys
print("before", ssl.RAND_bytes(16).hex())
sys.stdout.flush()
if sys.argv[1:]:
    import unexec
    if not unexec.dump(sys.argv[1]):
        sys.exit()
else:
    sys.stdin.readline()
print("pid", os.getpid())
print(ssl.RAND_bytes(16).hex())
EOF
alone "$PYTHON3" python.py python > said 2>&1 || fail "$(cat said)"
differ ./python 2
alone "$UNEXEC_TOOL" run -o python_run -- "$PYTHON3" python.py < /dev/null > said 2>&1 ||
	fail "$(cat said)"
says 0
differ ./python_run 2
