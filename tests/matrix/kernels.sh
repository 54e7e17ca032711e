#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps start under other kernels and libcs than they were made under. Each release of Debian in
# systems.sh builds all from the sources of a build directory and makes dumps. These start in the
# others' directories, and in virtual machines (qemu) with the others' kernels, which have nothing
# but the dumps. Each system also makes dumps on its own kernel in a machine. Prints tables; run by
# hand, as root:
#
#     tests/matrix/kernels.sh BUILD-DIRECTORY CACHE-DIRECTORY [TABLE…]
#
# TABLE: libcs, kernels, inside, tests (default: all). CACHE-DIRECTORY takes 4 GB; later runs use
# its content. Needs debootstrap, qemu-system-x86 and cpio.
set -u
LC_ALL=C
export LC_ALL
here=$(cd "${0%/*}" && pwd)
build=$(cd "${1:?build directory}" && pwd) cache=$(mkdir -p "${2:?cache}" && cd "$2" && pwd)
shift 2
. "$here/systems.sh"
. "$here/boot.sh"
make -s -C "$build" tests/matrix/init || exit 99
init=$build/tests/matrix/init
work=$cache/work
mkdir -p "$work"
programs='program lua5.4 perl python3'
times=3

# ---- Systems -------------------------------------------------------------------------------

# inside SYSTEM COMMAND…: runs it in that system, with the usual file systems mounted until it ends.
inside()
{
	system=$1
	shift
	"$build/tests/lib/clean_exec" unshare --mount --fork sh -c '
		mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"
	' "$cache/$system" "$@"
}

# Builds from the sources of $build, unless the last build is newer.
build_system()
{
	tree=$cache/$1/build
	mkdir -p "$tree"
	[ ! "$tree/built" -nt "$work/sources" ] || return 0
	tar xzf "$work/sources" -C "$tree" --strip-components=1
	inside "$1" sh -c 'cd /build && { [ -e Makefile ] || ./configure -q; } &&
		make -k -j2 unexec libunexec.la tests/lib/clean_exec tests/matrix/program' \
		> "$cache/$1.build.log" 2>&1 ||
		missing "build in $1: see $cache/$1.build.log" || return
	touch "$tree/built"
}

get_sources()
{
	find "$here/../../src" "$here/../../include" "$here/.." -name '*.[chS]' \
		-newer "$work/sources" 2> /dev/null | grep -q . || [ ! -e "$work/sources" ] ||
		return 0
	make -s -C "$build" dist-gzip > "$work/dist.log" 2>&1 &&
		cp "$build"/libunexec-*.tar.gz "$work/sources" ||
		missing "sources: see $work/dist.log"
}

# Makes dumps with code for the oldest CPUs, since the machines have other CPUs. For a program that
# dumps itself, variables set that.
make_dump()
{
	if [ "$2" = program ]
	then
		# shellcheck disable=SC2046 # words
		inside "$1" env $(inside "$1" /build/unexec run --cpu=baseline -- \
			env 2> /dev/null | grep '^GLIBC_TUNABLES=') LD_BIND_NOW=1 \
			UNEXEC_TOOL=/build/unexec /build/tests/matrix/program /lines /dumps/program
	else
		at_prompt "$2" inside "$1" /build/unexec run -q --cpu=baseline \
			-o "/dumps/$2" --
	fi < /dev/null > "$work/dump.log" 2>&1 && return
	missing "dump of $2 in $1: $(tail -n 1 "$work/dump.log")"
}

make_dumps()
{
	rm -rf "$cache/$1/dumps"
	mkdir "$cache/$1/dumps"
	for program in $programs
	do
		make_dump "$1" "$program"
	done
}

# fill DIRECTORY: makes the files that the dumps need: the one that program.c has open, and inputs.
fill()
{
	printf 'first\nsecond\n' > "$1/lines"
	for program in $programs
	do
		words "$program" > "$1/words.$program"
	done
}

# ---- Tables ------------------------------------------------------------------------------

row()
{
	printf '%-20s' "$1"
	shift
	printf ' %-14s' "$@"
	echo
}

# Prints an outcome's first word for the table; failures are printed in full below it.
cell()
{
	case $1 in
	runs | refused* | missing | -) echo "${1%%:*}" ;;
	*)
		echo FAILS
		echo "$2: $1" >> "$work/failures"
		;;
	esac
}

begin_table()
{
	echo
	echo "$1"
	shift
	row 'made under' "$@"
	: > "$work/failures"
}

end_table()
{
	cat "$work/failures"
}

