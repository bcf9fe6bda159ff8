/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking over connections of a process that has ended.
 */
#include "engine/engine_state.h"
#include "engine/restore.h"

bool engine_restore(struct engine *eng, const struct restored *restored,
		    msec_t now)
{
	struct conn conn = restored->conn;
	struct tuple tuple = conn_original_tuple(&conn);
	enum timeout timeout = (enum timeout)conn.timeout;
	struct ifnames *ifnames = &eng->meanings->ifnames;
	enum direction dir;
	uint16_t mark;
	msec_t life;

	if (conntrack_find(eng->ct, &tuple, now, &dir))
		return false;
	conn.epoch = eng->epoch;
	conn.indev = ifnames_number(ifnames, restored->indev);
	conn.outdev = ifnames_number(ifnames, restored->outdev);
	/* Its packets would leave by a way that the rules do not want. */
	if (!marks_number(&eng->meanings->marks, restored->mark, &mark))
		return false;
	conn.mark = mark & MARKS_MAX;
	/* It lives no longer than it would if it had moved just now. */
	life = engine_timeout_of(eng, &conn, timeout);
	if (conn.expires > now + life)
		conn.expires = now + life;
	conn.counted = false;
	engine_count_source(eng, &conn);
	if (conntrack_adopt(eng->ct, &conn, life, now) != CONNTRACK_OK) {
		engine_discount_source(eng, &conn);
		return false;
	}
	engine_count(eng, conn.rule, &tuple);
	eng->stats.conns = conntrack_count(eng->ct);
	return true;
}

void engine_skip_ids(struct engine *eng, uint64_t id)
{
	conntrack_skip_ids(eng->ct, id);
}
