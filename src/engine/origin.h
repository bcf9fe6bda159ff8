/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a packet may have come by the interface that it came by.
 *
 * Antispoofing asks of a zone's interfaces: a source that is in the networks of
 * their zones; or if those zones have none, as that of the uplink has, one that
 * is in no network of another zone with antispoofing.  Addresses that every
 * link has are exempt: 0.0.0.0, ::, link-local ones of IPv6; and the loopback.
 */
#ifndef ENGINE_ORIGIN_H
#define ENGINE_ORIGIN_H

#include "engine/packet.h"

struct ruleset;

/* REASON_NONE, REASON_ANTISPOOF or REASON_BOGON. */
enum reason origin_fault(const struct ruleset *rules, const struct packet *pkt);

/*
 * Whether the address belongs nowhere in the Internet: IANA's registries of
 * special-purpose addresses (RFC 6890), what is not globally reachable.
 */
bool origin_is_bogon(const struct addr *addr, uint8_t ipversion);

#endif
