/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network on both sides of the firewall: it loses, delays, reorders and
 * doubles segments, merges them on the way in (GRO) and splits them on the way
 * out (GSO).
 */
#ifndef MODEL_CHANNEL_H
#define MODEL_CHANNEL_H

#include "engine/timeout.h"
#include "model/segment.h"

/* A segment on its way. */
struct parcel {
	struct segment seg;
	msec_t at;       /* when it arrives */
	uint64_t number; /* first come, first served */
	uint32_t life;   /* of its sender */
	uint8_t line;
	enum side from;
	bool is_behind; /* it has passed the firewall */
	bool is_ghost;  /* it has not, and goes on to see what it would do */
	enum reason reason; /* why it has not */
	bool is_forged;
	bool is_early; /* it has overtaken the SYN or SYN-ACK of its sender */
	bool is_disturbed; /* another SYN came behind that of its receiver */
	bool is_displaced; /* its connection need not be known */
	bool is_contested; /* an attacker has a share in what a second allows */
};

/* Probabilities are in thousandths. */
struct weather {
	uint32_t loss;
	uint32_t doubling;
	uint32_t lateness;
	uint32_t merging;
	uint32_t delay_max; /* ms */
	uint32_t late_max;  /* ms */
	uint32_t mtu;       /* largest payload that is not split; 0: any */
	bool reorders;
	bool strips_before; /* options of SYNs, in front of the firewall ... */
	bool strips_behind; /* ... and behind it */
};

struct channel;

/* Ends the program when memory does. */
struct channel *channel_create(const struct weather *weather, uint64_t seed);
void channel_destroy(struct channel *channel);

/* From now on nothing is lost, late, or doubled. */
void channel_calm(struct channel *channel);

void channel_send(struct channel *channel, const struct parcel *parcel,
		  msec_t now);
/* When the next one arrives; INT64_MAX: never. */
msec_t channel_next(const struct channel *channel);
/* Takes that one; there is one. */
void channel_take(struct channel *channel, struct parcel *parcel);

#endif
