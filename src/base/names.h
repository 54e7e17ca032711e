/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers and names that the headers or the libc of a system may lack although its kernel has
 * the feature.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <sys/syscall.h>

/* System calls that were added since Linux 5.1 have the same number on all our machines. */
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438 /* since 5.6 */
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441 /* since 5.11 */
#endif

/* The signal's name without "SIG"; NULL if it has none. */
const char *signal_name(int number);

/* The number of the system call on this machine; -1 if it has none of that name. */
long syscall_number(const char *name);

#endif
