#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion in zsh, typed on a terminal, offers the verbs, options and arguments that the
# program has.
. "${0%/*}/../lib/functions.sh"
need zsh
[ -x "$PYTHON3" ] || skip "no python3"

mkdir bin files
ln -s "$UNEXEC_TOOL" bin/unexec
PATH=$work/bin:$PATH
touch files/one files/two
cd files
completions=$top_srcdir/completions
zsh -n "$completions/_unexec" || fail "zsh cannot read it"

offered()
{
	limited "$PYTHON3" "$top_srcdir/tests/installed/completion_zsh.py" "$completions" "$1" |
		grep -v '^$' | sort -u
}

# offers LINE WORD…: these, and no others.
offers()
{
	line=$1
	shift
	same "offered after '$line'" "$(printf '%s\n' "$@" | sort)" "$(offered "$line")"
}

verbs=$("$UNEXEC_TOOL" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
offers 'unexec ' $verbs --help --version
for verb in $verbs
do
	long=$("$UNEXEC_TOOL" $verb --help | grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)
	same "options of $verb" "$long" "$(offered "unexec $verb --" | grep '^--[a-z]')"
done
offers 'unexec info o' one
offers 'unexec undump -e t' two

sleep 60 &
sleeper=$!
offered 'unexec dump ' | grep -qx $sleeper || fail "a process of ours is not offered"
kill $sleeper
offers 'unexec dump -o t' two

offers 'unexec dump --memory ' auto lazy copy
offers 'unexec dump --fd=5=' close null keep hangup recreate

offers 'unexec run --when ' stdin call: syscall: signal: after:
offers 'unexec run --when=signal:US' USR1 USR2
offered 'unexec run ba' | grep -qx bash || fail "programs are not offered"
offers 'unexec run -- bash t' two
