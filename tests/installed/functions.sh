# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by the tests of build systems: installs libunexec in $root, copies the example to
# source/, and sets the paths under which a system has an installed library.

need pkg-config make
root=$work/root
make -s -C "$top_builddir" install DESTDIR="$root" > install.log 2>&1 ||
	fail "make install: $(tail -n 5 install.log)"
pc=$(find "$root" -name libunexec.pc)
bindir=$(pkg-config --variable=bindir "$pc")
libdir=$(pkg-config --variable=libdir "$pc")
# Paths in libunexec.pc are without $root.
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_PATH=${pc%/*}
LD_LIBRARY_PATH=$root$libdir
ACLOCAL_PATH=$(dirname "$(find "$root" -name unexec.m4)")
UNEXEC_TOOL=$root$bindir/unexec
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_PATH LD_LIBRARY_PATH ACLOCAL_PATH UNEXEC_TOOL
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

cp -r "$top_srcdir/examples/build" source || exit 99
chmod -R u+w source

# is_dump FILE, is_bare FILE: checks that this of the two is installed, and works.
is_dump()
{
	works "$1"
	"$UNEXEC_TOOL" info "$1" > info.log 2>&1 || fail "$1 is no dump: $(cat info.log)"
}

is_bare()
{
	works "$1"
	"$UNEXEC_TOOL" info "$1" > info.log 2>&1 && fail "$1 is a dump"
}

works()
{
	same "output of $1" "27: 111 steps" "$(limited "$1" 27 2>&1)"
}

# logged COMMAND…: ends the test and prints the output if the command fails.
logged()
{
	"$@" > logged.log 2>&1 || fail "$*: $(tail -n 20 logged.log)"
}

# without_unexec COMMAND…: runs it as if libunexec were not installed.
without_unexec()
{
	env -u PKG_CONFIG_SYSROOT_DIR -u UNEXEC_TOOL PKG_CONFIG_PATH= \
		PKG_CONFIG_LIBDIR="$work/nowhere" "$@"
}

# The sources and the build are removed; the rest of this file's directory is not needed.
only_installed()
{
	rm -rf source "$@"
	is_dump "$work/$installed"
	limited env -i "$work/$installed" 27 > /dev/null ||
		fail "does not start without our environment"
}
