#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion in bash offers the verbs, options and arguments that the program has.
. "${0%/*}/../lib/functions.sh"
need bash

mkdir bin files
ln -s "$UNEXEC_TOOL" bin/unexec
PATH=$work/bin:$PATH
touch files/one files/two 'files/with space'
cat > complete << 'EOF'
# complete LINE: prints what Tab at its end offers, a word a line.
. "$top_srcdir/completions/unexec.bash"
COMP_LINE=$1 COMP_POINT=${#1}
compopt() { :; }
_unexec unexec
for reply in "${COMPREPLY[@]}"; do echo "$reply"; done
EOF

offered()
{
	bash complete "$1" | sort
}

# offers LINE WORD…: these, and no others.
offers()
{
	line=$1
	shift
	same "offered after '$line'" "$(printf '%s\n' "$@" | sort)" "$(offered "$line")"
}

# has LINE WORD…: these, among others.
has()
{
	line=$1
	shift
	for word
	do
		offered "$line" | grep -qxF -- "$word" ||
			fail "after '$line', '$word' is not offered but $(offered "$line")"
	done
}

verbs=$("$UNEXEC_TOOL" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
[ -n "$verbs" ] || exit 99
offers 'unexec ' $verbs --help --version
offers 'unexec inf' info
for verb in $verbs
do
	# Completion offers exactly the options in the help, wherever they are named there.
	long=$("$UNEXEC_TOOL" $verb --help | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)
	[ -n "$long" ] || fail "$verb --help names no options"
	same "options of $verb" "$long" "$(offered "unexec $verb --")"
done
offers 'unexec info files/o' files/one
offers 'unexec info --json files/t' files/two
offers 'unexec info files/w' 'files/with space'
has 'unexec info --json ' files complete

sleep 60 &
sleeper=$!
has 'unexec dump ' $sleeper
has 'unexec dump --kill ' $sleeper
offers "unexec dump $sleeper" $sleeper
offers 'unexec dump -o files/o' files/one
offers "unexec dump $sleeper --output=files/t" files/two
offered "unexec dump " | grep -qx 2 && [ "$(cat /proc/2/comm)" = kthreadd ] &&
	fail "a thread of the kernel is offered"
kill $sleeper

offers 'unexec dump --fd=5=' close null keep hangup recreate
offers 'unexec dump --fd cl' close
offers 'unexec dump --lose seccomp,ms' seccomp,mseal

offers 'unexec run --when ' stdin call: syscall: signal: after:
offers 'unexec run --when sy' syscall:
# Bash splits words at = and :.
offers 'unexec run --when=st' stdin
offers 'unexec run --when=' stdin call: syscall: signal: after:
offers 'unexec run --when=signal:USR' USR1 USR2
offers 'unexec run --when signal:USR1' USR1
offers 'unexec run --cpu=x86-64-v' x86-64-v2 x86-64-v3 x86-64-v4
offers 'unexec run --cpu b' baseline
has 'unexec run ba' bash
has 'unexec run -- ba' bash
offers 'unexec run -o x -- bash files/o' files/one
offers 'unexec run --when stdin bash files/o' files/one
offers 'unexec run -- bash --when files/o' files/one

offers 'unexec undump files/o' files/one
offers 'unexec undump core -e files/t' files/two

# The file is found and taken by bash itself.
bash -c '. "$top_srcdir/completions/unexec.bash"; complete -p unexec' | grep -q _unexec ||
	fail "bash gets no completion"
