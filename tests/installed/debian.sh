#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Debian's packages are built, without complaints of lintian, and installed into a minimal
# system, where they pass the tests of debian/tests. Takes some minutes.
. "${0%/*}/../lib/functions.sh"
[ "${UNEXEC_TEST_LONG-}" ] || skip "UNEXEC_TEST_LONG is not set"
need dpkg-buildpackage dh debootstrap lintian unshare
[ "$(id -u)" = 0 ] || skip "only root can install a system"
dpkg-checkbuilddeps "$top_srcdir/debian/control" 2> /dev/null || skip "packages are missing"

# logged COMMAND…: ends the test and prints the output if the command fails.
logged()
{
	"$@" > logged.log 2>&1 || fail "$*: $(tail -n 200 logged.log)"
}

logged env DEB_BUILD_OPTIONS='nocheck parallel=2' make -C "$top_builddir" deb
logged lintian --allow-root --fail-on error,warning,info,pedantic \
	-EI --pedantic "$top_builddir"/deb/*.changes
only=$(dpkg-deb -f "$top_builddir"/deb/libunexec0_*.deb Depends | sed 's/libc6 ([^)]*)//')
same "libraries except libc" '' "$only"

# The mirror is this system's. The new system must not see the host's mounts.
suite=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' |
	awk -v suite="$suite" '$1 == suite { print $2; exit }')
[ "$mirror" ] || skip "not known where packages of this system come from"
logged debootstrap --variant=minbase "$suite" root "$mirror"
cat > inside <<'END'
set -e
mount -t proc proc /proc
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt-get install -y --no-install-recommends /packages/*.deb \
	$(sed -n 's/^Depends://p' /tests/control | tr ',' ' ')
ldconfig -p | grep libunexec
for test in build run
do
	/tests/$test
done
END
mkdir root/packages
cp "$top_builddir"/deb/*.deb root/packages
cp -r "$top_srcdir/debian/tests" root
cp inside root
cp /etc/resolv.conf root/etc
# The environment is empty, since that of our tests names a program that is not in there.
logged env -i PATH="/usr/sbin:/usr/bin:/sbin:/bin" \
	unshare --mount --pid --fork chroot root sh /inside
grep -q 'app: whole, and can run here' logged.log || fail "$(cat logged.log)"
