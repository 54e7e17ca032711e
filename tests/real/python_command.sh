#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# python3 -m unexec makes executables of programs in Python, of every kind, whose output is the
# program's: with copies of sys.argv, after runs before the dump, in other directories and
# environments. What is no such program is named in one line.
. "${0%/*}/../lib/functions.sh"
. "$top_srcdir/tests/lib/python_module.sh"

mkdir -p site/greet site/greet-1.dist-info bin
cat > site/greet/__init__.py <<'END'
END
cat > site/greet/cli.py <<'END'
import os
import sys

start = sys.argv[1:]
encoded = [os.fsencode(one) for one in sys.argv]


def main(argv=sys.argv[1:]):
    import greet.late
    print(greet.late.text, sys.argv[1:], argv, start, encoded[1:], os.getcwd(),
          os.environ.get("WHO"), __name__, sep="|")
    if "fail" in argv:
        raise RuntimeError("asked to")
    if "close" in argv:
        sys.stdout.close()
    if "input" in argv:
        print(sys.stdin.read())
    return 3 if "three" in argv else None
END
cat > site/greet/late.py <<'END'
import sys
# Imported when the program runs.
words = list(sys.argv)
text = "late"
END
cat > site/greet/__main__.py <<'END'
import sys
print("module", sys.argv[1:], __name__, __package__, __file__)
END
printf 'Metadata-Version: 2.1\nName: greet\nVersion: 1\n' > site/greet-1.dist-info/METADATA
printf '[console_scripts]\ngreet = greet.cli:main\n' > site/greet-1.dist-info/entry_points.txt
cat > bin/greet <<END
#!$PYTHON3
import sys
from greet.cli import main
sys.exit(main())
END
cat > script.py <<'END'
import sys
late = [one for one in sys.argv]
print("script", sys.argv[1:], late[1:], __name__, __file__)
sys.exit(4 if len(sys.argv) > 2 else 0)
END
chmod +x bin/greet
PYTHONPATH=$work/site:$PYTHONPATH
PATH=$work/bin:$PATH
export PATH

# made ARGUMENT…: makes the dump "now".
made()
{
	rm -f now
	limited "$PYTHON3" -m unexec -o now "$@" > out 2> said || fail "no dump: $(cat said)"
	[ -s out ] && fail "output of $*: $(cat out)"
	[ -x now ]
}

# compares COMMAND ARGUMENT…: the dump prints what the command prints.
compares()
{
	command=$1
	shift
	limited $command "$@" < input > cold 2> cold2
	status=$?
	limited ./now "$@" < input > warm 2> warm2
	same "status of $command $*" $status $?
	same "output of $command $*" "$(cat cold)" "$(cat warm)"
	sed '/^  File /,+1d; /^  *[~^]*$/d' cold2 > cold3
	sed '/^  File /,+1d; /^  *[~^]*$/d' warm2 > warm3
	same "messages of $command $*" "$(cat cold3)" "$(cat warm3)"
}

echo words > input
made greet
grep -q 'note: starts update 3 lists that are copies of sys.argv' said || fail "$(cat said)"
compares greet
compares greet one 'two  words' --three
compares greet three
compares greet input
compares greet fail
WHO=me
export WHO
mkdir elsewhere
same "another directory and environment" "$(cd elsewhere && greet x)" "$(cd elsewhere && ../now x)"

made --warm 'one two' --warm --nonsense greet
grep -q 'note: starts update 4 lists' said || fail "$(cat said)"
compares greet
compares greet after 'the warm'
compares greet three

made greet.cli:main
same "a function" "$(greet a b)" "$(limited ./now a b)"
made -m greet
compares "$PYTHON3 -m greet" a b
made ./script.py
compares "$PYTHON3 ./script.py" a
compares "$PYTHON3 ./script.py" a b
made --warm x ./script.py
compares "$PYTHON3 ./script.py" a

# By default, the file has the name of the program.
limited "$PYTHON3" -m unexec greet 2> /dev/null || fail "no dump with the default name"
[ -x greet-now ] || fail "no greet-now"

# wrong TEXT ARGUMENT…: one line, status 1, no file.
wrong()
{
	text=$1
	shift
	rm -f none
	limited "$PYTHON3" -m unexec -o none "$@" > out 2> said
	same "status of $*" 1 $?
	[ -e none ] && fail "$* makes a file"
	tail -n 1 said | grep -q "^unexec: .*: error: $text" || fail "$*: $(cat said)"
}
wrong 'nothing is no command' nothing
wrong 'there is no module nothing' -m nothing
wrong 'cannot import nothing' nothing:main
wrong 'greet.cli has no nothing' greet.cli:nothing
wrong "it failed with the arguments --warm='fail'" --warm fail greet
grep -q 'RuntimeError: asked to' said || fail "no traceback: $(cat said)"
wrong 'it closes its standard streams' --warm close greet

# Programs that people use, if they are installed.
unset WHO
printf 'x = {  "a":1 }\n' > code.py
if command -v black > /dev/null && head -1 "$(command -v black)" | grep -q "$PYTHON3"
then
	made --warm --version black
	compares black --code 'x  = 1'
	compares black --check code.py
	compares black --help
	compares black --nonsense
fi
if command -v hg > /dev/null && head -1 "$(command -v hg)" | grep -q python3
then
	HGRCPATH='' HOME=$work made --warm --version hg
	mkdir repository
	(cd repository && HOME=$work hg init)
	for arguments in "log" "status" "--nonsense"
	do
		same "hg $arguments" "$(hg -R repository $arguments 2>&1)" \
			"$(limited ./now -R repository $arguments 2>&1)"
	done
fi
exit 0
