/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network: a heap of parcels, by the time when they arrive.
 */
#include "model/channel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "unit/random.h"

enum { MERGED_MAX = 65000 };

struct channel {
	struct weather weather;
	uint64_t seed;
	uint64_t count;             /* parcels sent so far */
	msec_t last[SIDE_COUNT][2]; /* arrival of what may not be overtaken */
	struct parcel *heap;
	size_t len;
	size_t size;
};

struct channel *channel_create(const struct weather *weather, uint64_t seed)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	assert(channel);
	channel->weather = *weather;
	channel->seed = seed;
	return channel;
}

void channel_destroy(struct channel *channel)
{
	free(channel->heap);
	free(channel);
}

void channel_calm(struct channel *channel)
{
	channel->weather.loss = 0;
	channel->weather.doubling = 0;
	channel->weather.lateness = 0;
}

static bool is_first(const struct parcel *a, const struct parcel *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

static void push(struct channel *channel, const struct parcel *parcel)
{
	size_t i = channel->len++;

	if (channel->len > channel->size) {
		channel->size = channel->size ? 2 * channel->size : 64;
		channel->heap =
			realloc(channel->heap,
				channel->size * sizeof(channel->heap[0]));
		assert(channel->heap);
	}
	while (i && is_first(parcel, &channel->heap[(i - 1) / 2])) {
		channel->heap[i] = channel->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	channel->heap[i] = *parcel;
}

static void pop(struct channel *channel, struct parcel *parcel)
{
	const struct parcel *last = &channel->heap[--channel->len];
	size_t i = 0;
	size_t child;

	*parcel = channel->heap[0];
	while ((child = 2 * i + 1) < channel->len) {
		if (child + 1 < channel->len &&
		    is_first(&channel->heap[child + 1], &channel->heap[child]))
			child++;
		if (is_first(last, &channel->heap[child]))
			break;
		channel->heap[i] = channel->heap[child];
		i = child;
	}
	channel->heap[i] = *last;
}

static bool happens(struct channel *channel, uint32_t thousandths)
{
	return random_below(&channel->seed, 1000) < thousandths;
}

static msec_t draw_arrival(struct channel *channel, const struct parcel *parcel,
			   msec_t now)
{
	const struct weather *weather = &channel->weather;
	msec_t *last = &channel->last[parcel->from][parcel->is_behind];
	msec_t at = now + random_below(&channel->seed, weather->delay_max + 1);

	if (happens(channel, weather->lateness))
		return now +
		       random_below(&channel->seed, weather->late_max + 1);
	if (weather->reorders)
		return at;
	*last = at > *last ? at : *last;
	return *last;
}

static void strip(struct segment *seg)
{
	seg->has_wscale = false;
	seg->has_sack_ok = false;
	seg->has_ts = false;
}

/* One packet, as it is on the wire. */
static void send_one(struct channel *channel, struct parcel *parcel, msec_t now)
{
	const struct weather *weather = &channel->weather;
	bool strips = parcel->is_behind ? weather->strips_behind
					: weather->strips_before;

	if (!parcel->is_ghost && happens(channel, weather->loss))
		return;
	/* From a SYN-ACK that would set the ends at odds with each other. */
	if (strips && parcel->seg.flags == TCP_SYN)
		strip(&parcel->seg);
	parcel->at = draw_arrival(channel, parcel, now);
	parcel->number = channel->count++;
	push(channel, parcel);
}

static void send_whole(struct channel *channel, const struct parcel *parcel,
		       msec_t now)
{
	bool is_split = parcel->is_behind && !(parcel->seg.flags & TCP_SYN);
	uint32_t mtu = is_split ? channel->weather.mtu : 0;
	struct parcel piece = *parcel;
	uint32_t left = parcel->seg.len;

	while (mtu && left > mtu) {
		struct parcel first = piece;

		first.seg.len = mtu;
		first.seg.flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		send_one(channel, &first, now);
		piece.seg.seq += mtu;
		piece.seg.len -= mtu;
		left -= mtu;
	}
	send_one(channel, &piece, now);
}

void channel_send(struct channel *channel, const struct parcel *parcel,
		  msec_t now)
{
	send_whole(channel, parcel, now);
	if (happens(channel, channel->weather.doubling))
		send_whole(channel, parcel, now);
}

msec_t channel_next(const struct channel *channel)
{
	return channel->len ? channel->heap[0].at : INT64_MAX;
}

static bool is_plain(const struct segment *seg)
{
	return seg->len && (seg->flags & ~TCP_PSH) == TCP_ACK;
}

/* GRO merges what a sender could have sent as one. */
static bool may_merge(const struct parcel *a, const struct parcel *b)
{
	const struct segment *first = &a->seg;
	const struct segment *second = &b->seg;
	uint8_t last = second->flags & (uint8_t)~TCP_FIN;

	return a->line == b->line && a->from == b->from && !a->is_behind &&
	       !b->is_behind && a->life == b->life && !a->is_forged &&
	       !b->is_forged && is_plain(first) && second->len &&
	       (last & ~TCP_PSH) == TCP_ACK &&
	       first->seq + first->len == second->seq &&
	       first->ack == second->ack && first->window == second->window &&
	       first->has_ts == second->has_ts &&
	       first->ts_val == second->ts_val &&
	       first->ts_ecr == second->ts_ecr && !first->sack_count &&
	       !second->sack_count && first->len + second->len <= MERGED_MAX;
}

void channel_take(struct channel *channel, struct parcel *parcel)
{
	struct parcel next;

	pop(channel, parcel);
	while (channel->len && channel->heap[0].at <= parcel->at + 1 &&
	       may_merge(parcel, &channel->heap[0]) &&
	       happens(channel, channel->weather.merging)) {
		pop(channel, &next);
		parcel->seg.len += next.seg.len;
		parcel->seg.flags |= next.seg.flags;
	}
}
