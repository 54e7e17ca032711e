/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of a UNIX-domain socket, which the kernel reports to everybody by sock_diag(7).
 */
#ifndef DESCRIPTORS_UNIX_DIAG_H
#define DESCRIPTORS_UNIX_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unix_diag {
	int type;          /* SOCK_STREAM, … */
	bool connected;    /* it has, or had, a peer */
	uint32_t peer;     /* the peer's inode; 0: the peer is closed */
	unsigned shutdown; /* bits: 1 receiving, 2 sending */
	uint32_t backlog;  /* of a listening socket */
	uint32_t file;     /* the inode number of its file; 0: it has none */
};

/* 0; -1 if the kernel does not report it. */
int unix_diag_ask(uint32_t inode, struct unix_diag *ret);

/* The inodes of the clients in the queue of a listening socket, in the order of the queue; 0 for a
 * client that is closed. The caller frees the list. */
uint32_t *unix_diag_pending(uint32_t inode, size_t *ret_count);

#endif
