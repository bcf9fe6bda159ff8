/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a packet has, in the words of the conditions that ask for it.
 */
#ifndef POLICY_HAVE_H
#define POLICY_HAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/match.h"
#include "engine/packet.h"

enum { HAVE_TEXT_LEN = 120, HAVE_SENTENCE_LEN = 280 };

struct have {
	bool is_number; /* a port, or an id of its owner */
	uint32_t number;
	char text[HAVE_TEXT_LEN]; /* "": it has none */
};

/* @type: one of match_types. */
struct have have_of(const struct match_type *type, const struct packet *pkt,
		    const struct ruleset *rules);

/*
 * A sentence on why the condition does not hold: "dport 22 is not in 80,443".
 * @want is its text.
 */
void have_explain(const struct match_type *type, const char *want,
		  const struct packet *pkt, const struct ruleset *rules,
		  char text[HAVE_SENTENCE_LEN]);

/* "tcp", or a number. */
void have_protocol(const struct packet *pkt, char *text, size_t size);
/* "echo-request", or "8/1". */
void have_icmp_type(const struct packet *pkt, char *text, size_t size);
/* "syn,ack". */
void have_flags(const struct packet *pkt, char *text, size_t size);

#endif
