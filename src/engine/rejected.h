/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that were rejected a moment ago, and what the kernel will answer.
 *
 * The answer, a RST or an ICMP error, leaves by OUTPUT and is judged like any
 * other packet, but it belongs to no connection.  It may pass: exactly that
 * one, for two seconds, and nothing else between these ends.
 *
 * The memory is fixed.  Who has more rejected than it holds loses the answers to
 * the oldest.
 */
#ifndef ENGINE_REJECTED_H
#define ENGINE_REJECTED_H

#include "engine/packet.h"
#include "engine/timeout.h"

struct rejected;

/* NULL: no memory. */
struct rejected *rejected_create(void);
void rejected_destroy(struct rejected *rejected);

/* @key is that of the packet. */
void rejected_note(struct rejected *rejected, const struct packet *pkt,
		   const struct tuple_key *key, msec_t now);

/* Whether there is any that is remembered. */
bool rejected_any(const struct rejected *rejected, msec_t now);

/*
 * Whether @pkt answers one of them; @key is that of packet_subject(), the
 * packet itself or what it quotes.
 */
bool rejected_answers(const struct rejected *rejected, const struct packet *pkt,
		      const struct tuple_key *key, msec_t now);

#endif