# start SYSTEM PROGRAM: prints the outcome of /dump there, in the format of init.c.
start_in_system()
{
	for _ in 1 2 3
	do
		said=$(inside "$1" timeout 60 env UNEXEC_CPU=any /dump \
			< "$cache/$1/words.$2" 2>&1)
		status=$?
		case "$status$said" in
		0*42*) ;;
		*)
			echo "status $status: $(echo "$said" | tail -n 1)"
			return
			;;
		esac
	done
	echo runs
}

table_libcs()
{
	# shellcheck disable=SC2086 # a list
	begin_table "Dumps started on the libcs of other systems, this kernel ($(uname -r))" \
		$systems
	for from in $systems
	do
		for program in $programs
		do
			set --
			for on in $systems
			do
				outcome=missing
				if [ -e "$cache/$from/dumps/$program" ]
				then
					cp "$cache/$from/dumps/$program" "$cache/$on/dump"
					outcome=$(start_in_system "$on" "$program")
				fi
				set -- "$@" "$(cell "$outcome" "$from $program on $on")"
			done
			row "$from $program" "$@"
		done
	done
	end_table
}

# Machines as name:CPU:words for the kernel. The CPU max has 5-level paging.
variants='plain:qemu64: norandmaps:qemu64:norandmaps la57:max: no5lvl:max:no5lvl'

# boot_all KERNEL VARIANT: makes a console file with the outcomes of all dumps.
boot_all()
{
	rm -rf "$work/root"
	make_root "$work/root"
	fill "$work/root"
	for from in $systems
	do
		for program in $programs
		do
			[ -e "$cache/$from/dumps/$program" ] || continue
			cp "$cache/$from/dumps/$program" "$work/root/$from.$program"
			job "$work/root" "$from.$program" $times "/words.$program" \
				UNEXEC_CPU=any "/$from.$program"
		done
	done
	cpu=${2#*:}
	boot "$work/root" "$cache/$1.vmlinuz" "${cpu%%:*}" 1500 900 "${cpu#*:}" \
		"$work/console.$1.${2%%:*}"
}

table_kernels()
{
	for on in $systems
	do
		[ -e "$cache/$on.vmlinuz" ] || continue
		set --
		for variant in $variants
		do
			boot_all "$on" "$variant"
			set -- "$@" "${variant%%:*}"
		done
		begin_table "Dumps as the only programs of a machine, kernel of $on" "$@"
		for variant
		do
			echo "$variant: $(machine "$work/console.$on.$variant")" \
				>> "$work/failures"
		done
		for from in $systems
		do
			for program in $programs
			do
				row_of_kernel "$from" "$program" "$@"
			done
		done
		end_table
	done
}

# row_of_kernel FROM PROGRAM VARIANT…: prints a row of outcomes on kernel $on.
row_of_kernel()
{
	from=$1 program=$2
	shift 2
	cells=''
	for variant
	do
		outcome=missing
		[ ! -e "$cache/$from/dumps/$program" ] ||
			outcome=$(outcome "$from.$program" "$work/console.$on.$variant")
		cells="$cells $(cell "$outcome" "$from $program on $on, $variant")"
	done
	# shellcheck disable=SC2086 # a list
	row "$from $program" $cells
}

# ---- Dumps made on other kernels -------------------------------------------------------------

# A dump is made by the library, by unexec run, or by unexec dump; each script starts it, too.
ways='library run pid'

script()
{
	case $1 in
	library) echo 'UNEXEC_TOOL=/build/unexec $program /lines /dump' ;;
	run) echo 'at_prompt $program /build/unexec run -q -o /dump -- < /dev/null' ;;
	pid)
		echo 'sleep 1000 | at_prompt $program exec & sleep 5'
		echo 'pid=$(grep -lx "$name" /proc/[0-9]*/comm | tr -dc 0-9)'
		echo '/build/unexec dump -q -o /dump $pid; kill -9 $pid'
		;;
	esac
	echo '[ -x /dump ] && exec /dump'
}

# copy_system SYSTEM: copies it into the machine, without its tools for building and packaging.
copy_system()
{
	make_root "$work/root"
	tar -C "$cache/$1" --exclude=./proc/\* --exclude=./dev/\* --exclude=./var --exclude=./kernel \
		--exclude=./dumps --exclude=./boot --exclude=./usr/include --exclude=\*.a \
		--exclude=\*.o --exclude=./usr/share/doc --exclude=./usr/share/man \
		--exclude=./usr/share/locale --exclude=./usr/share/i18n --exclude=./usr/lib/gcc\* \
		--exclude=./usr/lib/git-core --exclude=./usr/libexec/gcc \
		--exclude=./usr/bin/\*-linux-gnu-\* --exclude=./usr/lib/x86_64-linux-gnu/libasan\* \
		--exclude=./usr/lib/x86_64-linux-gnu/lib\[tlu\]\*san\* -cf - . | tar -C "$work/root" -xf -
	cp "$here/boot.sh" "$work/root"
	mkdir -p "$work/root/var/tmp"
}

