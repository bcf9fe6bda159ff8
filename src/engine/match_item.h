/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values inside a match: a list of items of one kind.
 *
 * For the files that implement matches, and for those that look at a whole
 * rule: the cross checks of the policy, or a classifier that wants ranges.
 */
#ifndef ENGINE_MATCH_ITEM_H
#define ENGINE_MATCH_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/match.h"

struct table;
struct zone;

struct match {
	size_t len;
	void *items; /* of the struct below that belongs to the type */
};

/* from, to */
struct zone_item {
	const struct zone *zone;
};

/* src, dst */
struct addr_item {
	bool negated;
	const struct table *table; /* NULL: the range */
	struct addr_range range;
	uint8_t ipversion; /* of the range */
};

/* proto */
struct proto_item {
	uint8_t number;
	bool both_icmp; /* ICMP of either family; number is that of IPv4 */
};

/* sport, dport */
struct port_item {
	uint16_t first;
	uint16_t last;
	bool negated; /* in sport and dport only */
};

enum { ICMP_TYPE_NONE = -1 };

/* icmp_type */
struct icmp_item {
	const char *name; /* NULL: given by number */
	int16_t ipv4;     /* ICMP type, ICMP_TYPE_NONE: not in this family */
	int16_t ipv6;
	int16_t code; /* ICMP_TYPE_NONE: every code */
};

/* service */
struct service_item {
	uint8_t proto;
	struct port_item ports;
};

/* tcp_flags, always one */
struct flags_item {
	uint8_t flags; /* of .mask, those that are set */
	uint8_t mask;
};

/* mark */
struct mark_item {
	uint32_t mark;
	uint32_t mask;
};

/* dscp */
struct dscp_item {
	uint8_t value;
};

/* uid, gid */
struct id_item {
	uint32_t first;
	uint32_t last;
};

extern const struct match_type match_from;
extern const struct match_type match_to;
extern const struct match_type match_proto;
extern const struct match_type match_src;
extern const struct match_type match_dst;
extern const struct match_type match_sport;
extern const struct match_type match_dport;
extern const struct match_type match_icmp_type;
extern const struct match_type match_service;
extern const struct match_type match_tcp_flags;
extern const struct match_type match_mark;
extern const struct match_type match_dscp;
extern const struct match_type match_uid;
extern const struct match_type match_gid;

/* A kind of item, for the functions that handle comma separated lists. */
struct item_type {
	size_t size;
	/* NULL: @item is set.  Else a sentence: what would have been right. */
	const char *(*parse)(const struct ruleset *rules, const char *word,
			     void *item);
	int (*format)(const void *item, char *text, size_t size);
};

struct match *match_list_parse(const struct item_type *type,
			       const struct ruleset *rules, const char *text,
			       struct match_fault *fault);
int match_list_format(const struct item_type *type, const struct match *match,
		      char *text, size_t size);
void match_list_destroy(struct match *match);

/* Decimal, no sign, no leading zeros, all of @text; false: not, or > @max. */
bool match_number(const char *text, unsigned long max, unsigned long *value);

/* The protocols that the engine knows by name; NULL: there are no more. */
const char *match_proto_name(size_t index);
/* The names that icmp_type knows; NULL: there are no more. */
const char *match_icmp_name(size_t index);

/* The names that dscp knows; NULL: there are no more. */
const char *match_dscp_name(size_t index);

/* Both without the '!'. */
const char *port_item_parse(struct port_item *ports, const char *word);
int port_item_format(const struct port_item *ports, char *text, size_t size);

static inline bool port_item_contains(const struct port_item *ports,
				      uint16_t port)
{
	return port >= ports->first && port <= ports->last;
}

#endif
