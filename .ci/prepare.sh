# SPDX-License-Identifier: GPL-3.0-or-later
#
# Functions for quickstart, runtests and .ci/run, which are bash: install packages on Debian,
# build in build/.

build_packages='build-essential autoconf automake libtool pkg-config libelf-dev libdw-dev
	binutils-dev libjansson-dev liblz4-dev libxxhash-dev libzstd-dev zlib1g-dev python3-dev
	python3-setuptools'
test_packages='black check liblua5.4-dev libsqlite3-dev elfutils gdb strace g++ groff-base mandoc bc
	cmake curl default-jdk-headless gawk guile-3.0 libcrypt-dev linux-perf lua5.4 meson
	nodejs perl python3-venv python3-wheel ruby sbcl sqlite3 swi-prolog-nox tcl-dev
	texlive-latex-base zsh'

# A dump is refused if it has descriptors that the caller of this script left open. Bash uses
# 255 itself and closes it in the programs that it starts.
for descriptor in /proc/$$/fd/*
do
	descriptor=${descriptor##*/}
	[ "$descriptor" -le 2 ] || [ "$descriptor" = 255 ] || eval "exec $descriptor>&-"
done

say()
{
	printf '\n== %s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# install PACKAGE…: do nothing if all of them are installed.
install()
{
	local missing='' package as_root=''

	if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null
	then
		say "This is not Debian; on Debian, these packages are needed: $*"
		return
	fi
	for package
	do
		dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q ' installed$' ||
			missing+=" $package"
	done
	if [ -z "$missing" ]
	then
		say "All needed packages are installed"
		return
	fi
	if [ "$(id -u)" != 0 ]
	then
		command -v sudo > /dev/null ||
			die "root or sudo is needed to install:$missing"
		as_root=sudo
	fi
	say "Installing$missing"
	$as_root apt-get update
	# shellcheck disable=SC2086 # a list
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		$missing
}

# build [CONFIGURE-ARGUMENT…]: build in build/, from the source directory. Configure each
# time, since packages may have been installed since the last.
build()
{
	if [ ! -e configure ]
	then
		say "Making configure"
		autoreconf -i
	fi
	mkdir -p build
	say "Configuring in build/"
	(cd build && ../configure "$@")
	say "Building in build/"
	make -C build -j2
}