table_inside()
{
	for on in $systems
	do
		[ -e "$cache/$on/build/built" ] && [ -e "$cache/$on.vmlinuz" ] || continue
		rm -rf "$work/root"
		copy_system "$on"
		for program in $programs
		do
			for way in $ways
			do
				inside_job "$program" "$way"
			done
		done
		boot "$work/root" "$cache/$on.vmlinuz" max 2000 1800 '' \
			"$work/console.$on"
	done
	# shellcheck disable=SC2086 # a list
	begin_table "Dumps made on a machine with the kernel of that system, and started there" $ways
	for on in $systems
	do
		[ -e "$work/console.$on" ] || continue
		echo "$on: $(machine "$work/console.$on")" >> "$work/failures"
		for program in $programs
		do
			set --
			for way in $ways
			do
				set -- "$@" "$(cell "$(inside_outcome)" \
					"$program by $way on $on")"
			done
			row "$on $program" "$@"
		done
	done
	end_table
}

# Only program.c dumps itself.
inside_outcome()
{
	case $way.$program in
	*.program | run.* | pid.*) outcome "$program.$way" "$work/console.$on" ;;
	*) echo - ;;
	esac
}

inside_job()
{
	[ "$2" != library ] || [ "$1" = program ] || return
	command=$1
	[ "$1" != program ] || command=/build/tests/matrix/program
	{
		echo ". /boot.sh; rm -f /dump; name=$1 program=$command"
		script "$2"
	} > "$work/root/$1.$2"
	job "$work/root" "$1.$2" 1 "/words.$1" /bin/sh "/$1.$2"
}

# ---- The tests on other kernels ---------------------------------------------------------------

# The programs among the tests that need nothing but the library and the tool.
test_programs()
{
	inside "$1" sh -c 'cd /build && make -pn check' 2> /dev/null |
		sed -n 's/^roundtrip\(_cxx\)\?_tests = //p'
}

# KERNELS: the kernels to use (default: each system's own). TESTS: the tests to run (default: all).
table_tests()
{
	echo
	echo "Tests on a machine"
	row 'made under' kernel 'dumped by' passed skipped failed
	for on in $systems
	do
		[ -e "$cache/$on/build/built" ] || continue
		inside "$on" make -C /build -k -j2 check TESTS= > "$cache/$on.check.log" 2>&1
		for kernel in ${KERNELS-$on}
		do
			[ -e "$cache/$kernel.vmlinuz" ] || continue
			run_tests "$on" "$kernel"
		done
	done
}

# run_tests SYSTEM KERNEL: runs them with dumps made by the library, and made from outside.
run_tests()
{
	rm -rf "$work/root"
	copy_system "$1"
	cat > "$work/root/test" <<-'END'
		export top_srcdir=/build top_builddir=/build UNEXEC_TOOL=/build/unexec
		cd /build && "$1"
		case $? in
		0) echo 42 ;;
		77) echo skipped && exit 77 ;;
		*) exit 1 ;;
		esac
	END
	for test in ${TESTS-$(test_programs "$1")}
	do
		[ -x "$cache/$1/build/$test" ] || echo "$1: $test was not built"
		for way in library:IGNORED pid:UNEXEC_TEST_BY_PID
		do
			# Not all can be dumped from outside.
			[ "${way%:*}" = library ] ||
				grep -qw "${test##*/}" "$here/../outside/roundtrip.sh" || continue
			job "$work/root" "${test#tests/}.${way%:*}" 1 /dev/null "${way#*:}=1" \
				/bin/sh /test "$test"
		done
	done
	console=$work/console.$1.$2.tests
	boot "$work/root" "$cache/$2.vmlinuz" max 2500 7200 '' "$console"
	for way in library pid
	do
		row "$1" "$2" $way "$(grep -c "[.]$way: runs$" "$console")" \
			"$(grep -c "[.]$way: FAILS.*status 0x4d00: skipped$" "$console")" \
			"$(grep "[.]$way: FAILS" "$console" |
				grep -vc 'status 0x4d00: skipped$')"
	done
	sed -n "/status 0x4d00/d;s/^\(.*: FAILS\)/$1 on $2: \1/p" "$console"
	grep -q '^all done' "$console" || echo "$1 on $2: the machine stopped"
}

# ---- All of it --------------------------------------------------------------------------------

[ $# -gt 0 ] || set -- libcs kernels inside tests
tables=$*
get_sources || exit 99
for system in $systems
do
	get_system "$system" && get_kernel "$system"
	[ ! -d "$cache/$system" ] || fill "$cache/$system"
	[ ! -e "$cache/$system/complete" ] || { build_system "$system" && make_dumps "$system"; }
done
for table in $tables
do
	"table_$table"
done
