#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A dump needs nothing but itself. It starts without any other file, /proc or libc; and as the
# only program of a virtual machine, with the installed kernel or UNEXEC_TEST_KERNEL, if there
# is one and qemu is installed.
. "${0%/*}/../lib/functions.sh"
PATH=$PATH:/usr/sbin
[ "$host_cpu" = x86_64 ] || skip "the machine is an x86-64 one"
. "$top_srcdir/tests/matrix/boot.sh"

# The file that the program has open, in the same place; and the dump.
mkdir -p "root$work" || fail "no directory"
printf 'first\nsecond\n' | tee "root$work/lines" > lines
cat > empty < /dev/null
# Code that any machine's CPU can run.
limited "$UNEXEC_TOOL" run -q --cpu=baseline -o root/dump -- \
	"$top_builddir/tests/matrix/program" "$work/lines" < empty > said 2>&1 ||
	fail "no dump: $(cat said)"

if [ "$(id -u)" = 0 ]
then
	alone='chroot root'
else
	alone='unshare --user --map-root-user chroot root'
fi
# shellcheck disable=SC2086 # words
if $alone /nothing 2>&1 | grep -q '/nothing.*No such file'
then
	same "its output alone" 42 "$(limited $alone /dump < empty 2>&1)"
else
	skip "no permission to change the root directory"
fi

# ---- As the only program of a machine ----------------------------------------------------

kernel=${UNEXEC_TEST_KERNEL-$(ls /boot/vmlinuz-* 2> /dev/null | tail -n 1)}
[ -r "$kernel" ] || { echo "no kernel that can be read: not booted"; exit 0; }
command -v qemu-system-x86_64 cpio || { echo "no qemu, or no cpio: not booted"; exit 0; }
init=$top_builddir/tests/matrix/init
make -s -C "$top_builddir" tests/matrix/init > said 2>&1 ||
	{ echo "no static libc: not booted"; exit 0; }
make_root root
job root dump 3 /jobs /dump
boot root "$kernel" qemu64 512 100 '' console
cat console
same "result in a virtual machine" runs "$(outcome dump console)"
