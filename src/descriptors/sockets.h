/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of capturing a socket: its options, groups, addresses, content, other end.
 */
#ifndef DESCRIPTORS_SOCKETS_H
#define DESCRIPTORS_SOCKETS_H

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "descriptors/descriptors.h"
#include "descriptors/unix_diag.h"

/* The arguments of socket(), and the origin of the socket. */
struct socket_kind {
	int domain, type, protocol;
	bool has_content; /* a connection: its filter is not for what it has received before */
	bool is_accepted; /* from `listener`, with its options; NULL: from a new socket */
	const struct descriptor *listener;
};

/* ---- socket_options.c -------------------------------------------------------------------- */

/* Adds the options that differ from those of a new socket of the kind. */
void socket_options_add(struct descriptors *all, const struct descriptor *descriptor,
			const struct socket_kind *kind);

/* Is an eBPF program attached, which cannot be read? */
bool socket_options_has_program(int fd);

int socket_option(int fd, int level, int name, int otherwise);

/* ---- socket_groups.c --------------------------------------------------------------------- */

/* Adds the multicast groups that it is a member of. */
void socket_groups_add(struct descriptors *all, const struct descriptor *descriptor);

/* ---- socket_address.c -------------------------------------------------------------------- */

struct socket_address {
	socklen_t length;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un local; /* with a NUL at the end */
		struct sockaddr_nl netlink;
		struct sockaddr_ll packet;
		struct sockaddr_storage storage;
	};
};

/* Its own address, and that of the socket that it is connected to. False: it has none. */
bool socket_own_address(int fd, struct socket_address *ret);
bool socket_peer_address(int fd, struct socket_address *ret);

/* For messages: "127.0.0.1:80", "/run/s", "@name". The caller frees it. */
char *socket_address_text(const struct socket_address *address);

/* Adds an entry BIND or CONNECT. */
void socket_add_bind(struct descriptors *all, const struct descriptor *descriptor,
		     const struct socket_address *address, bool is_connected);
void socket_add_connect(struct descriptors *all, const struct descriptor *descriptor,
			const struct socket_address *address);

/* ---- socket_content.c -------------------------------------------------------------------- */

/* The number of descriptors in its queue. */
size_t socket_rights_in_queue(const struct descriptors *all, const struct descriptor *descriptor);

/* Reads the content of a UNIX-domain socket without taking it out. -1: it cannot be read. If
 * `take` is not NULL, it becomes the owner of each descriptor in a message, and returns the number
 * that stands for it, -1 for none. */
struct socket_reader {
	int (*take)(void *context, int fd);
	void *context;
};
int socket_peek(int fd, const struct unix_diag *diag, const struct socket_reader *reader,
		struct messages *messages);

/* Warns if empty messages in the queue of the receiver, a socket of that type, may be hidden.
 * `messages` are those that were found. */
void socket_warn_of_hidden(const struct descriptors *all, const struct descriptor *sender,
			   int type, const struct messages *messages);

/* ---- socket_find.c ----------------------------------------------------------------------- */

/* Is it a socket that the dump has, and the first descriptor of it? */
bool socket_is_inside(const struct descriptor *descriptor);

/* Does `name`, with any host if it has none, stand for the address? */
bool socket_same_address(const struct socket_address *name, const struct socket_address *other);

/* The listening socket of the process from which it may have been accepted; or NULL. */
struct descriptor *socket_find_listener(const struct descriptors *all,
					const struct descriptor *accepted);

/* The socket with that inode; NULL if it is not inside. */
struct descriptor *socket_find_inode(const struct descriptors *all, uint32_t inode);

/* Is it a socket of TCP, inside, and connected? Stores its peer. */
bool socket_has_peer(const struct descriptor *descriptor, struct socket_address *ret);

/* The other end of a connection of TCP. NULL if it is not inside. */
struct descriptor *socket_find_other_end(const struct descriptors *all, int fd);

/* ---- socket_pending.c -------------------------------------------------------------------- */

/* Adds the connections in the queue of a listening socket whose clients are inside. Returns the
 * number of others. */
size_t socket_add_pending_unix(struct descriptors *all, const struct descriptor *listener);
size_t socket_add_pending_tcp(struct descriptors *all, const struct descriptor *listener);

/* Is it a client in the queue of a listening socket that is inside? */
bool socket_is_pending_unix(const struct descriptors *all, const struct descriptor *client);
bool socket_is_pending_tcp(const struct descriptors *all, const struct descriptor *client);

/* Has the client sent data that nobody has received? */
bool socket_has_sent(const struct descriptor *client);

/* ---- socket_single.c --------------------------------------------------------------------- */

/* The events of poll(), with POLLRDHUP. */
short socket_events(int fd);

/* Adds the socket and its options. `name` is for messages of the start, or NULL. */
void socket_add_new(struct descriptors *all, const struct descriptor *descriptor,
		    const struct socket_kind *kind, const char *name);

/* Adds its address, too, and its peer if that is not NULL. */
void socket_add_single(struct descriptors *all, struct descriptor *descriptor,
		       const struct socket_kind *kind, const struct socket_address *peer);

/* ---- socket_connection.c ----------------------------------------------------------------- */

/* One end of a connection. */
struct socket_end {
	struct descriptor *descriptor; /* NULL: closed, or outside */
	struct unix_diag diag;         /* if it is a UNIX-domain socket */
	struct messages queue;         /* what it has received; `bytes` is the caller's */
	unsigned shutdown;             /* bits: 1 receiving, 2 sending */
};

/* Adds a connection through the listening socket; NULL: through one that the start makes and
 * closes. `kind` is that of the client. */
void socket_add_connection(struct descriptors *all, const struct socket_kind *kind,
			   const struct socket_end *client, const struct socket_end *accepted,
			   const struct descriptor *listener);

/* Adds what the end has sent and its peer has in its queue, and how it was shut down. */
void socket_add_content(struct descriptors *all, struct socket_end *end,
			const struct socket_end *peer);

/* ---- socket_unix.c ----------------------------------------------------------------------- */

/* Adds a UNIX-domain socket that is connected. */
const char *socket_add_connected_unix(struct descriptors *all, struct descriptor *descriptor,
				      const struct unix_diag *diag);

/* ---- socket_raw.c ------------------------------------------------------------------------ */

/* Netlink, packet and raw sockets. */
const char *socket_add_raw(struct descriptors *all, struct descriptor *descriptor,
			   const struct socket_kind *kind);

/* ---- socket_tcp.c ------------------------------------------------------------------------ */

const char *socket_add_tcp(struct descriptors *all, struct descriptor *descriptor,
			   const struct socket_kind *kind);

#endif
