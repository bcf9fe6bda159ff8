/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which way the packets of a capture went through the firewall.  A capture does
 * not say; addresses do.
 */
#ifndef TOOL_ROUTING_H
#define TOOL_ROUTING_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/addr.h"
#include "engine/packet.h"

struct ruleset;

enum { ROUTING_MAX = 32, ROUTING_FAULT_LEN = 200 };

/* All zero: nothing is known.  An interface "" is one that is not known. */
struct routing {
	struct prefix inside[ROUTING_MAX]; /* networks behind .inside_if */
	size_t inside_count;
	struct addr self[ROUTING_MAX]; /* addresses of the firewall itself */
	size_t self_count;
	char inside_if[PACKET_IFNAME_LEN];
	char outside_if[PACKET_IFNAME_LEN];
	char arrival[PACKET_IFNAME_LEN]; /* of every packet, if not "" */
};

/*
 * These take what the user wrote: lists of networks or addresses, separated by
 * commas, are added to what is there.  false: @fault is a sentence on what is
 * wrong with it.
 */
bool routing_add_inside(struct routing *routing, const char *list,
			char fault[ROUTING_FAULT_LEN]);
bool routing_add_self(struct routing *routing, const char *list,
		      char fault[ROUTING_FAULT_LEN]);
bool routing_set_interface(char interface[PACKET_IFNAME_LEN], const char *name,
			   char fault[ROUTING_FAULT_LEN]);

/* If networks are inside, names the interfaces that have no name yet. */
void routing_set_defaults(struct routing *routing);

/* Sets hook and interfaces of a packet from @src to @dst: see routing.c. */
void routing_apply(const struct routing *routing, const struct addr *src,
		   const struct addr *dst, struct packet_meta *meta);

/* Tells the user what makes the answers of @rules worthless. */
void routing_advise(const struct routing *routing, const struct ruleset *rules);

/* The same of one interface, if it is not ""; @option is what names it. */
void routing_advise_interface(const struct ruleset *rules,
			      const char *interface, const char *option);

#endif
