#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Descriptors are preserved even in an ordinary process in a container that refuses kcmp and
# ptrace.
for name in same pipe socketpair epoll memfd many
do
	"$top_builddir/tests/lib/seccomp_exec" container "$top_builddir/tests/roundtrip/fd_$name"
	result=$?
	[ $result = 77 ] && exit 77
	[ $result = 0 ] || { echo "fd_$name: status $result"; exit 1; }
done
