/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both judges are told beside the packets.
 */
#ifndef CONNTRACK_TERMS_H
#define CONNTRACK_TERMS_H

#include <stdbool.h>

/* The networks of those who take part; each play has addresses of its own. */
#define TERMS_INSIDE4  "198.18.0.0/16"
#define TERMS_INSIDE6  "2001:db8:1::/48"
#define TERMS_OUTSIDE4 "198.19.0.0/16"
#define TERMS_OUTSIDE6 "2001:db8:2::/48"
#define TERMS_ROUTER4  "203.0.113.1"
#define TERMS_ROUTER6  "2001:db8:ffff::1"

struct terms {
	/* What inside and outside may not do: open connections. */
	bool denies_inside;
	bool denies_outside;
	bool is_loose;   /* connections may be met in the middle */
	bool is_liberal; /* windows matter for RST only */
};

static inline bool terms_are_same(const struct terms *a, const struct terms *b)
{
	return a->denies_inside == b->denies_inside &&
	       a->denies_outside == b->denies_outside &&
	       a->is_loose == b->is_loose && a->is_liberal == b->is_liberal;
}

#endif
