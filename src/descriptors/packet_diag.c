/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Queries sock_diag(7) about one packet socket.
 */
#define _GNU_SOURCE
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "descriptors/packet_diag.h"

static void read_attributes(const struct nlmsghdr *head, struct packet_diag *diag)
{
	const struct packet_diag_msg *message = NLMSG_DATA(head);
	const struct rtattr *attribute = (const struct rtattr *)(message + 1);
	size_t length = head->nlmsg_len - NLMSG_LENGTH(sizeof(*message));

	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length))
		switch (attribute->rta_type) {
		case PACKET_DIAG_RX_RING:
		case PACKET_DIAG_TX_RING: diag->has_ring = true; break;
		case PACKET_DIAG_FANOUT: diag->has_fanout = true; break;
		case PACKET_DIAG_MCLIST:
			diag->count = RTA_PAYLOAD(attribute) / sizeof(*diag->memberships);
			diag->memberships = xmemdup(RTA_DATA(attribute),
						    RTA_PAYLOAD(attribute));
		}
}

/* Reads messages about all packet sockets. Returns whether there are more; stores the result of
 * the query. */
static bool read_messages(int netlink, uint32_t inode, struct packet_diag *diag, int *result)
{
	_Alignas(struct nlmsghdr) char bytes[65536];
	ssize_t length = recv(netlink, bytes, sizeof(bytes), 0);
	const struct nlmsghdr *head = (const struct nlmsghdr *)bytes;

	for (; length > 0 && NLMSG_OK(head, (size_t)length); head = NLMSG_NEXT(head, length)) {
		const struct packet_diag_msg *message = NLMSG_DATA(head);

		if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return false; /* NLMSG_DONE, NLMSG_ERROR */
		if (head->nlmsg_len < NLMSG_LENGTH(sizeof(*message))
		    || message->pdiag_ino != inode)
			continue;
		read_attributes(head, diag);
		*result = 0;
	}
	return length > 0;
}

int packet_diag_ask(uint32_t inode, struct packet_diag *ret)
{
	struct {
		struct nlmsghdr head;
		struct packet_diag_req request;
	} question = {
		.head = { .nlmsg_len = sizeof(question),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = AF_PACKET,
			     .pdiag_show = PACKET_SHOW_MCLIST | PACKET_SHOW_RING_CFG
					   | PACKET_SHOW_FANOUT },
	};
	int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int result = -1;

	*ret = (struct packet_diag){ 0 };
	if (netlink < 0)
		return -1;
	if (send(netlink, &question, sizeof(question), 0) == sizeof(question))
		while (read_messages(netlink, inode, ret, &result))
			;
	close(netlink);
	return result;
}
