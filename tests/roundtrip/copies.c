/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A start replaces stack canary, pointer guard, AT_RANDOM, TIDs and mangled pointers, but not
 * the copies that a program has made of them, nor jmp_bufs of functions that have returned: in
 * globals, heap, mappings, live frames of all threads. In two generations. The mixture is random;
 * UNEXEC_TEST_SEED chooses it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

#define WORDS 64   /* words of a place */
#define DEPTH 5    /* number of frames */
#define BLOCKS 20
#define THREADS 2
#define VALUES 24

/* ---- Values ------------------------------------------------------------------------------ */

static uint64_t values[VALUES]; /* complements, so that these are no copies */
static size_t value_count;

static void add_value(uint64_t value)
{
	CHECK(value_count < VALUES);
	values[value_count++] = ~value;
}

/* x86-64 */
static uint64_t of_thread(size_t offset)
{
	uint64_t word;

	__asm__ volatile("mov %%fs:(%1), %0" : "=r"(word) : "r"(offset));
	return word;
}

__attribute__((noinline)) static void add_jump(void)
{
	jmp_buf here;

	if (setjmp(here))
		_exit(1);
	for (size_t i = 0; i < 8; i++) {
		uint64_t word;

		memcpy(&word, (char *)here + i * sizeof(word), sizeof(word));
		add_value(word);
	}
}

static uint64_t mangle(uint64_t pointer)
{
	uint64_t word = pointer ^ of_thread(0x30);

	return word << 17 | word >> 47;
}

static void collect(void)
{
	const uint64_t *random = (const uint64_t *)getauxval(AT_RANDOM);

	value_count = 0;
	add_value(of_thread(0x28));
	add_value(of_thread(0x30));
	add_value(random[0]);
	add_value(random[1]);
	add_value(random[0] & ~UINT64_C(0xff));
	add_value(mangle((uint64_t)collect));
	add_value(mangle((uint64_t)memcpy));
	add_value(mangle(0));
	add_value((uint64_t)gettid());
	add_value((uint64_t)gettid() << 32 | (uint64_t)gettid());
	add_value((uint64_t)gettid() << 32 | 1);
	add_value(0);
	add_jump();
}

/* ---- Places ------------------------------------------------------------------------------ */

struct place {
	struct place *next;
	volatile uint64_t *words;
	uint64_t complements[WORDS];
};

static struct place *places;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void fill(volatile uint64_t *words)
{
	struct place *place = malloc(sizeof(*place));

	CHECK(place);
	CHECK(!pthread_mutex_lock(&lock));
	place->words = words;
	for (size_t i = 0; i < WORDS; i++) {
		place->complements[i] = values[(size_t)random() % value_count];
		words[i] = ~place->complements[i];
	}
	place->next = places;
	places = place;
	CHECK(!pthread_mutex_unlock(&lock));
}

static void check_all(void)
{
	for (const struct place *place = places; place; place = place->next)
		for (size_t i = 0; i < WORDS; i++)
			if (place->words[i] != ~place->complements[i])
				roundtrip_equal(__FILE__, __LINE__, "a word that was copied",
						(long long)place->words[i],
						(long long)~place->complements[i]);
}

/* Runs at_bottom with copies in frames that are live. */
__attribute__((noinline)) static int in_frames(int depth, void (*at_bottom)(void))
{
	volatile uint64_t words[WORDS];
	struct place *place;

	fill(words);
	if (depth)
		in_frames(depth - 1, at_bottom);
	else
		at_bottom();
	/* The words of this frame end with it. */
	for (place = places; place; place = place->next)
		if (place->words == words)
			place->words = memcpy(malloc(sizeof(words)), (const void *)words,
					      sizeof(words));
	return words[0] == words[1];
}

static sem_t begun, go_on;

static void wait_in_thread(void)
{
	sem_post(&begun);
	while (sem_wait(&go_on))
		;
}

static void *in_thread(void *unused)
{
	in_frames(DEPTH, wait_in_thread);
	return unused;
}

static void cut_twice(void)
{
	roundtrip_cut();
	check_all();
	roundtrip_cut();
	check_all();
}

static void fill_memory(void)
{
	static uint64_t globals[WORDS];
	static _Thread_local uint64_t locals[WORDS];

	fill(globals);
	fill(locals);
	for (int i = 0; i < BLOCKS; i++)
		fill(malloc(WORDS * sizeof(uint64_t)));
	fill(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	fill(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

/* Random copies are omitted, so that one run replaces the canary and another keeps it. */
int main(void)
{
	const char *seed = getenv("UNEXEC_TEST_SEED");
	pthread_t ids[THREADS];
	int threads;

	roundtrip_begin();
	srandom(seed ? (unsigned)atoi(seed) : 1);
	threads = (int)(random() % (THREADS + 1));
	collect();
	if (random() % 4)
		fill_memory();
	CHECK(!sem_init(&begun, 0, 0) && !sem_init(&go_on, 0, 0));
	for (int i = 0; i < threads; i++)
		CHECK(!pthread_create(&ids[i], NULL, in_thread, NULL) && !sem_wait(&begun));
	if (random() % 4)
		in_frames(DEPTH, cut_twice);
	else
		cut_twice();
	for (int i = 0; i < threads; i++)
		CHECK(!sem_post(&go_on));
	for (int i = 0; i < threads; i++)
		CHECK(!pthread_join(ids[i], NULL));
	check_all();
	return 0;
}
