/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options of sockets.
 */
#ifndef DESCRIPTORS_SOCKET_OPTIONS_H
#define DESCRIPTORS_SOCKET_OPTIONS_H

#include "descriptors/descriptors.h"

/* Adds the options that differ from those of a new socket of the kind. */
void socket_options_add(struct descriptors *all, const struct descriptor *descriptor,
			int domain, int type, int protocol);

/* socket_groups.c: adds the multicast groups that it is a member of. */
void socket_groups_add(struct descriptors *all, const struct descriptor *descriptor);

/* Is an eBPF program attached, which cannot be read? */
bool socket_options_has_program(int fd);

#endif
