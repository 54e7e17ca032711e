#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A core with false contents is refused with one line that names the defect, at once, with
# little memory.
. "${0%/*}/core.sh"

need "$PYTHON3"

# takes KIND STATUS: a dump of the core is made, and ends with that status.
takes()
{
	"$PYTHON3" "$forge" "$1" > core || exit 99
	undumped
	limited ./dump
	same "status of the dump of $1" "$2" $?
}

# lies KIND PATTERN
lies()
{
	"$PYTHON3" "$forge" "$1" > core || exit 99
	(ulimit -v 500000; refused "$UNEXEC_TOOL" undump -o none core) || exit
	says "$2"
	same "lines said of $1" 1 "$(wc -l < "$work/said")"
}

# needs KIND FLAG STATUS NAME: the same on a CPU with FLAG in /proc/cpuinfo; on others, the message
# has the missing feature's NAME.
needs()
{
	if grep -q "^flags.* $2\\( \\|$\\)" /proc/cpuinfo
	then
		takes $1 $3
		return
	fi
	takes $1 125
	same "output of the dump of $1" \
		"unexec: $work/dump: error: this CPU lacks $4, which the dump was made with; UNEXEC_CPU=any starts it anyway" \
		"$(./dump 2>&1)"
}

"$PYTHON3" "$forge" --list > kinds || exit 99
while read -r kind <&9
do
	case $kind in
	sound | threads | vdso_names | vdso_sections) takes $kind 7 ;;
	intel_avx) needs $kind avx 21 avx-registers ;;
	intel_avx_layout) needs $kind avx 22 avx-registers ;;
	amd_avx) needs $kind avx 23 avx-registers ;;
	intel_avx512) needs $kind avx512f 24 avx512-registers ;;
	amd_avx512) needs $kind avx512f 25 avx512-registers ;;
	intel_mask) needs $kind avx512f 26 avx512-registers ;;
	amd_mask) needs $kind avx512f 27 avx512-registers ;;
	intel_keys) needs $kind ospke 7 protection-keys ;;
	intel_tiles) needs $kind amx_tile 7 amx-registers ;;
	registers_compacted) lies $kind 'compacted' ;;
	registers_unknown) lies $kind 'not known of such a CPU' ;;
	registers_layout) lies $kind NT_X86_XSAVE_LAYOUT ;;
	huge_stack) takes $kind 125 ;; # fails at once, since there is not that much memory
	not_elf) lies $kind 'not a core file' ;;
	not_core) lies $kind 'not a core file, but a program' ;;
	class_32 | big_endian) lies $kind 'not for this machine' ;;
	other_machine) lies $kind 'for another machine (183)' ;;
	truncated_*) lies $kind truncated ;;
	endless_notes) lies $kind truncated ;;
	no_memory) lies $kind 'contains no memory' ;;
	no_threads) lies $kind 'no threads' ;;
	no_auxv) lies $kind 'no auxiliary vector' ;;
	no_files) lies $kind 'does not list the mapped files' ;;
	no_stack) lies $kind 'lacks the stack' ;;
	empty_stack) lies $kind coredump_filter ;;
	no_vdso) lies $kind 'lacks the vDSO (at 0x7fff00000000)' ;;
	overlapping) lies $kind 'segments overlap' ;;
	beyond) lies $kind 'that no process has' ;;
	wraps_around | not_aligned | more_than_memory) lies $kind 'impossible address or length' ;;
	endless_segment) lies $kind 'beyond the largest file' ;;
	long_note | long_name) lies $kind 'beyond the end of the notes' ;;
	short_status) lies $kind NT_PRSTATUS ;;
	same_thread) lies $kind 'same number' ;;
	thread_zero) lies $kind 'impossible number' ;;
	many_files | nameless_file) lies $kind 'shorter than its count' ;;
	file_unit | empty_file) lies $kind 'is invalid' ;;
	files_overlap) lies $kind 'NT_FILE) overlap' ;;
	left_out | missing_file) lies $kind '/nowhere/.* is gone' ;;
	device) lies $kind '/dev/null.*is a device' ;;
	*) fail "this test does not know $kind" ;;
	esac
done 9< kinds
