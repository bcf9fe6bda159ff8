/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet of a scenario: from its description to its octets.
 *
 *	WHO> FLAGS [WORD]...        a TCP segment
 *	WHO> KIND [WORD]...         udp, udplite, gre, esp, ah, proto N,
 *	                            echo ID, echo-reply ID, timestamp ID,
 *	                            timestamp-reply ID, icmp T/C
 *	WHO> sctp CHUNKS [WORD]...  a packet of SCTP
 *	WHO> ERROR [WORD]... quoting WHO KIND-OR-FLAGS [WORD]...
 *	                            unreachable-host, unreachable-port, too-big,
 *	                            time-exceeded, parameter-problem, icmp T/C
 *
 * WHO is O (the originator), R (the responder) or X (a router between them).
 * FLAGS are letters of SAFRPU, E and C for ECE and CWR, or "-" for none.  CHUNKS
 * is a list like DATA,SACK, with /T for the T bit, or "-" for none; a packet of
 * SCTP has the tags that it should have, if not said otherwise.  draft.c lists
 * the words.  A number may be followed by +STEP: so much more each time that
 * "repeat" comes round.
 */
#ifndef SCENARIOS_SHOT_H
#define SCENARIOS_SHOT_H

#include "engine/packet.h"
#include "unit/build.h"

enum who { WHO_O, WHO_R, WHO_X, WHO_COUNT };

/* Those who take part, and what a scenario leaves open. */
struct cast {
	uint8_t version;
	const char *addresses[WHO_COUNT];
	uint16_t ports[WHO_COUNT];
	uint32_t isns[WHO_COUNT];
	int64_t round; /* of "repeat" */
};

struct shot {
	enum who who;
	struct build build;
	struct tuple tuple; /* of the connection that it is about */
	size_t copy;        /* octets that are given to the parser */
	size_t pad;         /* octets behind the packet */
	uint32_t real_len;  /* of a super-packet; 0: as built */
	bool gso;
	size_t quote;     /* octets of the quoted packet behind its IP header */
	size_t extension; /* octets behind the quoted packet, RFC 4884 */
	uint8_t quoted[2048];
	uint8_t body[128]; /* payload that is given octet by octet */
	struct build_chunks chunks;
	size_t len; /* of .octets */
	uint8_t octets[UINT16_MAX + 1];
};

/*
 * Makes @shot from @words.  NULL, or what is wrong; then @fault is the word at
 * fault.
 */
const char *shot_make(struct shot *shot, const struct cast *cast,
		      const char *const *words, const char **fault);

/* Whether the tuple of its connection has ports. */
bool shot_has_ports(const struct shot *shot);

#endif
