/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over the attributes of NFQNL_MSG_PACKET.  Which ones come, and how
 * many, depends on the hook, the packet and the kernel: unknown ones are
 * passed over, and an absent one means zero.
 */
#include "daemon/queue_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

/* What a message without a payload points to: arithmetic on NULL is none. */
static const uint8_t nothing[1];

/* A hook on the way in or out is neither to nor from this machine alone. */
static enum hook hook_from_kernel(uint8_t hook)
{
	switch (hook) {
	case NF_INET_LOCAL_IN:
		return HOOK_INPUT;
	case NF_INET_LOCAL_OUT:
		return HOOK_OUTPUT;
	default:
		return HOOK_FORWARD;
	}
}

static uint32_t get_be32(const struct nlattr *attr)
{
	if (mnl_attr_get_payload_len(attr) < sizeof(uint32_t))
		return 0;
	return ntohl(mnl_attr_get_u32(attr));
}

static void read_header(struct queue_message *msg, const struct nlattr *attr,
			bool *has_id)
{
	const struct nfqnl_msg_packet_hdr *hdr = mnl_attr_get_payload(attr);

	if (mnl_attr_get_payload_len(attr) < sizeof(*hdr))
		return;
	msg->id = ntohl(hdr->packet_id);
	msg->hook = hook_from_kernel(hdr->hook);
	*has_id = true;
}

/*
 * A checksum that the sending host leaves to its card holds only a part of the
 * sum, and a super-packet has none; neither can be verified.
 */
static void read_skb_info(struct queue_message *msg, uint32_t info)
{
	msg->gso = info & NFQA_SKB_GSO;
	msg->verify_checksum = info & NFQA_SKB_CSUM_NOTVERIFIED &&
			       !(info & NFQA_SKB_CSUMNOTREADY);
}

static void read_attribute(struct queue_message *msg, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case NFQA_IFINDEX_INDEV:
		msg->indev = get_be32(attr);
		break;
	case NFQA_IFINDEX_OUTDEV:
		msg->outdev = get_be32(attr);
		break;
	case NFQA_MARK:
		msg->mark = get_be32(attr);
		break;
	case NFQA_CAP_LEN:
		msg->len = get_be32(attr);
		break;
	case NFQA_SKB_INFO:
		read_skb_info(msg, get_be32(attr));
		break;
	case NFQA_PAYLOAD:
		msg->payload = mnl_attr_get_payload(attr);
		msg->payload_len = mnl_attr_get_payload_len(attr);
		break;
	default:
		break;
	}
}

static bool is_packet(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET) &&
	       nlh->nlmsg_len >= sizeof(*nlh) + sizeof(struct nfgenmsg);
}

/* Not libmnl's tail of the message, which is rounded up beyond its length. */
static int octets_left(const struct nlmsghdr *nlh, const struct nlattr *attr)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	return (int)(end - (const char *)attr);
}

bool queue_message_parse(struct queue_message *msg, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	bool has_id = false;

	*msg = (struct queue_message){
		.hook = HOOK_FORWARD,
		.payload = nothing,
	};
	if (!is_packet(nlh))
		return false;
	attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(struct nfgenmsg));
	while (mnl_attr_ok(attr, octets_left(nlh, attr))) {
		if (mnl_attr_get_type(attr) == NFQA_PACKET_HDR)
			read_header(msg, attr, &has_id);
		else
			read_attribute(msg, attr);
		attr = mnl_attr_next(attr);
	}
	/* The kernel gives the length only of what it did not copy whole. */
	if (msg->len < msg->payload_len)
		msg->len = (uint32_t)msg->payload_len;
	return has_id;
}
