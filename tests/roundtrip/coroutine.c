/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dump can be made on a stack of the program's own (a coroutine's), and continues there and
 * on the others.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define SIZE 65536

static ucontext_t in_main, first, second;
static int steps;

static void coroutine(void)
{
	char text[100];

	strcpy(text, "on the small stack");
	steps++;
	swapcontext(&first, &second);
	roundtrip_cut();
	CHECK_STRING(text, "on the small stack");
	CHECK_EQUAL(steps, 2);
	swapcontext(&first, &second);
	steps++;
}

static void other(void)
{
	steps++;
	swapcontext(&second, &first);
	CHECK_EQUAL(unexec_generation(), 1);
	steps++;
	setcontext(&first);
}

static void make(ucontext_t *context, void (*function)(void), void *stack)
{
	CHECK(!getcontext(context));
	context->uc_stack.ss_sp = stack;
	context->uc_stack.ss_size = SIZE;
	context->uc_link = &in_main;
	makecontext(context, function, 0);
}

int main(void)
{
	void *mapped;

	roundtrip_begin();
	mapped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	make(&first, coroutine, malloc(SIZE));
	make(&second, other, mapped);
	CHECK(!swapcontext(&in_main, &first));
	CHECK_EQUAL(unexec_generation(), 1);
	CHECK_EQUAL(steps, 4);
	return 0;
}
