/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zone: a name for a group of interfaces.  "self" is this machine, "any" is
 * everything.
 */
#ifndef ENGINE_ZONE_H
#define ENGINE_ZONE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/addr.h"
#include "engine/packet.h"

enum zone_kind { ZONE_INTERFACES, ZONE_SELF, ZONE_ANY };

struct zone;

struct zone *zone_create(const char *name, enum zone_kind kind);
void zone_destroy(struct zone *zone);
const char *zone_name(const struct zone *zone);

/*
 * @pattern is an interface name; one '*' at its end stands for any rest.  0,
 * -EINVAL (cannot be the name of an interface), -ENOMEM.
 */
int zone_add_interface(struct zone *zone, const char *pattern);
/* NULL: there are no more. */
const char *zone_interface(const struct zone *zone, size_t index);

/*
 * The networks behind the zone's interfaces, for antispoofing.  -ENOMEM.  @range
 * is of one family; NULL: there are no more.
 */
int zone_add_network(struct zone *zone, const struct addr_range *range);
const struct addr_range *zone_network(const struct zone *zone, size_t index);

/*
 * What the zone refuses, of packets that arrive on its interfaces and would
 * open a connection; nothing at the start.  See origin.h.
 */
struct zone_guard {
	bool antispoof;    /* sources that do not belong there */
	bool block_bogons; /* sources that belong nowhere: RFC 6890 */
};

void zone_set_guard(struct zone *zone, const struct zone_guard *guard);
const struct zone_guard *zone_guard(const struct zone *zone);

/* Whether the packet comes from the zone, or goes to it. */
bool zone_is_source(const struct zone *zone, const struct packet *pkt);
bool zone_is_destination(const struct zone *zone, const struct packet *pkt);

#endif
