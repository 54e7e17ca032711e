#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The example with autoconf and automake: UNEXEC_CHECK, a build outside the sources, parallel
# make, make install with DESTDIR, make distcheck, and all values of --enable-dump.
. "${0%/*}/../lib/functions.sh"
need autoreconf automake
. "$top_srcdir/tests/installed/functions.sh"

(cd source && logged autoreconf -i) || exit 1
mkdir build dumped bare refused lost container
cd build || exit 99
logged ../source/configure --prefix=/usr
grep -q 'whether programs can be dumped here... yes' logged.log || fail "$(cat logged.log)"
logged make -j2
is_dump ./app
logged make check
logged make install DESTDIR="$work/dumped"
logged make distcheck
logged make clean
[ -e app ] && fail "make clean leaves the dump"

cd ../bare || exit 99
logged ../source/configure --disable-dump
logged make
is_bare ./app

cd ../lost || exit 99
logged without_unexec ../source/configure
grep -q 'dumped here... no, there is no libunexec' logged.log || fail "$(cat logged.log)"
logged make
is_bare ./app
without_unexec ../source/configure --enable-dump=yes > out 2>&1 && fail "dumps from nothing"
grep -q 'no program can be dumped here (no, there is no libunexec)' out || fail "$(cat out)"

# There is a library, but the program does not work.
cd ../refused || exit 99
logged ../source/configure UNEXEC_TOOL=/bin/false
grep -q 'dumped here... no, the dump of a small program fails' logged.log ||
	fail "$(cat logged.log)"
logged make
is_bare ./app
../source/configure --enable-dump=maybe > out 2>&1 && fail "takes --enable-dump=maybe"
grep -q 'takes auto, yes or no, not "maybe"' out || fail "$(cat out)"

# A step of a container's build: an ordinary user, and what engines forbid.
cp "$top_builddir/tests/lib/seccomp_exec" "$work" && chmod -R go+rX "$work" &&
	chmod 777 ../container && cd ../container || exit 99
logged as_nobody "$work/seccomp_exec" container ../source/configure --enable-dump=yes
logged as_nobody "$work/seccomp_exec" container make
is_dump ./app

cd .. || exit 99
installed=dumped/usr/bin/app
only_installed build bare lost refused container
