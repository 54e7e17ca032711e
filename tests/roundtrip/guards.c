/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each start of a dump draws new AT_RANDOM bytes, in two generations. Stack canary and pointer
 * guard stay if they have copies that cannot be recognised. Code that uses them works:
 * frames that are live across the cut (in a signal handler, other threads, a coroutine on the
 * heap), jmp_bufs, exit handlers, streams of fopencookie(), iconv, modules.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <iconv.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <ucontext.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define DEPTH 40
#define THREADS 3
/* The original, two starts, and in each of them two starts of a second generation. */
#define STARTS (1 + 2 + 2 * 2)

/* ---- Random values ----------------------------------------------------------------------- */

struct secrets {
	uint64_t canary, pointer, random[2];
};

/* x86-64 */
static uint64_t of_thread(size_t offset)
{
	uint64_t word;

	__asm__ volatile("mov %%fs:(%1), %0" : "=r"(word) : "r"(offset));
	return word;
}

static uint64_t canary_of_thread(void)
{
	return of_thread(0x28);
}

static uint64_t pointer_guard_of_thread(void)
{
	return of_thread(0x30);
}

static struct secrets read_secrets(void)
{
	struct secrets secrets = {
		.canary = canary_of_thread(),
		.pointer = pointer_guard_of_thread(),
	};

	memcpy(secrets.random, (const void *)getauxval(AT_RANDOM), sizeof(secrets.random));
	return secrets;
}

static struct secrets in_threads[THREADS];

static void write_secrets(void)
{
	struct secrets secrets = read_secrets();
	int fd = open(roundtrip_path("secrets"), O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(write(fd, &secrets, sizeof(secrets)) == sizeof(secrets));
	close(fd);
}

static void check_secrets(void)
{
	struct secrets all[STARTS + 1];
	int fd = open(roundtrip_path("secrets"), O_RDONLY);

	CHECK_EQUAL(read(fd, all, sizeof(all)), STARTS * sizeof(*all));
	for (int i = 0; i < STARTS; i++) {
		for (int j = 0; j < i; j++) {
			CHECK(all[i].canary == all[j].canary);
			CHECK(all[i].pointer == all[j].pointer);
			CHECK(all[i].random[0] != all[j].random[0]);
			CHECK(all[i].random[1] != all[j].random[1]);
		}
	}
	close(fd);
}

/* ---- Frames ------------------------------------------------------------------------------ */

/* The compiler's flag gives all functions in this file a canary. */
__attribute__((noinline)) static int deep(int depth, void (*at_bottom)(void))
{
	volatile char buffer[32];

	memset((char *)buffer, depth, sizeof(buffer));
	if (depth == 0)
		at_bottom();
	else
		deep(depth - 1, at_bottom);
	CHECK(buffer[0] == (char)depth && buffer[31] == (char)depth);
	return depth;
}

static struct {
	pthread_t id;
	sem_t begun, go_on;
} threads[THREADS];

static __thread int thread;

static void wait_in_thread(void)
{
	sem_post(&threads[thread].begun);
	while (sem_wait(&threads[thread].go_on))
		;
	in_threads[thread] = read_secrets();
}

static void *in_thread(void *argument)
{
	thread = (int)(intptr_t)argument;
	for (;;)
		deep(DEPTH, wait_in_thread);
	return NULL;
}

static void start_threads(void)
{
	for (int i = 0; i < THREADS; i++) {
		CHECK(!sem_init(&threads[i].begun, 0, 0) && !sem_init(&threads[i].go_on, 0, 0));
		CHECK(!pthread_create(&threads[i].id, NULL, in_thread, (void *)(intptr_t)i));
		CHECK(!sem_wait(&threads[i].begun));
	}
}

static void *in_new_thread(void *argument)
{
	*(struct secrets *)argument = read_secrets();
	return NULL;
}

static void check_threads(void)
{
	struct secrets ours = read_secrets(), of_new;
	pthread_t id;

	for (int i = 0; i < THREADS; i++) {
		sem_post(&threads[i].go_on);
		CHECK(!sem_wait(&threads[i].begun));
		CHECK(!memcmp(&in_threads[i], &ours, sizeof(ours)));
	}
	CHECK(!pthread_create(&id, NULL, in_new_thread, &of_new) && !pthread_join(id, NULL));
	CHECK(!memcmp(&of_new, &ours, sizeof(ours)));
}

static ucontext_t coroutine, caller;

static void leave_coroutine(void)
{
	CHECK(!swapcontext(&coroutine, &caller));
}

static void in_coroutine(void)
{
	for (;;)
		deep(DEPTH, leave_coroutine);
}

static void start_coroutine(void)
{
	CHECK(!getcontext(&coroutine));
	coroutine.uc_stack.ss_size = 65536;
	coroutine.uc_stack.ss_sp = malloc(65536);
	makecontext(&coroutine, in_coroutine, 0);
	CHECK(!swapcontext(&caller, &coroutine));
}

/* ---- Mangled pointers --------------------------------------------------------------------- */

static jmp_buf plain;
static sigjmp_buf *on_heap;
static volatile int jumped;

static void jump(void)
{
	longjmp(plain, 1);
}

static void jump_on_heap(void)
{
	siglongjmp(*on_heap, 2);
}

static FILE *cookie, *no_functions;
static char written[16];
static iconv_t converter;
static void *module;

static ssize_t write_cookie(void *unused, const char *buffer, size_t size)
{
	(void)unused;
	CHECK(size < sizeof(written));
	memcpy(written, buffer, size);
	return (ssize_t)size;
}

static void open_streams(void)
{
	const cookie_io_functions_t functions = { .write = write_cookie }, none = { 0 };
	char *path = roundtrip_built("tests/lib/.libs/module_one.so");

	CHECK((cookie = fopencookie(NULL, "w", functions)));
	CHECK((no_functions = fopencookie(NULL, "r+", none)));
	CHECK((converter = iconv_open("UTF-16LE", "ISO-8859-15")) != (iconv_t)-1);
	CHECK((module = dlopen(path, RTLD_NOW)));
}

static void check_streams(void)
{
	char in[] = "\xa4", out[4], *from = in, *to = out;
	size_t in_left = 1, out_left = sizeof(out);
	int (*next)(void) = (int (*)(void))dlsym(module, "module_next");

	memset(written, 0, sizeof(written));
	CHECK(fputs("cookie", cookie) >= 0 && !fflush(cookie));
	CHECK_STRING(written, "cookie");
	CHECK(fgetc(no_functions) == EOF);
	CHECK(iconv(converter, &from, &in_left, &to, &out_left) == 0);
	CHECK(out[0] == (char)0xac && out[1] == 0x20);
	CHECK(next && next() > 0);
	CHECK(!dlopen("/no/such/module.so", RTLD_NOW) && dlerror());
}

static void close_streams(void)
{
	CHECK(!fclose(cookie) && !fclose(no_functions) && !iconv_close(converter));
	CHECK(!dlclose(module));
}

/* ---- The end ------------------------------------------------------------------------------ */

extern int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *library);
extern void *__dso_handle;

