/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A long computation in much memory with several threads. The result shows if any step was lost
 * or done twice. Arguments: megabytes, rounds, a file that it makes when it is on its way.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4

static uint64_t *words, count, rounds;
static uint64_t sums[THREADS];
static pthread_barrier_t barrier;
static const char *on_the_way;

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

static void *work(void *argument)
{
	uint64_t index = (uint64_t)(uintptr_t)argument, share = count / THREADS;
	uint64_t first = index * share, sum = 0;

	for (uint64_t round = 0; round < rounds; round++) {
		for (uint64_t i = first; i < first + share; i++)
			sum += words[i] = mix(words[i] + round + i);
		pthread_barrier_wait(&barrier);
		if (index == 0 && round == rounds / 4)
			fclose(fopen(on_the_way, "w"));
	}
	sums[index] = sum;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	uint64_t sum = 0;

	if (argc != 4)
		return 2;
	count = strtoull(argv[1], NULL, 10) << 17;
	rounds = strtoull(argv[2], NULL, 10);
	on_the_way = argv[3];
	words = calloc(count, sizeof(*words));
	if (!words || pthread_barrier_init(&barrier, NULL, THREADS))
		return 1;
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 1;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum = mix(sum + sums[i]);
	}
	printf("%016llx\n", (unsigned long long)sum);
	return 0;
}
