/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a replay.
 */
#include "tool/replay_print.h"

#include <inttypes.h>
#include <string.h>

#include "engine/proto.h"
#include "tool/output.h"

enum { LINE_LEN = 400, PROTOCOL_LEN = 8, END_LEN = ADDR_TEXT_LEN + 8 };

static const char *format_protocol(uint8_t ipproto, char number[PROTOCOL_LEN])
{
	const char *name = proto_name(ipproto);

	(void)snprintf(number, PROTOCOL_LEN, "%u", ipproto);
	return name ? name : number;
}

static const char *direction_name(const struct verdict_conn *conn)
{
	return conn->reply ? "reply" : "original";
}

/* Not even the addresses could be read. */
static bool has_no_header(const struct judged *judged)
{
	return judged->pkt.tuple.ipversion == 0;
}

/* "10.0.0.1:80", "[2001:db8::1]:80", or the address alone. */
static void format_end(const struct packet *pkt, const struct addr *addr,
		       uint16_t port, char text[END_LEN])
{
	char address[ADDR_TEXT_LEN];

	addr_format(addr, address);
	if (!pkt->has_ports)
		(void)snprintf(text, END_LEN, "%s", address);
	else if (pkt->tuple.ipversion == 6)
		(void)snprintf(text, END_LEN, "[%s]:%u", address, port);
	else
		(void)snprintf(text, END_LEN, "%s:%u", address, port);
}

/* "tcp    10.0.0.1:40000 > 192.0.2.1:80" */
static void format_packet(const struct judged *judged, char text[LINE_LEN])
{
	const struct packet *pkt = &judged->pkt;
	char protocol[PROTOCOL_LEN];
	char src[END_LEN];
	char dst[END_LEN];

	text[0] = '\0';
	if (has_no_header(judged))
		return;
	format_end(pkt, &pkt->tuple.src, pkt->tuple.sport, src);
	format_end(pkt, &pkt->tuple.dst, pkt->tuple.dport, dst);
	(void)snprintf(text, LINE_LEN, "%-6s %s > %s",
		       format_protocol(pkt->tuple.ipproto, protocol), src, dst);
}

/* "original SYN_SENT    1 lan-out": of the connection, and the rule. */
static void format_conn(const struct judged *judged, char text[LINE_LEN])
{
	const struct verdict_conn *conn = &judged->verdict.conn;
	const char *rule = judged->rule ? judged->rule : "";

	if (conn->id)
		(void)snprintf(text, LINE_LEN, "%-8s %-11s #%-5" PRIu64 " %s",
			       direction_name(conn), conn->state, conn->id,
			       rule);
	else
		(void)snprintf(text, LINE_LEN, "%-27s %s", "", rule);
}

static void remove_blanks_at_end(char *line)
{
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
}

void replay_print_text(const struct capture_frame *frame,
		       const struct judged *judged, FILE *out)
{
	char time[CAPTURE_TIME_LEN];
	char packet[LINE_LEN] = "";
	char conn[LINE_LEN] = "";
	char line[3 * LINE_LEN];

	capture_time_format(frame->time, time);
	if (!judged->skipped) {
		format_packet(judged, packet);
		format_conn(judged, conn);
	}
	(void)snprintf(line, sizeof(line),
		       "%6" PRIu64 " %s %-6s %-20s %-46s %s", frame->number,
		       time, judged_action(judged), judged_reason(judged),
		       packet, conn);
	remove_blanks_at_end(line);
	fprintf(out, "%s\n", line);
}

static json_t *port_or_null(const struct judged *judged, uint16_t port)
{
	return judged->pkt.has_ports ? json_integer(port) : json_null();
}

/* All that stands behind the time. */
static json_t *describe(const struct judged *judged)
{
	const struct tuple *tuple = &judged->pkt.tuple;
	const struct verdict_conn *conn = &judged->verdict.conn;
	const char *protocol = NULL;
	char number[PROTOCOL_LEN];
	char src[ADDR_TEXT_LEN];
	char dst[ADDR_TEXT_LEN];

	addr_format(&tuple->src, src);
	addr_format(&tuple->dst, dst);
	if (!has_no_header(judged))
		protocol = format_protocol(tuple->ipproto, number);
	return json_pack(
		"{s:s, s:s, s:o, s:s?, s:s?, s:s?, s:o, s:s?, s:o, s:s?, s:o}",
		"verdict", judged_action(judged), "reason",
		judged_reason(judged), "rule", output_text(judged->rule),
		"direction", conn->id ? direction_name(conn) : NULL, "protocol",
		protocol, "source", protocol ? src : NULL, "sport",
		port_or_null(judged, tuple->sport), "destination",
		protocol ? dst : NULL, "dport",
		port_or_null(judged, tuple->dport), "state", conn->state,
		"connection",
		conn->id ? json_integer((json_int_t)conn->id) : json_null());
}

bool replay_print_json(const struct capture_frame *frame,
		       const struct judged *judged, FILE *out)
{
	char time[CAPTURE_TIME_LEN];
	json_t *object = describe(judged);

	if (!object)
		return false;
	/* A number of 16 digits, which a double would not keep as it is. */
	capture_time_format(frame->time, time);
	fprintf(out, "{\"frame\":%" PRIu64 ",\"time\":%s,", frame->number,
		time);
	(void)json_dumpf(object, out, JSON_COMPACT | JSON_EMBED);
	fputs("}\n", out);
	json_decref(object);
	return true;
}

void replay_comment(const struct judged *judged,
		    char comment[REPLAY_COMMENT_LEN])
{
	const struct verdict_conn *conn = &judged->verdict.conn;

	(void)snprintf(comment, REPLAY_COMMENT_LEN,
		       "%s rule=%s reason=%s state=%s", judged_action(judged),
		       judged->rule ? judged->rule : "-", judged_reason(judged),
		       conn->id ? conn->state : "-");
}
