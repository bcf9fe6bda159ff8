/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floods of SYNs, as long as they last: what a sender has to show before its
 * SYN takes a place in the table.  Shared by all shards, whose threads may call
 * at once.
 *
 * Whoever forges sources does not wait for answers, and sends no SYN twice; a
 * real client repeats its SYN, with the same number, after a second (RFC 6298
 * section 2; three seconds before that).  So in a flood the first SYN is
 * dropped, and the second one passes: a client waits for a second, once, for a
 * source that has completed a handshake in the last minutes is not asked again.
 * Who repeats all that he forges halves his rate; against the rest of it there
 * is limits.half_open.
 *
 * The other way is to answer the first SYN with a SYN-ACK that acknowledges
 * what nobody sent: a real client says so with a RST, and tries again at once
 * (RFC 9293 section 3.10.7.3).  That takes a process that may send packets in
 * the name of others, which this one may not; it answers every forged SYN, to
 * a host that did not send it; and firewalls in front of the client, ours
 * among them, drop that SYN-ACK, so that the client waits all the same.
 *
 * Measured through NFQUEUE, with 100,000 SYNs a second from forged sources to
 * the port that honest clients ask for (tests/system/floods.sh): of 200
 * handshakes none succeeds where half_open_per_destination drops, and all do
 * with this, half of them within a millisecond and those of a source that is not
 * proven in 1.03 s, which is the client's own patience.
 */
#ifndef ENGINE_FLOOD_H
#define ENGINE_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/siphash.h"
#include "engine/timeout.h"
#include "engine/tuple.h"

struct flood;

/* For a table of @max_conns connections.  NULL: no memory. */
struct flood *flood_create(size_t max_conns, const struct hash_key *key);
void flood_destroy(struct flood *flood);

/*
 * Whether there is one, when so many connections are half open and @limit may
 * be: it begins at the half and ends below a quarter, as in pf.
 */
bool flood_is_on(struct flood *flood, size_t half_open, uint32_t limit);

/*
 * Whether a SYN of that sequence number may pass: it came before, or its source
 * is proven.  If not it is noted, for the next time.
 */
bool flood_admits(struct flood *flood, const struct tuple *tuple, uint32_t seq,
		  msec_t now);

/* The source of @tuple, that of a SYN, has completed a handshake. */
void flood_note_proof(struct flood *flood, const struct tuple *tuple,
		      msec_t now);

#endif
