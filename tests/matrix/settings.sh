#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Dumps are made and started under machine-wide settings, in a virtual machine of qemu's (TCG):
# no overcommit of memory, huge pages always, no randomization, no vDSO. Prints a table; run by
# hand:
#
#     tests/matrix/settings.sh BUILD-DIRECTORY KERNEL
#
# KERNEL: a vmlinuz with a serial console, such as that of Debian's linux-image-cloud-amd64.
# Needs qemu-system-x86, cpio and lua5.4.
set -u
build=$(cd "${1:?build directory}" && pwd) kernel=$(realpath "${2:?kernel}")
source=$(cd "${0%/*}" && pwd)
make -s -C "$build" tests/matrix/subject || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99

# with_libraries FILE…: copies files and their libraries to the same paths below root.
with_libraries()
{
	for file
	do
		for each in "$file" $(ldd "$file" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p')
		do
			[ -e "root$each" ] || cp -L --parents "$each" root
		done
	done
}

real=$build/tests/matrix/.libs/subject # libtool's, if it is not linked to the archive
[ -x "$real" ] || real=$build/tests/matrix/subject
mkdir -p root/dev root/proc root/sys
for program in sh cat mount lua5.4
do
	with_libraries "$(command -v $program)"
done
mkdir -p root/lib64 root/bin
[ -e root/bin/sh ] || ln -s "$(command -v sh)" root/bin/sh
cp "$real" root/subject
cp "$build/unexec" root/unexec
with_libraries "$real" "$build/unexec"
cp -L "$build/.libs/libunexec.so.0" root/lib64/
cp "$source/program.lua" root
mknod root/dev/console c 5 1
mknod root/dev/null c 1 3
cat > root/init << 'EOF'
#!/bin/sh
export PATH=/bin:/usr/bin:/sbin:/usr/sbin UNEXEC_TOOL=/unexec LD_LIBRARY_PATH=/lib64
mount -t proc proc /proc
mount -t sysfs sys /sys
echo "overcommit $(cat /proc/sys/vm/overcommit_memory)," \
	"huge pages $(cat /sys/kernel/mm/transparent_hugepage/enabled)," \
	"lowest address $(cat /proc/sys/vm/mmap_min_addr)"
{
	/subject /dump < /dev/null && /dump here && echo "subject: works"
	/unexec run -q -o /lua.dump -- lua5.4 /program.lua < /dev/null &&
		echo here | /lua.dump && echo "lua: works"
} 2>&1
echo o > /proc/sysrq-trigger
cat
EOF
chmod +x root/init
(cd root && find . | cpio -o -H newc --quiet | gzip -1) > initrd
# boot NAME PARAMETER…
boot()
{
	name=$1
	shift
	timeout -k 5 180 qemu-system-x86_64 -accel tcg -cpu max -m 768 -nographic \
		-no-reboot -kernel "$kernel" -initrd initrd -net none \
		-append "console=ttyS0 quiet panic=-1 loglevel=1 no_timer_check $*" < /dev/null 2>&1 |
		tr -d '\r' > console
	printf '%-32s %s\n' "$name" \
		"$(sed -n 's/: works$//p' console | tr '\n' ' ')"
	[ "$(grep -c ': works$' console)" = 2 ] || cat console
}

boot "as it is"
boot "no overcommitment" sysctl.vm.overcommit_memory=2 sysctl.vm.overcommit_ratio=90
boot "huge pages always" transparent_hugepage=always
boot "huge pages never" transparent_hugepage=never
boot "no randomization" norandmaps
boot "no vDSO" vdso=0
