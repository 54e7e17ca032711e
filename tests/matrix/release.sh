#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs ./runtests in a fresh root directory of another release of Debian, with the files of
# this tree that git knows. Meets the next glibc, compiler and interpreters before users do.
# Run it by hand, as root; it needs debootstrap and 5 GB:
#
#     tests/matrix/release.sh DIRECTORY RELEASE [ARGUMENT-OF-RUNTESTS…]
#
# RELEASE: trixie, sid, … The root is DIRECTORY/RELEASE. It is kept, and used again by the next
# run; remove it for a fresh one. Packages come from the mirror that this system's apt uses, or
# from MIRROR in the environment.
set -eu
here=$(cd "${0%/*}" && pwd)
cache=$(mkdir -p "${1:?directory}" && cd "$1" && pwd)
release=${2:?release}
shift 2
. "$here/systems.sh"
get_system "$release"

tree=$cache/$release/tree
mkdir -p "$tree"
# Files that have been removed since the last run would be tested, too.
find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
(cd "$here/../.." && git ls-files -z | tar -c --null -T -) | tar -x -C "$tree"
cp /etc/resolv.conf "$cache/$release/etc/"

# The mounts end with their namespace.
# shellcheck disable=SC2016 # the inner shell's
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
	LC_ALL=C.UTF-8 nice unshare --mount sh -e -c '
	mount -t proc proc "$0/proc"
	mount --rbind /sys "$0/sys"
	mount --rbind /dev "$0/dev"
	exec chroot "$0" sh -c "cd /tree && exec ./runtests \"\$@\"" sh "$@"
' "$cache/$release" "$@"
