/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The addresses of sockets.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "descriptors/sockets.h"

typedef int get_name(int fd, struct sockaddr *address, socklen_t *length);

/* The port of a raw socket is its protocol (net/ipv4/af_inet.c, inet_create). */
static bool is_internet_name(int fd, const struct socket_address *address)
{
	bool is_raw = socket_option(fd, SOL_SOCKET, SO_TYPE, -1) == SOCK_RAW;

	if (address->any.sa_family == AF_INET)
		return is_raw ? address->in.sin_addr.s_addr : address->in.sin_port;
	return is_raw ? !IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr)
		      : address->in6.sin6_port;
}

static bool read_address(get_name *get, int fd, struct socket_address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->length = sizeof(ret->storage) - 1;
	if (get(fd, &ret->any, &ret->length))
		return false;
	switch (ret->any.sa_family) {
	case AF_INET:
	case AF_INET6: return is_internet_name(fd, ret);
	case AF_NETLINK: return ret->netlink.nl_pid || ret->netlink.nl_groups;
	case AF_PACKET:
		ret->length = sizeof(ret->packet); /* bind() wants all of it */
		return ret->packet.sll_protocol != 0;
	}
	return ret->length > sizeof(sa_family_t);
}

bool socket_own_address(int fd, struct socket_address *ret)
{
	return read_address(getsockname, fd, ret);
}

bool socket_peer_address(int fd, struct socket_address *ret)
{
	return read_address(getpeername, fd, ret);
}

char *socket_address_text(const struct socket_address *address)
{
	char host[INET6_ADDRSTRLEN];

	switch (address->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &address->in.sin_addr, host, sizeof(host));
		return xasprintf("%s:%u", host, ntohs(address->in.sin_port));
	case AF_INET6:
		inet_ntop(AF_INET6, &address->in6.sin6_addr, host, sizeof(host));
		return xasprintf("[%s]:%u", host, ntohs(address->in6.sin6_port));
	case AF_NETLINK: return xasprintf("netlink port %u", address->netlink.nl_pid);
	case AF_PACKET: return xasprintf("interface %d", address->packet.sll_ifindex);
	}
	if (address->local.sun_path[0])
		return xstrdup(address->local.sun_path);
	return xasprintf("@%.*s", (int)(address->length - sizeof(sa_family_t)) - 1,
			 address->local.sun_path + 1);
}

/* The mode of the file that the socket is bound to; 0 if the file is gone, or unknown. */
static uint32_t mode_of_file(const struct descriptors *all, const struct descriptor *descriptor,
			     const char *path, bool *ret_gone)
{
	char *name = xasprintf("%s/%s", path[0] == '/' ? "root" : "cwd", path);
	struct unix_diag diag;
	struct stat file;
	bool known = !unix_diag_ask((uint32_t)descriptor->status.st_ino, &diag) && diag.file;
	bool found = known
		     && !fstatat(all->process->handoff.fds.proc, name, &file,
				 AT_SYMLINK_NOFOLLOW)
		     && S_ISSOCK(file.st_mode) && (uint32_t)file.st_ino == diag.file;

	free(name);
	/* The process may have left the directory to which another path is relative. */
	*ret_gone = known && !found && path[0] == '/';
	return found ? file.st_mode : 0;
}

/* Is it a port that the kernel chooses by itself? */
static bool is_chosen_port(const struct socket_address *address)
{
	unsigned first = 32768, last = 60999; /* the kernel's defaults */
	unsigned port = ntohs(address->any.sa_family == AF_INET6 ? address->in6.sin6_port
								 : address->in.sin_port);
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");

	if (file && fscanf(file, "%u %u", &first, &last) != 2)
		last = 60999;
	if (file)
		fclose(file);
	return first <= port && port <= last;
}

void socket_add_bind(struct descriptors *all, const struct descriptor *descriptor,
		     const struct socket_address *address, bool is_connected)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_BIND);
	char *text = socket_address_text(address);
	bool gone = false;

	plan.length = address->length;
	if (address->any.sa_family == AF_NETLINK)
		plan.bind.optional = true;
	else if (address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6)
		plan.bind.optional = is_connected && is_chosen_port(address);
	else if (address->any.sa_family == AF_UNIX && address->local.sun_path[0])
		plan.bind.mode = mode_of_file(all, descriptor, text, &gone);
	if (gone)
		plan.kind = PLAN_FD_BIND_GONE;
	image_add_file(all->process->capture.image, &plan, text, &address->storage);
	free(text);
}

void socket_add_connect(struct descriptors *all, const struct descriptor *descriptor,
			const struct socket_address *address)
{
	struct plan_file plan = descriptor_plan(descriptor, PLAN_FD_CONNECT);
	char *text = socket_address_text(address);

	plan.length = address->length;
	image_add_file(all->process->capture.image, &plan, text, &address->storage);
	free(text);
}
