/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections as people see them, and close them.
 */
#include <string.h>

#include "engine/engine_state.h"
#include "engine/proto.h"

enum { BUCKETS_MAX = 1024 }; /* a call */

struct conn_info engine_conn_info(const struct engine *eng,
				  const struct conn *conn)
{
	const struct marking mark =
		marks_mark(&eng->meanings->marks, conn->mark);
	struct conn_info info = {
		.id = conn->id,
		.tuple = conn_original_tuple(conn),
		.state = proto_find(conn->tuple.ipproto)->state_name(conn),
		.assured = conn->assured,
		.rule = engine_rule_of(eng, conn),
		.hook = (enum hook)conn->hook,
		.mark = mark.mark,
		.mark_mask = mark.mask,
		.created = conn->created,
		.expires = conn->expires,
		.packets = { conn->packets[0], conn->packets[1] },
		.bytes = { conn->bytes[0], conn->bytes[1] },
	};

	memcpy(info.indev, ifnames_name(&eng->meanings->ifnames, conn->indev),
	       PACKET_IFNAME_LEN);
	memcpy(info.outdev, ifnames_name(&eng->meanings->ifnames, conn->outdev),
	       PACKET_IFNAME_LEN);
	return info;
}

void engine_describe(const struct conn *conn, enum direction dir,
		     struct verdict_conn *described)
{
	described->id = conn->id;
	described->state = proto_find(conn->tuple.ipproto)->state_name(conn);
	described->reply = dir == DIR_REPLY;
}

/* A list that is being filled. */
struct listing {
	const struct engine *eng;
	struct conn_info *list;
	size_t len;
	size_t max;
	msec_t now;
	bool is_full; /* a connection had to be left out */
};

static void list_conn(const struct conn *conn, void *arg)
{
	struct listing *listing = arg;

	if (conn->expires <= listing->now)
		return;
	if (listing->len == listing->max) {
		listing->is_full = true;
		return;
	}
	listing->list[listing->len++] = engine_conn_info(listing->eng, conn);
}

size_t engine_list(const struct engine *eng, msec_t now, size_t *cursor,
		   struct conn_info *list, size_t max)
{
	struct listing listing = {
		.eng = eng, .list = list, .max = max, .now = now
	};

	for (int i = 0; i < BUCKETS_MAX && *cursor != SIZE_MAX; i++) {
		size_t before = *cursor;
		size_t len = listing.len;

		conntrack_walk(eng->ct, cursor, list_conn, &listing);
		if (!listing.is_full)
			continue;
		/* The bucket did not fit: it comes again with the next call,
		 * unless the list is too small for any bucket like it. */
		if (len > 0) {
			*cursor = before;
			listing.len = len;
		}
		break;
	}
	return listing.len;
}

/* Connections that are being closed. */
struct closing {
	const struct engine *eng;
	const struct engine_close *close;
	msec_t now;
	size_t closed;
};

static bool spare_conn(struct conn *conn, void *arg)
{
	struct closing *closing = arg;
	const struct engine_close *close = closing->close;
	struct conn_info info;

	if (conn->expires <= closing->now)
		return false;
	info = engine_conn_info(closing->eng, conn);
	if (!close->wanted(&info, close->arg))
		return true;
	closing->closed++;
	if (close->closed)
		close->closed(&info, close->arg);
	return false;
}

size_t engine_close(struct engine *eng, msec_t now, size_t *cursor,
		    const struct engine_close *close)
{
	struct closing closing = { eng, close, now, 0 };

	for (int i = 0; i < BUCKETS_MAX && *cursor != SIZE_MAX; i++)
		conntrack_sift(eng->ct, cursor, spare_conn, &closing);
	eng->stats.conns = conntrack_count(eng->ct);
	return closing.closed;
}
