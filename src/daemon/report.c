/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports.  A connection is told in the words of `conntrack -L`.
 */
#include "daemon/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/proto.h"

enum { LINE_LEN = 400, PORTS_LEN = 40, TUPLE_LEN = 160 };

void report_verdicts(struct dataplane *dp, void (*write)(const char *line))
{
	struct engine_stats stats = dataplane_stats(dp);
	char line[LINE_LEN];

	(void)snprintf(line, sizeof(line),
		       "packets: %" PRIu64 " accepted, %" PRIu64
		       " dropped; connections: %" PRIu64 " now, %" PRIu64
		       " since the start, %" PRIu64 " evicted",
		       stats.packets[ACTION_ACCEPT],
		       stats.packets[ACTION_DROP] +
			       stats.packets[ACTION_REJECT],
		       stats.conns, stats.created, stats.evicted);
	write(line);
	for (size_t i = 0; i < REASON_COUNT; i++) {
		if (stats.reasons[i] == 0)
			continue;
		(void)snprintf(line, sizeof(line), "reason %s: %" PRIu64 " %s",
			       reason_info[i].name, stats.reasons[i],
			       reason_info[i].kind == REASON_DROPS
				       ? "dropped"
				       : "accepted");
		write(line);
	}
}

void report_queue(const struct queue *queue, void (*write)(const char *line))
{
	struct queue_stats stats = queue_stats(queue);
	char line[LINE_LEN];

	(void)snprintf(line, sizeof(line),
		       "queue %u: %" PRIu64 " packets in %" PRIu64
		       " batches, %" PRIu64 " verdicts too late, %" PRIu64
		       " messages malformed",
		       queue_number(queue), stats.packets, stats.batches,
		       stats.verdict_errors, stats.malformed);
	write(line);
}

static const char *protocol_name(uint8_t ipproto, char number[8])
{
	const char *name = proto_name(ipproto);

	(void)snprintf(number, 8, "%u", ipproto);
	return name ? name : number;
}

/* What a visit needs beside the connection. */
struct listing {
	msec_t now;
	size_t len;
	void (*write)(const char *line);
};

/* "tcp src=... dst=... sport=... dport=..." */
static void format_tuple(const struct tuple *tuple, char text[TUPLE_LEN])
{
	char src[ADDR_TEXT_LEN];
	char dst[ADDR_TEXT_LEN];
	char ports[PORTS_LEN] = "";

	addr_format(&tuple->src, src);
	addr_format(&tuple->dst, dst);
	if (proto_find(tuple->ipproto)->has_ports)
		(void)snprintf(ports, sizeof(ports), " sport=%u dport=%u",
			       tuple->sport, tuple->dport);
	(void)snprintf(text, TUPLE_LEN, "src=%s dst=%s%s", src, dst, ports);
}

static void write_conn(const struct conn_info *conn,
		       const struct listing *listing)
{
	char tuple[TUPLE_LEN];
	char number[8];
	char line[LINE_LEN];

	format_tuple(&conn->tuple, tuple);
	(void)snprintf(line, sizeof(line),
		       "connection %" PRIu64 ": %s %s %s packets=%" PRIu64
		       "/%" PRIu64 " bytes=%" PRIu64 "/%" PRIu64
		       " expires=%" PRId64 "s",
		       conn->id, protocol_name(conn->tuple.ipproto, number),
		       conn->state, tuple, conn->packets[DIR_ORIGINAL],
		       conn->packets[DIR_REPLY], conn->bytes[DIR_ORIGINAL],
		       conn->bytes[DIR_REPLY],
		       (conn->expires - listing->now) / 1000);
	listing->write(line);
}

static void write_closed(const struct closed_conn *closed,
			 void (*write)(const char *line))
{
	char tuple[TUPLE_LEN];
	char number[8];
	char line[LINE_LEN];

	format_tuple(&closed->conn.tuple, tuple);
	(void)snprintf(line, sizeof(line),
		       "closed by the new policy: %s %s %s %s%s",
		       protocol_name(closed->conn.tuple.ipproto, number),
		       closed->conn.state, tuple,
		       closed->rule[0] ? "rule=" : "policy", closed->rule);
	write(line);
}

void report_closed(const struct recheck_report *report,
		   void (*write)(const char *line))
{
	char line[LINE_LEN];

	for (size_t i = 0; i < report->listed; i++)
		write_closed(&report->list[i], write);
	if (report->closed == report->listed)
		return;
	(void)snprintf(line, sizeof(line),
		       "and %" PRIu64 " connections more are closed",
		       report->closed - report->listed);
	write(line);
}

static void take_conn(const struct conn_info *conn, void *arg)
{
	struct listing *listing = arg;

	if (listing->len++ < REPORT_CONNECTIONS_MAX)
		write_conn(conn, listing);
}

void report_connections(struct dataplane *dp, msec_t now,
			void (*write)(const char *line))
{
	struct listing listing = { .now = now, .write = write };
	char line[LINE_LEN];

	dataplane_list(dp, now, take_conn, &listing);
	if (listing.len <= REPORT_CONNECTIONS_MAX)
		return;
	listing.len -= REPORT_CONNECTIONS_MAX;
	(void)snprintf(line, sizeof(line), "and %zu connection%s more",
		       listing.len, listing.len == 1 ? "" : "s");
	write(line);
}