static int ended;

static void at_end(void)
{
	ended |= 1;
}

static void at_end_of_thread(void *argument)
{
	ended |= *(int *)argument;
}

/* It is registered first and so called last. */
static void at_very_end(int status, void *all)
{
	if (status || ended != *(int *)all)
		_exit(3);
}

static void register_ends(void)
{
	static int all = 3, two = 2;

	CHECK(!on_exit(at_very_end, &all));
	CHECK(!atexit(at_end));
	CHECK(!__cxa_thread_atexit_impl(at_end_of_thread, &two, &__dso_handle));
}

/* ---- The cuts ------------------------------------------------------------------------------ */

static int generation;

/* Returns in the second generation's processes, and in the others after two successful starts
 * of their dump. */
static void on_signal(int number)
{
	(void)number;
	write_secrets();
	while (generation < 2) {
		char *dump = roundtrip_path(generation ? "two" : "one");

		if (roundtrip_dump(dump, NULL) == UNEXEC_DUMPED) {
			CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
			CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
			return;
		}
		generation++;
		write_secrets();
	}
}

static void send_signal(void)
{
	CHECK(!raise(SIGUSR1));
}

/* The jumps lead into frames that are live across the cut. */
__attribute__((noinline)) static void go_through_cut(void)
{
	volatile int done = 0;

	if (setjmp(plain) == 0) {
		if (sigsetjmp(*on_heap, 1) == 0) {
			deep(DEPTH, send_signal);
			deep(DEPTH, jump_on_heap);
		}
		done = 1;
		deep(DEPTH, jump);
	}
	CHECK(done);
	jumped++;
}

int main(void)
{
	roundtrip_begin();
	on_heap = malloc(sizeof(*on_heap));
	register_ends();
	start_threads();
	start_coroutine();
	open_streams();
	CHECK(signal(SIGUSR1, on_signal) != SIG_ERR);
	go_through_cut();
	CHECK_EQUAL(jumped, 1);
	check_threads();
	CHECK(!swapcontext(&caller, &coroutine));
	check_streams();
	close_streams();
	if (generation == 0)
		check_secrets();
	return 0;
}
