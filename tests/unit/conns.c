/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections by number.
 */
#include "unit/conns.h"

#include <netinet/in.h>
#include <string.h>

struct tuple conns_tuple(uint32_t n)
{
	struct tuple tuple = { .ipproto = IPPROTO_TCP, .ipversion = 6 };

	memset(tuple.src.bytes, 0x20, 2);
	memset(tuple.dst.bytes, 0x20, 2);
	if (n % 2)
		tuple.src.bytes[5] = 1;
	else
		tuple.dst.bytes[5] = 1;
	tuple.src.bytes[15] = (uint8_t)n;
	tuple.src.bytes[14] = (uint8_t)(n >> 8);
	tuple.src.bytes[13] = (uint8_t)(n >> 16);
	tuple.sport = (uint16_t)(n * 7 + 1);
	tuple.dport = 443;
	return tuple;
}

struct conntrack *conns_table(struct pool *pool, const struct hash_key *key,
			      uint32_t number, uint32_t count)
{
	const struct conntrack_params params = {
		.pool = pool, .key = *key, .number = number, .count = count
	};

	return conntrack_create(&params);
}

struct conn *conns_insert(struct conntrack *ct, const struct tuple *tuple,
			  msec_t now)
{
	struct conn *conn = NULL;
	enum conntrack_error error = conntrack_insert(ct, tuple, now, &conn);

	return error == CONNTRACK_OK ? conn : NULL;
}

struct conn *conns_add(struct conntrack *ct, uint32_t n, enum timeout timeout,
		       msec_t now, msec_t life)
{
	struct tuple tuple = conns_tuple(n);
	struct conn *conn = conns_insert(ct, &tuple, now);

	if (conn)
		conntrack_refresh(ct, conn, timeout, now, now + life);
	return conn;
}

struct conn *conns_find(struct conntrack *ct, uint32_t n, msec_t now)
{
	struct tuple tuple = conns_tuple(n);
	enum direction dir;

	return conntrack_find(ct, &tuple, now, &dir);
}
