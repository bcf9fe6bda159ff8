/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of ICMP: proto_icmp.c has the types and the queries, icmp_error.c
 * the errors, icmp_neighbour.c what never leaves a link.
 */
#ifndef ENGINE_ICMP_H
#define ENGINE_ICMP_H

#include "engine/packet.h"
#include "engine/proto.h"

enum { ICMP_HEADER_LEN = 8 };

/*
 * Reads the packet that an error quotes, which begins at @r, into
 * pkt->icmp.quoted.  REASON_NONE: the error may be about that packet.
 */
enum reason icmp_parse_error(struct packet *pkt, struct reader *r);

/* The same of one with an MTU in its header @hdr, if its code says so. */
enum reason icmp_parse_mtu_error(struct packet *pkt, const uint8_t *hdr,
				 struct reader *r);

/*
 * Whether a message of neighbour discovery, or of multicast listeners and
 * routers, is one that a correct neighbour sends.  @l4 is all of the message.
 */
enum reason icmp_check_neighbour(const struct packet *pkt,
				 const struct transport *l4);

#endif
