/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From packets to the words of conditions.
 */
#include "policy/have.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/proto.h"
#include "engine/ruleset.h"
#include "engine/zone.h"

static void set_text(struct have *have, const char *text)
{
	(void)snprintf(have->text, sizeof(have->text), "%s", text);
}

static void set_number(struct have *have, uint32_t number)
{
	have->is_number = true;
	have->number = number;
	(void)snprintf(have->text, sizeof(have->text), "%u", number);
}

/* Appends a word to a list with commas. */
static void append(char *text, size_t size, const char *word)
{
	size_t len = strlen(text);

	(void)snprintf(text + len, size - len, "%s%s", len > 0 ? "," : "",
		       word);
}

/* The zones whose interface it is, or else its name. */
static void have_zone(const struct ruleset *rules, const struct packet *pkt,
		      bool is_source, struct have *have)
{
	const char *device = is_source ? pkt->indev : pkt->outdev;
	const struct zone *zone;

	if (pkt->hook == (is_source ? HOOK_OUTPUT : HOOK_INPUT)) {
		set_text(have, "self");
		return;
	}
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++)
		if (is_source ? zone_is_source(zone, pkt)
			      : zone_is_destination(zone, pkt))
			append(have->text, sizeof(have->text), zone_name(zone));
	if (!have->text[0])
		set_text(have, device);
}

static void have_from(const struct ruleset *rules, const struct packet *pkt,
		      struct have *have)
{
	have_zone(rules, pkt, true, have);
}

static void have_to(const struct ruleset *rules, const struct packet *pkt,
		    struct have *have)
{
	have_zone(rules, pkt, false, have);
}

void have_protocol(const struct packet *pkt, char *text, size_t size)
{
	const char *name = proto_name(pkt->tuple.ipproto);

	if (name)
		(void)snprintf(text, size, "%s", name);
	else
		(void)snprintf(text, size, "%u", pkt->tuple.ipproto);
}

static void have_proto(const struct ruleset *rules, const struct packet *pkt,
		       struct have *have)
{
	(void)rules;
	have_protocol(pkt, have->text, sizeof(have->text));
}

static void have_src(const struct ruleset *rules, const struct packet *pkt,
		     struct have *have)
{
	(void)rules;
	addr_format(&pkt->tuple.src, have->text);
}

static void have_dst(const struct ruleset *rules, const struct packet *pkt,
		     struct have *have)
{
	(void)rules;
	addr_format(&pkt->tuple.dst, have->text);
}

static void have_sport(const struct ruleset *rules, const struct packet *pkt,
		       struct have *have)
{
	(void)rules;
	if (pkt->has_ports)
		set_number(have, pkt->tuple.sport);
}

static void have_dport(const struct ruleset *rules, const struct packet *pkt,
		       struct have *have)
{
	(void)rules;
	if (pkt->has_ports)
		set_number(have, pkt->tuple.dport);
}

static bool is_icmp(const struct packet *pkt)
{
	return pkt->tuple.ipproto == IPPROTO_ICMP ||
	       pkt->tuple.ipproto == IPPROTO_ICMPV6;
}

/* The name of the packet's type; NULL: it has none. */
static const char *find_type(const struct packet *pkt)
{
	struct match_fault fault;
	const char *name;

	for (size_t i = 0; (name = match_icmp_name(i)); i++) {
		struct match *match = match_icmp_type.parse(NULL, name, &fault);
		bool is = match && match_icmp_type.test(match, pkt, 0);

		match_icmp_type.destroy(match);
		if (is)
			return name;
	}
	return NULL;
}

void have_icmp_type(const struct packet *pkt, char *text, size_t size)
{
	const char *name = pkt->icmp.code ? NULL : find_type(pkt);

	if (name)
		(void)snprintf(text, size, "%s", name);
	else
		(void)snprintf(text, size, "%u/%u", pkt->icmp.type,
			       pkt->icmp.code);
}

static void have_type(const struct ruleset *rules, const struct packet *pkt,
		      struct have *have)
{
	(void)rules;
	if (is_icmp(pkt))
		have_icmp_type(pkt, have->text, sizeof(have->text));
}

static void have_service(const struct ruleset *rules, const struct packet *pkt,
			 struct have *have)
{
	char protocol[16];

	(void)rules;
	if (!pkt->has_ports)
		return;
	have_protocol(pkt, protocol, sizeof(protocol));
	(void)snprintf(have->text, sizeof(have->text), "%s/%u", protocol,
		       pkt->tuple.dport);
}

