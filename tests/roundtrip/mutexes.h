/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mutexes of each type and protocol.
 */
#ifndef TESTS_MUTEXES_H
#define TESTS_MUTEXES_H

#include <pthread.h>

#include "../lib/roundtrip.h"

enum mutex_kind { NORMAL, RECURSIVE, ERRORCHECK, ROBUST, INHERIT, INHERIT_ROBUST, MUTEX_KINDS };

static inline void mutex_make(pthread_mutex_t *mutex, int kind)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	if (kind == RECURSIVE)
		pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	if (kind == ERRORCHECK)
		pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	if (kind == ROBUST || kind == INHERIT_ROBUST)
		pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	if (kind == INHERIT || kind == INHERIT_ROBUST)
		pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	CHECK(!pthread_mutex_init(mutex, &attributes));
	pthread_mutexattr_destroy(&attributes);
}

#endif
