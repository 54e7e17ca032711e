#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# gdb and backtrace() show the names of functions of the program and of libc in a dump.
. "${0%/*}/../lib/functions.sh"

limited "$subject" dump || fail "no dump"
limited ./dump backtrace > trace || fail "backtrace"
cat trace
grep -q libc.so.6 trace || fail "libc is not named"
grep -q subject trace || fail "the program is not named"
need gdb
limited gdb -nx -batch -ex 'info address subject_answer' -ex 'info address malloc' \
	-ex 'info symbol subject_answer' -ex 'info symbol printf' \
	-ex 'print (int) subject_data' \
	./dump > shown 2>&1
cat shown
grep -q 'subject_answer.* is ' shown || fail "no address of subject_answer"
grep -q 'malloc.* is ' shown || fail "no address of malloc"
grep -q '^subject_answer in section' shown || fail "no name for subject_answer's address"
grep -q '^[_A-Za-z0-9]*printf.* in section' shown || fail "no name for printf's address"
grep -q '= 4711$' shown || fail "no value of subject_data"
