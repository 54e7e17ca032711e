# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced: runs virtual machines (qemu) whose only file system is a directory, and has the input
# of the programs that are dumped for them. Needs qemu-system-x86 and cpio; no privileges.
# $init: tests/matrix/init. Set ACCELERATOR=kvm if that works (default: tcg).

: "${ACCELERATOR:=tcg}"

# Prints the lines with which each program prints 42.
words()
{
	case $1 in
	lua*) echo 'print(("x"):rep(42):len()); os.exit(0)' ;;
	python*) echo 'print(len(hashlib.sha256(b"x" * 4096).hexdigest()[:42]))' ;;
	perl) echo 'print length("x" x 42);' ;;
	*) echo 'echo $((6 * 7))' ;;
	esac
}

# at_prompt PROGRAM COMMAND…: runs COMMAND with the words that start PROGRAM so that it waits for
# input.
at_prompt()
{
	program=$1
	shift
	case $program in
	perl) "$@" "$program" -e 'while (<STDIN>) { eval $_ }' ;;
	python*) "$@" "$program" -i -c 'import hashlib, math, re, ssl; hashlib.sha256(b"y")' ;;
	*/program) "$@" "$program" /lines ;;
	*) "$@" "$program" -i ;;
	esac
}

# make_root DIRECTORY: makes the files that a machine needs to start.
make_root()
{
	mkdir -p "$1/dev" || return
	cp "$init" "$1/init" || return
	: > "$1/jobs"
}

# job DIRECTORY NAME TIMES INPUT COMMAND…: see init.c.
job()
{
	root=$1
	shift
	echo "$*" >> "$root/jobs"
}

# boot DIRECTORY KERNEL CPU MEGABYTES SECONDS WORDS CONSOLE: the machine's console output goes to
# the file CONSOLE. Retries if the machine does not reach init.c. This is a bug of qemu 7.2: its
# emulated cmpxchg16b sometimes sets wrong flags.
boot()
{
	(cd "$1" && find . | cpio -o -H newc --quiet) > "$1.initrd" || return
	for _ in 1 2 3
	do
		timeout --foreground -k 5 "$5" qemu-system-x86_64 -accel "$ACCELERATOR" -cpu "$3" -m "$4" \
			-smp 2 -nographic -no-reboot -kernel "$2" -initrd "$1.initrd" -net none \
			-append "console=ttyS0 quiet panic=-1 loglevel=1 $6" < /dev/null 2>&1 |
			tr -d '\r' > "$7"
		! grep -q '^machine: ' "$7" || break
	done
	rm -f "$1.initrd"
}

# machine CONSOLE: prints the machine's description of itself.
machine()
{
	sed -n 's/^machine: //p' "$1"
}

# outcome NAME CONSOLE: prints the outcome of a job.
outcome()
{
	said=$(sed -n "s/^$1: //p" "$2" | head -n 1)
	case $said in
	runs) echo runs ;;
	*': error: this CPU lacks'*)
		echo "$said" | sed 's/.*this CPU lacks \(.*\), which the dump.*/refused: \1/' ;;
	'') echo "FAILS: the machine stopped: $(tail -n 1 "$2")" ;;
	*) echo "$said" ;;
	esac
}
