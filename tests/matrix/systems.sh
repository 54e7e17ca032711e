# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced: other releases of Debian as directories to chroot into, and their kernels, in
# directory $cache, made by debootstrap from the mirror that this system's apt uses. Existing ones
# are used unchanged. Those that cannot be made are left out and reported. Needs root.

# Debian 11, 12 and 13: glibc 2.31, 2.36 and 2.41, Linux 5.10, 6.1 and 6.12.
systems=${SYSTEMS:-bullseye bookworm trixie}
system_packages='gcc,g++,libc6-dev,make,pkg-config,libelf-dev,binutils-dev,libjansson-dev,
liblz4-dev,libxxhash-dev,libzstd-dev,zlib1g-dev,lua5.4,perl,python3'

missing()
{
	echo "missing: $*" >&2
	return 1
}

mirror()
{
	[ -z "${MIRROR-}" ] || { echo "$MIRROR"; return; }
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' | head -n 1
}

# get_system NAME: $cache/NAME.
get_system()
{
	[ ! -e "$cache/$1/complete" ] || return 0
	rm -rf "${cache:?}/$1"
	debootstrap --variant=minbase \
		--include="$(printf %s "$system_packages" | tr -d '\n')" \
		"$1" "$cache/$1" "$(mirror)" > "$cache/$1.log" 2>&1 ||
		missing "system $1: see $cache/$1.log" || return
	# A mirror that is a copy of some day serves an index that has expired.
	echo 'Acquire::Check-Valid-Until "false";' > "$cache/$1/etc/apt/apt.conf.d/99expired"
	touch "$cache/$1/complete"
}

# get_kernel NAME: $cache/NAME.vmlinuz, the kernel of that release for virtual machines.
get_kernel()
{
	[ ! -e "$cache/$1.vmlinuz" ] || return 0
	chroot "$cache/$1" sh -e -c '
		mkdir -p /kernel
		cd /kernel
		package=$(apt-cache depends linux-image-cloud-amd64 |
			sed -n "s/.*Depends: //p" | head -n 1)
		[ -e "$package"_*.deb ] || apt-get -o APT::Sandbox::User=root download "$package"
		dpkg-deb -x "$package"_*.deb .
		rm -rf lib usr/lib' > "$cache/$1.kernel.log" 2>&1 &&
		cp "$cache/$1"/kernel/boot/vmlinuz-* "$cache/$1.vmlinuz" ||
		missing "kernel of $1: see $cache/$1.kernel.log"
}
