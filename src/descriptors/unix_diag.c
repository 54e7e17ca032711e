/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queries sock_diag(7) about one UNIX-domain socket.
 */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/unix_diag.h"

struct answer {
	struct nlmsghdr head;
	struct unix_diag_msg message;
	char attributes[32768]; /* for a queue of 8000 connections */
};

static int exchange(uint32_t inode, uint32_t show, struct answer *answer,
		    ssize_t *ret_length)
{
	struct {
		struct nlmsghdr head;
		struct unix_diag_req request;
	} question = {
		.head = { .nlmsg_len = sizeof(question),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST },
		.request = { .sdiag_family = AF_UNIX,
			     .udiag_states = UINT32_MAX,
			     .udiag_ino = inode,
			     .udiag_show = show,
			     .udiag_cookie = { UINT32_MAX, UINT32_MAX } },
	};
	int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (netlink < 0)
		return -1;
	*ret_length = -1;
	if (send(netlink, &question, sizeof(question), 0) == sizeof(question))
		*ret_length = recv(netlink, answer, sizeof(*answer), 0);
	close(netlink);
	if (*ret_length < (ssize_t)(sizeof(answer->head) + sizeof(answer->message)))
		return -1;
	return 0;
}

static void read_attribute(const struct rtattr *attribute, struct unix_diag *diag)
{
	struct unix_diag_rqlen lengths;
	struct unix_diag_vfs file;

	if (attribute->rta_type == UNIX_DIAG_PEER) {
		diag->connected = true;
		memcpy(&diag->peer, RTA_DATA(attribute), sizeof(diag->peer));
	} else if (attribute->rta_type == UNIX_DIAG_SHUTDOWN) {
		diag->shutdown = *(const unsigned char *)RTA_DATA(attribute);
	} else if (attribute->rta_type == UNIX_DIAG_RQLEN) {
		memcpy(&lengths, RTA_DATA(attribute), sizeof(lengths));
		diag->backlog = lengths.udiag_wqueue;
	} else if (attribute->rta_type == UNIX_DIAG_VFS) {
		memcpy(&file, RTA_DATA(attribute), sizeof(file));
		diag->file = file.udiag_vfs_ino;
	}
}

/* Stores the answer and the length of its attributes. */
static int ask(uint32_t inode, uint32_t show, struct answer *answer, size_t *ret_length)
{
	ssize_t length;

	if (exchange(inode, show, answer, &length)
	    || answer->head.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -1;
	*ret_length = (size_t)length - sizeof(answer->head) - sizeof(answer->message);
	return 0;
}

int unix_diag_ask(uint32_t inode, struct unix_diag *ret)
{
	struct answer answer;
	const struct rtattr *attribute;
	size_t length;

	if (ask(inode, UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_VFS, &answer, &length))
		return -1;
	*ret = (struct unix_diag){ .type = answer.message.udiag_type };
	for (attribute = (const struct rtattr *)answer.attributes; RTA_OK(attribute, length);
	     attribute = RTA_NEXT(attribute, length))
		read_attribute(attribute, ret);
	/* A datagram socket that another one connects to gets this state, too, but no peer
	 * (net/unix/af_unix.c, unix_dgram_connect). */
	if (answer.message.udiag_state == TCP_ESTABLISHED && ret->type != SOCK_DGRAM)
		ret->connected = true;
	return 0;
}

uint32_t *unix_diag_pending(uint32_t inode, size_t *ret_count)
{
	struct answer answer;
	const struct rtattr *attribute = (const struct rtattr *)answer.attributes;
	size_t length;

	*ret_count = 0;
	if (ask(inode, UDIAG_SHOW_ICONS, &answer, &length))
		return NULL;
	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length))
		if (attribute->rta_type == UNIX_DIAG_ICONS) {
			*ret_count = RTA_PAYLOAD(attribute) / sizeof(uint32_t);
			return xmemdup(RTA_DATA(attribute), RTA_PAYLOAD(attribute));
		}
	return NULL;
}
