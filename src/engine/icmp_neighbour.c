/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What neighbours on an IPv6 link say to each other: neighbour discovery
 * (RFC 4861), multicast listeners (RFC 2710, RFC 3810) and multicast routers
 * (RFC 4286).
 *
 * It passes without a rule and without a connection, for without it there is
 * no IPv6, and nothing of it is an answer to one packet alone.  So each message
 * must be one that a correct neighbour sends: it was not forwarded, which the
 * hop limit shows, and is not to be; its code is 0, its addresses are of the
 * link, its options lie within it.
 */
#include <string.h>

#include "engine/icmp.h"

enum {
	UNFORWARDED = 255, /* no router has decremented it */
	LINK_LOCAL = 1,    /* no router will pass it on */
	TARGET_AT = 8,     /* of solicitation, advertisement and redirect */
	REDIRECTED_AT = 24,
	FLAGS_AT = 4,
	FLAG_SOLICITED = 0x40,
	OPTION_SOURCE = 1, /* the link-layer address of the sender */
	OPTION_UNIT = 8,
};

/* One message, all of its fixed part there. */
struct message {
	const struct packet *pkt;
	const uint8_t *octets;
};

static const struct addr *source(const struct message *msg)
{
	return &msg->pkt->tuple.src;
}

static const struct addr *destination(const struct message *msg)
{
	return &msg->pkt->tuple.dst;
}

static bool has_unicast_at(const struct message *msg, size_t at)
{
	struct addr addr = addr_from_ipv6(msg->octets + at);

	return !addr_is_multicast(&addr);
}

/* ff02::1:ff00:0/104, RFC 4291 section 2.7.1. */
static bool is_solicited_node(const struct addr *addr)
{
	static const uint8_t prefix[13] = { 0xff, 2, 0, 0, 0, 0,   0,
					    0,    0, 0, 0, 1, 0xff };

	return memcmp(addr->bytes, prefix, sizeof(prefix)) == 0;
}

static bool any_fits(const struct message *msg)
{
	(void)msg;
	return true;
}

/* RFC 4861 section 6.1.2. */
static bool router_fits(const struct message *msg)
{
	return addr_is_link_local(source(msg));
}

/* RFC 4861 section 7.1.1: who has no address yet asks all that may have it. */
static bool solicitation_fits(const struct message *msg)
{
	if (addr_is_unspecified(source(msg)) &&
	    !is_solicited_node(destination(msg)))
		return false;
	return has_unicast_at(msg, TARGET_AT);
}

/* RFC 4861 section 7.1.2: what goes to all is an answer to nobody. */
static bool advertisement_fits(const struct message *msg)
{
	if (addr_is_multicast(destination(msg)) &&
	    msg->octets[FLAGS_AT] & FLAG_SOLICITED)
		return false;
	return has_unicast_at(msg, TARGET_AT);
}

/* RFC 4861 section 8.1: to a router on the link, or to the host itself. */
static bool redirect_fits(const struct message *msg)
{
	struct addr target = addr_from_ipv6(msg->octets + TARGET_AT);
	struct addr redirected = addr_from_ipv6(msg->octets + REDIRECTED_AT);

	return addr_is_link_local(source(msg)) &&
	       !addr_is_multicast(&redirected) &&
	       (addr_is_link_local(&target) ||
		addr_equal(&target, &redirected));
}

/* RFC 3810 sections 5.1.14 and 5.2.13. */
static bool listener_fits(const struct message *msg)
{
	return addr_is_link_local(source(msg)) ||
	       addr_is_unspecified(source(msg));
}

/* clang-format off */
static const struct neighbour_type {
	uint8_t type;
	uint8_t len;  /* without options */
	uint8_t hops; /* that it must have */
	bool has_code_0;
	bool has_options;
	bool (*fits)(const struct message *msg);
} types[] = {
	{ 130, 24, LINK_LOCAL, true, false, listener_fits }, /* query */
	{ 131, 24, LINK_LOCAL, true, false, listener_fits }, /* report */
	{ 132, 24, LINK_LOCAL, true, false, listener_fits }, /* done */
	{ 133, 8, UNFORWARDED, true, true, any_fits },
	{ 134, 16, UNFORWARDED, true, true, router_fits },
	{ 135, 24, UNFORWARDED, true, true, solicitation_fits },
	{ 136, 24, UNFORWARDED, true, true, advertisement_fits },
	{ 137, 40, UNFORWARDED, true, true, redirect_fits },
	{ 143, 8, LINK_LOCAL, true, false, listener_fits }, /* report, v2 */
	/* Multicast routers: the advertisement has an interval for a code. */
	{ 151, 8, LINK_LOCAL, false, false, listener_fits },
	{ 152, 4, LINK_LOCAL, true, false, listener_fits },
	{ 153, 4, LINK_LOCAL, true, false, listener_fits },
};
/* clang-format on */

static const struct neighbour_type *find_type(uint8_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

/* RFC 4861 section 4.6: an option of length 0 would be one without end. */
static enum reason check_options(struct reader *r, uint32_t left,
				 bool *names_source)
{
	while (left > 0) {
		const uint8_t *option = reader_take(r, 2);
		uint32_t len;

		if (left < OPTION_UNIT)
			return REASON_ND_INVALID;
		if (!option)
			return REASON_SHORT_COPY;
		len = option[1] * (uint32_t)OPTION_UNIT;
		if (len == 0 || len > left)
			return REASON_ND_INVALID;
		if (!reader_take(r, len - 2))
			return REASON_SHORT_COPY;
		*names_source |= option[0] == OPTION_SOURCE;
		left -= len;
	}
	return REASON_NONE;
}

static enum reason check_message(const struct neighbour_type *type,
				 const struct packet *pkt,
				 const struct transport *l4)
{
	struct reader r = l4->copy;
	const struct message msg = { pkt, reader_take(&r, type->len) };
	bool names_source = false;
	enum reason reason;

	if (l4->len < type->len)
		return REASON_ND_INVALID;
	if (!msg.octets)
		return REASON_SHORT_COPY;
	if (!type->fits(&msg))
		return REASON_ND_INVALID;
	if (!type->has_options)
		return REASON_NONE;
	reason = check_options(&r, l4->len - type->len, &names_source);
	if (reason != REASON_NONE)
		return reason;
	/* Who has no address must not be answered (sections 6.1.1, 7.1.1). */
	return names_source && addr_is_unspecified(source(&msg))
		       ? REASON_ND_INVALID
		       : REASON_NONE;
}

enum reason icmp_check_neighbour(const struct packet *pkt,
				 const struct transport *l4)
{
	const struct neighbour_type *type = find_type(pkt->icmp.type);

	if (!type)
		return REASON_ICMP_TYPE;
	if (pkt->hop_limit != type->hops || pkt->hook == HOOK_FORWARD)
		return REASON_ND_HOPLIMIT;
	if (type->has_code_0 && pkt->icmp.code != 0)
		return REASON_ND_INVALID;
	return check_message(type, pkt, l4);
}
