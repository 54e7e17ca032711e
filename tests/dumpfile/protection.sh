#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every page of a start has the protection that it had in the program: relro stays read-only, no
# stack is executable, nothing is both writable and executable. Nothing is left of the
# restarter, and no large memory is new.
. "${0%/*}/../lib/functions.sh"

protection=$top_builddir/tests/dumpfile/protection

# compare WHAT
compare()
{
	[ -s before ] && [ -s after ] || fail "$1: no maps"
	same "protection of $1" "" \
		"$("$PYTHON3" "$top_srcdir/tests/dumpfile/protection.py" before after)"
	# The addresses of restarter and plan now have the new arguments and environment.
	same "left of the restarter in $1" "rw-p 00000000 00:00 0" \
		"$(grep '^1000' after | sed 's/^[^ ]* //; s/ *$//')"
	rm -f before after
}

for threads in 0 5
do
	limited "$protection" dump "$threads" || fail "no dump"
	limited ./dump || fail "the dump: status $?"
	compare "a dump with $threads threads by the library"
	limited "$UNEXEC_TOOL" run -q -o run -- "$protection" - "$threads" < /dev/null ||
		fail "no dump"
	limited ./run < /dev/null || fail "run: status $?"
	compare "a dump with $threads threads by run"
done

cat > maps.py <<'EOF'
import sys
def save(name):
    with open("/proc/self/maps", "rb") as source, open(name, "wb") as target:
        target.write(source.read())
import ssl, sqlite3, ctypes, json
save("before")
save("before")
sys.stdin.readline()
save("after")
EOF
"$PYTHON3" -c 'import ssl, sqlite3, ctypes' || exit 0
limited "$UNEXEC_TOOL" run -q -o python -- "$PYTHON3" maps.py < /dev/null || fail "no dump"
limited ./python < /dev/null || fail "python: status $?"
compare Python
