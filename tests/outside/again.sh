#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A start of a dump can be run and dumped again from outside, and each start has the environment
# that it is given. A program that has made an environment of its own keeps it.
. "${0%/*}/../lib/functions.sh"

need gawk perl
limited "$UNEXEC_TOOL" run -q -o one -- gawk '{ "echo $WHO" | getline; print }' < /dev/null ||
	fail "run: status $?"
WHO=first limited "$UNEXEC_TOOL" run -q -o two -- ./one < /dev/null || fail "again: status $?"
WHO=second limited "$UNEXEC_TOOL" run -q -o three -- ./two < /dev/null || fail "third: status $?"
for dump in one two three
do
	same "output of $dump" "I am $dump" "$(echo x | WHO="I am $dump" limited ./$dump)"
done
case $("$UNEXEC_TOOL" info three) in
*'generation 3'*) ;;
*) fail "it is not of the third generation: $("$UNEXEC_TOOL" info three | head -1)" ;;
esac

limited "$UNEXEC_TOOL" run -o own -- perl -e '$ENV{WHO} = "perl"; <STDIN>; system "echo \$WHO"' \
	< /dev/null 2> said || fail "perl: status $?"
# Before 5.38, Perl puts its own array in the place of libc's.
grep -q "made its own array" said ||
	same "the environment of perl" perl "$(echo x | WHO=new limited ./own)"
same "output of perl's" perl "$(echo | WHO=new limited ./own 2>&1)"

# Threads other than the one that reads may not have come so far when the dump is dumped.
if command -v "$PYTHON3" > /dev/null
then
	cat > threads.py <<- 'END'
		import os, sys, threading
		for i in range(6):
		    threading.Thread(target=threading.Event().wait, daemon=True).start()
		reader = threading.Thread(target=sys.stdin.readline)
		reader.start()
		reader.join()
		print("read", flush=True)
		os._exit(0)
	END
	limited "$UNEXEC_TOOL" run -q -o reads -- "$PYTHON3" threads.py < /dev/null || fail "threads"
	for try in 1 2 3 4 5
	do
		limited "$UNEXEC_TOOL" run -q -o again -- ./reads < /dev/null || fail "try $try: no dump"
		same "output of try $try" read "$(echo | limited ./again)"
	done
fi
