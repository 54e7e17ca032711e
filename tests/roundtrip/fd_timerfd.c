/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A timerfd expires after its remaining time, an interval continues, unread expirations can be
 * read, and a time of day is kept.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../lib/roundtrip.h"

static int make(clockid_t clock, int flags, long value_ms, long interval_ms)
{
	struct itimerspec time = { { interval_ms / 1000, interval_ms % 1000 * 1000000 },
				   { value_ms / 1000, value_ms % 1000 * 1000000 } };
	int fd = timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK);

	CHECK(fd > 2);
	CHECK(!timerfd_settime(fd, flags, &time, NULL));
	return fd;
}

static long left_ms(int fd)
{
	struct itimerspec left;

	CHECK(!timerfd_gettime(fd, &left));
	return left.it_value.tv_sec * 1000 + left.it_value.tv_nsec / 1000000;
}

static long ticks(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count)) {
		CHECK_EQUAL(errno, EAGAIN);
		return 0;
	}
	return (long)count;
}

static void pass(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

int main(void)
{
	int once, interval, expired, stopped, day, far;
	struct timespec now;

	roundtrip_begin();
	clock_gettime(CLOCK_REALTIME, &now);
	once = make(CLOCK_MONOTONIC, 0, 300, 0);
	interval = make(CLOCK_BOOTTIME, 0, 100000, 20);
	expired = make(CLOCK_MONOTONIC, 0, 1, 0);
	stopped = make(CLOCK_MONOTONIC, 0, 0, 0);
	day = make(CLOCK_REALTIME, TFD_TIMER_ABSTIME, (now.tv_sec + 1000) * 1000, 0);
	far = make(CLOCK_MONOTONIC, 0, 500000, 0);
	pass(1100);
	CHECK_EQUAL(ticks(once), 1);
	CHECK(!timerfd_settime(once, 0, &(struct itimerspec){ { 0, 0 }, { 0, 300000000 } },
			       NULL));
	roundtrip_cut();
	CHECK_EQUAL(ticks(expired), 1);
	CHECK_EQUAL(ticks(expired), 0);
	CHECK(left_ms(far) <= 499000 && left_ms(far) > 400000);
	CHECK(left_ms(day) <= 999000 && left_ms(day) > 900000);
	CHECK(left_ms(interval) <= 99000 && left_ms(interval) > 0);
	CHECK_EQUAL(left_ms(stopped), 0);
	pass(400);
	CHECK_EQUAL(ticks(once), 1);
	CHECK_EQUAL(ticks(stopped), 0);
	CHECK(!timerfd_settime(interval, 0, &(struct itimerspec){ { 0, 20000000 }, { 0, 1 } },
			       NULL));
	return 0;
}
