/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections with their names.
 */
#include "daemon/control_view.h"

#include <stdio.h>
#include <string.h>

#include "daemon/control_method.h"
#include "daemon/control_time.h"
#include "engine/proto.h"
#include "engine/ruleset.h"
#include "engine/zone.h"

static void copy_name(char to[NAME_MAX_LEN + 1], const char *from)
{
	(void)snprintf(to, NAME_MAX_LEN + 1, "%s", from);
}

typedef bool zone_test(const struct zone *zone, const struct packet *pkt);

/* This machine, or the first zone in the order of the file. */
static void find_zone(char name[NAME_MAX_LEN + 1], const struct ruleset *rules,
		      const struct packet *pkt, zone_test *test)
{
	const struct zone *zone = ruleset_zone(rules, "self");

	name[0] = '\0';
	if (zone && test(zone, pkt)) {
		copy_name(name, "self");
		return;
	}
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++) {
		if (!test(zone, pkt))
			continue;
		copy_name(name, zone_name(zone));
		return;
	}
}

void control_view_make(struct control_view *view, const struct conn_info *conn,
		       const struct ruleset *rules)
{
	struct packet pkt = { .tuple = conn->tuple, .hook = conn->hook };

	memcpy(pkt.indev, conn->indev, PACKET_IFNAME_LEN);
	memcpy(pkt.outdev, conn->outdev, PACKET_IFNAME_LEN);
	view->conn = *conn;
	view->rule[0] = '\0';
	if (conn->rule < ruleset_rule_count(rules))
		copy_name(view->rule,
			  rule_name(ruleset_rule(rules, conn->rule)));
	find_zone(view->zone_from, rules, &pkt, zone_is_source);
	find_zone(view->zone_to, rules, &pkt, zone_is_destination);
}

bool control_view_matches(const struct control_view *view,
			  const struct filter *filter)
{
	const struct filter_subject subject = {
		.tuple = &view->conn.tuple,
		.id = view->conn.id,
		.rule = view->rule,
		.state = view->conn.state,
		.zone_from = view->zone_from,
		.zone_to = view->zone_to,
		.indev = view->conn.indev,
		.outdev = view->conn.outdev,
	};

	return filter_matches(filter, &subject);
}

static json_t *name_or_null(const char *name)
{
	return name[0] ? json_string(name) : json_null();
}

static json_t *protocol(uint8_t ipproto)
{
	const char *name = proto_name(ipproto);
	char number[8];

	(void)snprintf(number, sizeof(number), "%u", ipproto);
	return json_string(name ? name : number);
}

static json_t *port(const struct tuple *tuple, uint16_t number)
{
	return proto_find(tuple->ipproto)->has_ports ? json_integer(number)
						     : json_null();
}

static json_t *both(const uint64_t counts[DIR_COUNT])
{
	return json_pack("[I, I]", (json_int_t)counts[DIR_ORIGINAL],
			 (json_int_t)counts[DIR_REPLY]);
}

json_t *control_view_describe(const struct control_view *view, msec_t now,
			      int64_t wall)
{
	const struct conn_info *conn = &view->conn;
	const struct tuple *tuple = &conn->tuple;
	char src[ADDR_TEXT_LEN];
	char dst[ADDR_TEXT_LEN];

	addr_format(&tuple->src, src);
	addr_format(&tuple->dst, dst);
	return json_pack(
		"{s:I, s:o, s:s, s:s, s:o, s:s, s:o, s:s, s:b, s:o, s:o, s:o, "
		"s:o, s:I, s:o, s:o, s:I}",
		"id", (json_int_t)conn->id, "protocol",
		protocol(tuple->ipproto), "family",
		tuple->ipversion == 4 ? "inet" : "inet6", "source", src,
		"sport", port(tuple, tuple->sport), "destination", dst, "dport",
		port(tuple, tuple->dport), "state", conn->state, "assured",
		conn->assured, "rule", name_or_null(view->rule), "zone_from",
		name_or_null(view->zone_from), "zone_to",
		name_or_null(view->zone_to), "created",
		control_time(conn->created + wall), "expires_in",
		(json_int_t)((conn->expires - now) / 1000), "packets",
		both(conn->packets), "bytes", both(conn->bytes), "mark",
		(json_int_t)conn->mark);
}

json_t *control_view_tuple(const struct tuple *tuple)
{
	char src[ADDR_TEXT_LEN];
	char dst[ADDR_TEXT_LEN];

	addr_format(&tuple->src, src);
	addr_format(&tuple->dst, dst);
	return json_pack("{s:o, s:s, s:o, s:s, s:o}", "protocol",
			 protocol(tuple->ipproto), "source", src, "sport",
			 port(tuple, tuple->sport), "destination", dst, "dport",
			 port(tuple, tuple->dport));
}

/*
 * The library's functions for names of services and protocols are for one
 * thread at a time, and both ask for filters.
 */
json_t *control_filter(const struct control_context *context,
		       const json_t *parameters, unsigned int about,
		       struct filter *filter)
{
	const char *text = control_string(parameters, "filter");
	struct filter_fault fault;
	bool ok;

	inforce_hold(context->inforce);
	ok = filter_parse(filter, text ? text : "", about, &fault);
	inforce_release(context->inforce);
	if (ok)
		return NULL;
	return control_error(CONTROL_INVALID_PARAMETER,
			     json_pack("{s:s, s:o, s:I}", "parameter", "filter",
				       "message", control_text(fault.text),
				       "column", (json_int_t)fault.column));
}
