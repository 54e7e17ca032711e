#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# With --cpu, the program chooses code for a lesser CPU, libc does so too, and the dump needs no
# more than that CPU; without it, the dump needs more.
. "${0%/*}/../lib/functions.sh"
[ "$host_cpu" = x86_64 ] || skip "levels are of x86-64"
grep -qw avx2 /proc/cpuinfo || skip "no CPU of level 3"
unexec=$UNEXEC_TOOL

# needs FILE: the instruction sets, in one line.
needs()
{
	"$unexec" info --text "$1" | sed -n 's/^need //p' | tr -d '"' | tr '\n' ' '
}

# of LEVEL: prints the needs of a dump of cat at that level, or at no level.
of()
{
	# shellcheck disable=SC2086 # nothing or one word
	limited "$unexec" run -q ${1:+--cpu="$1"} -o dump -- cat < /dev/null ||
		fail "no dump of level '$1'"
	same "copied memory" hello "$(echo hello | limited ./dump)"
	needs dump
}

same "needs of the baseline" "" "$(of baseline)"
same "needs of x86-64-v2" "cx16 popcnt sse3 sse4.1 sse4.2 ssse3 " "$(of x86-64-v2)"
same "needs of x86-64-v3" \
	"avx avx2 bmi bmi2 cx16 f16c fma movbe popcnt sse3 sse4.1 sse4.2 ssse3 xsave " \
	"$(of x86-64-v3)"
of '' | grep -q 'avx2 .*rdrand' || fail "needs of no level: $(needs dump)"

refused_usage()
{
	limited "$unexec" run --cpu="$1" -- true 2> said
	same "status of --cpu=$1" 2 $?
	grep -q 'baseline, x86-64-v2' said || fail "no levels are named"
}
refused_usage x86-64-v5
refused_usage ''

# These programs print their environment and end before they wait for input, without a dump.
variables()
{
	limited "$unexec" run -q --cpu=x86-64-v2 -- sh -c \
		'echo "$GLIBC_TUNABLES|$OPENSSL_ia32cap|$LD_BIND_NOW"' 2> /dev/null
}
variables | grep -q '^glibc.cpu.hwcaps=.*-AVX2,.*|~0x.*|1$' || fail "variables: $(variables)"
(
	GLIBC_TUNABLES=glibc.malloc.check=0 OPENSSL_ia32cap=:0
	export GLIBC_TUNABLES OPENSSL_ia32cap
	variables | grep -q '^glibc.malloc.check=0:glibc.cpu.hwcaps=.*|:0|1$'
) || fail "variables that were set"

# Prints 1 if glibc believes that the CPU has AVX2, which is bit 5 of leaf 7's ebx.
loader=$($READELF -lW "$(command -v sh)" | sed -n 's/.*interpreter: \(.*\)]/\1/p')
avx2()
{
	word=$("$@" "$loader" --list-diagnostics 2> /dev/null |
		sed -n 's/^x86.cpu_features.features\[0x1\].active\[0x1\]=//p')
	[ -z "$word" ] || echo $((word >> 5 & 1))
}
[ -n "$(avx2 limited)" ] || skip "this libc does not show its choice of code"
same "AVX2 without --cpu" 1 "$(avx2 limited)"
same "AVX2 with x86-64-v3" 1 "$(avx2 limited "$unexec" run -q --cpu=x86-64-v3 --)"
same "AVX2 with x86-64-v2" 0 "$(avx2 limited "$unexec" run -q --cpu=x86-64-v2 --)"
