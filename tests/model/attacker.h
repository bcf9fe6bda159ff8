/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody off the path, who knows addresses and ports and may write any of
 * them into a packet, but sees nothing of what passes.
 */
#ifndef MODEL_ATTACKER_H
#define MODEL_ATTACKER_H

#include "model/line.h"

enum { ATTACKER_SYNS = 16 };

/* What it sends when it guesses a window. */
enum guess { GUESS_RESET, GUESS_DATA, GUESS_FIN, GUESS_COUNT };

struct attacker {
	uint64_t seed;
	enum attack attack;
	enum guess guess;
	/* One FIN in a window is all that it may know (see tcp_stream.c). */
	bool has_guessed;
	bool as[SIDE_COUNT]; /* whose addresses it forges */
	/* Numbers of its last SYNs, which it does not answer itself: whoever
	 * forges both sides of a whole handshake has a connection. */
	uint32_t syns[ATTACKER_SYNS];
	uint32_t syn_count;
	msec_t next;  /* when it strikes again; INT64_MAX: never */
	msec_t pause; /* at most, between two strikes */
};

struct forgery {
	enum side from;
	struct segment seg;
	bool is_guess; /* the numbers fit the window */
};

void attacker_init(struct attacker *attacker, enum attack attack,
		   uint64_t seed);

/*
 * A segment about the line.  Unless it is a guess, its numbers are far from all
 * that the endpoints would take.
 */
void attacker_forge(struct attacker *attacker, const struct line *line,
		    msec_t now, struct forgery *forgery);

#endif
