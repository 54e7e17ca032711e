#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The example with Meson and ninja, with and without libunexec.
. "${0%/*}/../lib/functions.sh"
need meson ninja
. "$top_srcdir/tests/installed/functions.sh"

logged meson setup --prefix=/usr build source
logged ninja -C build
is_dump build/app
logged meson test -C build
logged env DESTDIR="$work/dumped" meson install -C build --no-rebuild

logged meson setup -Ddump=disabled bare source
logged ninja -C bare
is_bare bare/app
logged without_unexec meson setup lost source
logged ninja -C lost
is_bare lost/app
without_unexec meson setup -Ddump=enabled refused source > out 2>&1 && fail "dumps from nothing"
grep -q libunexec out || fail "$(cat out)"

installed=dumped/usr/bin/app
only_installed build bare lost refused
