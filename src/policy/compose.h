/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real packet, octet by octet with right lengths and checksums, of one in
 * words.
 *
 * Beyond what the words say: TTL 64, a window of 65535, no options; an SCTP
 * packet is an INIT, GRE has no key, SPIs are 1, echoes have the identifier 1.
 * Messages between neighbours have the hop limit and the length that they must
 * have.
 */
#ifndef POLICY_COMPOSE_H
#define POLICY_COMPOSE_H

#include "policy/dialogue.h"
#include "policy/expression.h"
#include "policy/passage.h"

enum { COMPOSE_LEN = 2048 };

struct composed {
	uint8_t octets[COMPOSE_LEN];
	size_t len;
	struct packet_meta meta;
};

/*
 * @quoted is what an ICMP error is about: dialogue_last().  NULL: a datagram
 * that nobody sent.
 */
void compose(const struct expression *expr, const struct utterance *said,
	     const struct utterance *quoted, const struct passage *passage,
	     struct composed *packet);

#endif
