/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The time zone follows the new process's TZ, and a later change of TZ takes effect.
 */
#define _GNU_SOURCE
#include <string.h>
#include <time.h>

#include "../lib/roundtrip.h"

static const time_t moment = 1700000000; /* 14 November 2023, 22:13:20 UTC */

static void check_hour(int hour, const char *zone)
{
	struct tm broken;

	CHECK(localtime_r(&moment, &broken)); /* need not look at TZ, unlike localtime */
	CHECK_EQUAL(broken.tm_hour, hour);
	CHECK_STRING(broken.tm_zone, zone);
	CHECK_EQUAL(localtime(&moment)->tm_hour, hour);
	CHECK_EQUAL(mktime(&broken), moment);
}

int main(void)
{
	static const char *const environment[] = { "TZ=NEW-3", "PATH=/usr/bin:/bin", NULL };
	/* Otherwise TZ, which the program sets, would stay. */
	const struct unexec_options options = { .size = sizeof(options),
						.environment = UNEXEC_ENVIRONMENT_NEW };

	roundtrip_begin();
	setenv("TZ", "OLD+2", 1);
	tzset();
	check_hour(20, "OLD");
	roundtrip_cut_with(&(struct roundtrip){ .options = &options,
						.environment = environment });
	check_hour(1, "NEW");
	CHECK_EQUAL(timezone, -3 * 3600);
	CHECK_STRING(tzname[0], "NEW");
	setenv("TZ", "UTC0", 1);
	tzset();
	check_hour(22, "UTC");
	return 0;
}
