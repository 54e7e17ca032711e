#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Python's formatter black, dumped after its imports, is the only file in the root of its file
# system: no interpreter, library, /dev or /proc. Its output is that of the ordinary one.
. "${0%/*}/../lib/functions.sh"
. "$top_srcdir/tests/lib/python_module.sh"

need black unshare
unshare -r true 2> /dev/null || skip "no user namespaces"
PYTHONDONTWRITEBYTECODE=1 HOME=/nowhere
export PYTHONDONTWRITEBYTECODE HOME

# Each kind of work is done once before the dump, so that its modules are loaded.
cat > black <<'END'
import sys
import black, click.testing, unexec
for arguments in (["--help"], ["--nonsense"], ["-q", "-"], ["--diff", "--color", "-"]):
    click.testing.CliRunner().invoke(black.main, arguments, input="x  =  1\n")
if unexec.dump("root/black"):
    sys.exit(black.patched_main())
END
cat > ugly.py <<'END'
import os , sys
def f ( a,b = {'x':1, "y" : [1,2,3]} ) :
  return  a if b  else   lambda q : q**2   # wie schön
class A( object ):
    @staticmethod
    async def g(self,*,c=None)->"int":
        match c:
            case {"k": [x, *rest]} if x: return rest
        print( f"{c!r:>{10}}" , file = sys.stderr )
END
echo 'def f(:' > wrong.py
mkdir root
limited "$PYTHON3" black > said || fail "no dump"

# alone ARGUMENT…: runs the dump in an empty root.
alone()
{
	limited env -i HOME=/nowhere PATH="$PATH:/usr/sbin" \
		unshare -r chroot "$work/root" /black "$@"
}

# compare FILE ARGUMENT…: with the ordinary one, output, messages and status.
compare()
{
	file=$1
	shift
	limited black "$@" < "$file" > expected 2> expected.said
	status=$?
	alone "$@" < "$file" > got 2> said
	same "status of $*" $status $?
	# The output has the current directory and the time.
	sed -i 's/[0-9-]* [0-9:.]* +0000/TIME/; s/^\(Identified\) .*/\1/' expected* got said
	cmp expected got || fail "$*: $(cat said)"
	same "messages of $*" "$(cat expected.said)" "$(cat said)"
}
compare ugly.py -q -
grep -q 'def f(a, b={"x": 1, "y": \[1, 2, 3\]}):' got || fail "$(cat got)"
# Its output was a file when it was dumped.
alone -q - < ugly.py | cmp - expected || fail "to a pipe"
compare ugly.py --diff --color -
compare ugly.py --check -
compare ugly.py --line-length 20 --skip-string-normalization --verbose -
compare wrong.py -
compare ugly.py --nonsense
compare ugly.py --help
compare ugly.py --version
same "files in the root" black "$(ls -A root)"

# A file, in place.
cp ugly.py root/ugly.py
alone -q /ugly.py || fail "status $?"
limited black -q - < ugly.py | cmp - root/ugly.py