void have_flags(const struct packet *pkt, char *text, size_t size)
{
	static const char *const names[] = { "fin", "syn", "rst",
					     "psh", "ack", "urg" };

	text[0] = '\0';
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (pkt->tcp.flags & 1U << i)
			append(text, size, names[i]);
	if (!text[0])
		(void)snprintf(text, size, "none");
}

static void have_tcp_flags(const struct ruleset *rules,
			   const struct packet *pkt, struct have *have)
{
	(void)rules;
	if (pkt->tuple.ipproto == IPPROTO_TCP)
		have_flags(pkt, have->text, sizeof(have->text));
}

static void have_mark(const struct ruleset *rules, const struct packet *pkt,
		      struct have *have)
{
	(void)rules;
	(void)snprintf(have->text, sizeof(have->text), "0x%x", pkt->mark);
}

static void have_dscp(const struct ruleset *rules, const struct packet *pkt,
		      struct have *have)
{
	(void)rules;
	set_number(have, pkt->dscp);
}

static void have_uid(const struct ruleset *rules, const struct packet *pkt,
		     struct have *have)
{
	(void)rules;
	if (pkt->has_owner)
		set_number(have, pkt->uid);
}

static void have_gid(const struct ruleset *rules, const struct packet *pkt,
		     struct have *have)
{
	(void)rules;
	if (pkt->has_owner)
		set_number(have, pkt->gid);
}

static const struct {
	const struct match_type *type;
	void (*read)(const struct ruleset *rules, const struct packet *pkt,
		     struct have *have);
	const char *none; /* what is said of a packet that has none */
} readers[] = {
	{ &match_from, have_from, "it is not known where it comes from" },
	{ &match_to, have_to, "it is not known where it goes to" },
	{ &match_proto, have_proto, "" },
	{ &match_src, have_src, "" },
	{ &match_dst, have_dst, "" },
	{ &match_sport, have_sport, "the packet has no ports" },
	{ &match_dport, have_dport, "the packet has no ports" },
	{ &match_icmp_type, have_type, "the packet is not ICMP" },
	{ &match_service, have_service, "the packet has no ports" },
	{ &match_tcp_flags, have_tcp_flags, "the packet is not TCP" },
	{ &match_mark, have_mark, "" },
	{ &match_dscp, have_dscp, "" },
	{ &match_uid, have_uid, "the packet has no owner on this machine" },
	{ &match_gid, have_gid, "the packet has no owner on this machine" },
};

enum { READER_COUNT = sizeof(readers) / sizeof(readers[0]) };

static size_t find_reader(const struct match_type *type)
{
	size_t i = 0;

	while (i < READER_COUNT - 1 && readers[i].type != type)
		i++;
	return i;
}

struct have have_of(const struct match_type *type, const struct packet *pkt,
		    const struct ruleset *rules)
{
	struct have have = { 0 };

	readers[find_reader(type)].read(rules, pkt, &have);
	return have;
}

/* How a value stands to what it does not match. */
static const char *relation(const struct match_type *type, const char *want)
{
	bool has_ranges = type == &match_src || type == &match_dst ||
			  type == &match_sport || type == &match_dport ||
			  type == &match_uid || type == &match_gid;

	if (strchr(want, '!'))
		return "does not match";
	/* Its commas are of another kind. */
	if (type == &match_tcp_flags)
		return "is not";
	if (strchr(want, ',') || (has_ranges && strpbrk(want, "-/<")))
		return "is not in";
	return "is not";
}

void have_explain(const struct match_type *type, const char *want,
		  const struct packet *pkt, const struct ruleset *rules,
		  char text[HAVE_SENTENCE_LEN])
{
	enum { WANT_MAX = 100 }; /* lists may be very long */
	const struct have have = have_of(type, pkt, rules);
	const char *more = strlen(want) > WANT_MAX ? "..." : "";

	if (!have.text[0])
		(void)snprintf(text, HAVE_SENTENCE_LEN, "%s is %.*s%s, %s",
			       type->key, WANT_MAX, want, more,
			       readers[find_reader(type)].none);
	else if (type == &match_from || type == &match_to)
		(void)snprintf(text, HAVE_SENTENCE_LEN,
			       "%s is %.*s%s, the packet %s %s", type->key,
			       WANT_MAX, want, more,
			       type == &match_from ? "comes from" : "goes to",
			       have.text);
	else
		(void)snprintf(text, HAVE_SENTENCE_LEN, "%s %s %s %.*s%s",
			       type->key, have.text, relation(type, want),
			       WANT_MAX, want, more);
}
