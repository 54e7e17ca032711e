/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * getrandom and arc4random return different bytes in two starts of a dump, even if they were
 * called before the dump.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

struct numbers {
	unsigned char system[16];
	uint32_t libc[4];
	unsigned char kernel[16];
};

typedef uint32_t (*arc4random_function)(void);
typedef ssize_t (*getrandom_function)(void *, size_t, unsigned int);

static void draw(struct numbers *numbers)
{
	arc4random_function arc4random_ =
		(arc4random_function)dlsym(RTLD_DEFAULT, "arc4random");
	getrandom_function kept = (getrandom_function)dlsym(RTLD_DEFAULT, "getrandom");

	memset(numbers, 0, sizeof(*numbers));
	CHECK(getrandom(numbers->system, 16, 0) == 16);
	CHECK(kept(numbers->kernel, 16, 0) == 16);
	for (int i = 0; arc4random_ && i < 4; i++)
		numbers->libc[i] = arc4random_();
}

static void check_different(const struct numbers *a, const struct numbers *b)
{
	CHECK(memcmp(a->system, b->system, 16) != 0);
	CHECK(memcmp(a->kernel, b->kernel, 16) != 0);
	if (dlsym(RTLD_DEFAULT, "arc4random"))
		CHECK(memcmp(a->libc, b->libc, 16) != 0);
}

int main(void)
{
	struct numbers numbers;
	char *dump, *out, *first, *second;

	roundtrip_begin();
	dump = roundtrip_path("dump");
	out = roundtrip_path("out");
	draw(&numbers);
	if (roundtrip_dump(dump, NULL) == UNEXEC_RESUMED) {
		for (int i = 0; i < 100; i++)
			draw(&numbers);
		CHECK(write(1, &numbers, sizeof(numbers)) == sizeof(numbers));
		return 0;
	}
	CHECK(freopen(out, "w", stdout));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
	first = roundtrip_read(out);
	CHECK(freopen(out, "w", stdout));
	CHECK_EQUAL(roundtrip_run(dump, &(struct roundtrip){ 0 }), 0);
	second = roundtrip_read(out);
	check_different((void *)first, (void *)second);
	check_different((void *)first, &numbers);
	_exit(0);
}
