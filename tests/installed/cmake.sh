#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The example with CMake and make, with and without libunexec.
. "${0%/*}/../lib/functions.sh"
need cmake ctest
. "$top_srcdir/tests/installed/functions.sh"

logged cmake -S source -B build -DCMAKE_INSTALL_PREFIX=/usr
logged cmake --build build --parallel 2
is_dump build/app
(cd build && logged ctest) || exit 1
logged env DESTDIR="$work/dumped" cmake --install build

logged cmake -S source -B bare -DENABLE_DUMP=OFF
logged cmake --build bare
is_bare bare/app
logged without_unexec cmake -S source -B lost
logged cmake --build lost
is_bare lost/app
without_unexec cmake -S source -B refused -DENABLE_DUMP=ON > out 2>&1 && fail "dumps from nothing"
grep -q libunexec out || fail "$(cat out)"

installed=dumped/usr/bin/app
only_installed build bare lost refused
