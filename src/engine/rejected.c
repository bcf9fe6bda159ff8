/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table of sets, by the hash of the tuple; in a set the oldest gives way.
 *
 * What the kernel answers to TCP (nf_reject_ip_tcphdr_put(), RFC 9293 3.5.2):
 * if the segment has an ACK, a RST whose number is that of the ACK; else a RST
 * with ACK, whose number is 0 and which acknowledges all of the segment.  To
 * everything else it says that the port cannot be reached.
 */
#include "engine/rejected.h"

#include <netinet/in.h>
#include <stdlib.h>

enum {
	LIFE = 2000, /* ms */
	SETS = 128,  /* a power of two */
	WAYS = 4,
	ICMP_UNREACHABLE = 3,
	ICMP_CODE_PORT = 3,
	ICMPV6_UNREACHABLE = 1,
	ICMPV6_CODE_PORT = 4,
};

struct entry {
	struct tuple tuple; /* as it was sent */
	msec_t until;       /* 0: empty */
	/* Of TCP: the flags and the number of the RST. */
	uint32_t number;
	uint8_t flags;
};

struct rejected {
	msec_t until; /* of the youngest */
	struct entry entries[SETS][WAYS];
};

struct rejected *rejected_create(void)
{
	return calloc(1, sizeof(struct rejected));
}

void rejected_destroy(struct rejected *rejected)
{
	free(rejected);
}

static void expect_rst(struct entry *entry, const struct tcp_segment *tcp)
{
	if (tcp->flags & TCP_ACK) {
		entry->flags = TCP_RST;
		entry->number = tcp->ack;
		return;
	}
	entry->flags = TCP_RST | TCP_ACK;
	entry->number = tcp->seq + tcp->len + !!(tcp->flags & TCP_SYN) +
			!!(tcp->flags & TCP_FIN);
}

void rejected_note(struct rejected *rejected, const struct packet *pkt,
		   const struct tuple_key *key, msec_t now)
{
	struct entry *set = rejected->entries[key->hash & (SETS - 1)];
	struct entry *place = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (tuple_equal(&set[i].tuple, &pkt->tuple)) {
			place = &set[i];
			break;
		}
		if (set[i].until < place->until)
			place = &set[i];
	}
	*place = (struct entry){ .tuple = pkt->tuple, .until = now + LIFE };
	if (pkt->tuple.ipproto == IPPROTO_TCP)
		expect_rst(place, &pkt->tcp);
	rejected->until = place->until;
}

bool rejected_any(const struct rejected *rejected, msec_t now)
{
	return now < rejected->until;
}

static bool is_rst_to(const struct entry *entry, const struct packet *pkt)
{
	struct tuple back = tuple_reverse(&entry->tuple);
	const struct tcp_segment *tcp = &pkt->tcp;
	uint32_t number = tcp->seq;

	if (!tuple_equal(&pkt->tuple, &back) || tcp->flags != entry->flags ||
	    tcp->len > 0)
		return false;
	if (tcp->flags & TCP_ACK)
		number = tcp->seq == 0 ? tcp->ack : ~entry->number;
	return number == entry->number;
}

static bool is_error_to(const struct entry *entry, const struct packet *pkt)
{
	const struct icmp_message *icmp = &pkt->icmp;
	bool is_ipv6 = pkt->tuple.ipversion == 6;

	return tuple_equal(&icmp->quoted.tuple, &entry->tuple) &&
	       addr_compare(&pkt->tuple.dst, &entry->tuple.src) == 0 &&
	       icmp->type ==
		       (is_ipv6 ? ICMPV6_UNREACHABLE : ICMP_UNREACHABLE) &&
	       icmp->code == (is_ipv6 ? ICMPV6_CODE_PORT : ICMP_CODE_PORT);
}

static bool is_icmp_error(const struct packet *pkt)
{
	return (pkt->tuple.ipproto == IPPROTO_ICMP ||
		pkt->tuple.ipproto == IPPROTO_ICMPV6) &&
	       pkt->icmp.is_error;
}

static bool answers(const struct entry *entry, const struct packet *pkt)
{
	bool is_tcp = entry->tuple.ipproto == IPPROTO_TCP;

	if (is_tcp)
		return pkt->tuple.ipproto == IPPROTO_TCP &&
		       is_rst_to(entry, pkt);
	return is_icmp_error(pkt) && is_error_to(entry, pkt);
}

bool rejected_answers(const struct rejected *rejected, const struct packet *pkt,
		      const struct tuple_key *key, msec_t now)
{
	const struct entry *set = rejected->entries[key->hash & (SETS - 1)];

	for (size_t i = 0; i < WAYS; i++)
		if (now < set[i].until && answers(&set[i], pkt))
			return true;
	return false;
}
