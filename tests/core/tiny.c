/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program of tiny.core: it changes its data, makes the kernel write a core, and continues
 * in a dump of the core. It has no libc and takes one page of its file, so that the core has
 * all of it. Made on Linux 6.18 by
 *
 *   gcc -Os -nostdlib -static -ffreestanding -fno-stack-protector \
 *       -fno-asynchronous-unwind-tables -Wl,-N,--build-id=sha1 -o root/tiny tiny.c
 *   strip root/tiny
 *   ulimit -c unlimited; ulimit -s 16; env -i chroot root /tiny
 */
static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static char text[] = "text of before\n";

void _start(void);
void _start(void)
{
	text[0] = 'T';
	call(62 /* kill */, call(39 /* getpid */, 0, 0, 0), 6 /* SIGABRT */, 0);
	call(1 /* write */, 1, (long)text, 15);
	call(60 /* exit */, 7, 0, 0);
}
