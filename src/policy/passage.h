/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which way a packet in words takes through the firewall.
 *
 * With "in" and to self it is input; without "in" and from self output; else
 * it is forwarded.  By which interface it leaves, if "out" does not say it, the
 * networks of the zones tell: the first interface of the zone behind which its
 * destination is, or of the only zone that has no networks, which is then the
 * way to all others.
 */
#ifndef POLICY_PASSAGE_H
#define POLICY_PASSAGE_H

#include "engine/packet.h"
#include "policy/expression.h"

struct ruleset;

struct passage {
	enum hook hook;
	char indev[PACKET_IFNAME_LEN];
	char outdev[PACKET_IFNAME_LEN];
};

struct passage passage_of(const struct expression *expr,
			  const struct ruleset *rules);

/* That of an answer. */
struct passage passage_back(const struct passage *passage);

/* It is not known by which interface the packet leaves. */
bool passage_is_open(const struct passage *passage);

#endif
