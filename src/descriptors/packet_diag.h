/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a packet socket has that its options do not show, which the kernel reports by
 * sock_diag(7).
 */
#ifndef DESCRIPTORS_PACKET_DIAG_H
#define DESCRIPTORS_PACKET_DIAG_H

#include <linux/packet_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_diag {
	bool has_ring, has_fanout;
	struct packet_diag_mclist *memberships; /* the caller frees it */
	size_t count;
};

/* 0; -1 if the kernel does not report it. */
int packet_diag_ask(uint32_t inode, struct packet_diag *ret);

#endif
