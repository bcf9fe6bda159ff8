/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in words: interfaces, protocol and ends.
 */
#include "policy/expression.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/proto.h"
#include "policy/expression_state.h"
#include "policy/services.h"
#include "policy/suggest.h"

void expression_next(struct expression_reader *r)
{
	size_t len;

	r->rest += strspn(r->rest, " \t");
	r->column = (size_t)(r->rest - r->text) + 1;
	len = *r->rest == '>' ? 1 : strcspn(r->rest, " \t>");
	(void)snprintf(r->word, sizeof(r->word), "%.*s",
		       len < sizeof(r->word) ? (int)len : 0, r->rest);
	if (len >= sizeof(r->word))
		(void)snprintf(r->word, sizeof(r->word), "%.60s...", r->rest);
	r->rest += len;
}

bool expression_refuse(struct expression_reader *r, const char *format, ...)
{
	va_list args;

	r->fault->column = r->column;
	va_start(args, format);
	(void)vsnprintf(r->fault->text, sizeof(r->fault->text), format, args);
	va_end(args);
	return false;
}

bool expression_has_ports(uint8_t ipproto)
{
	return proto_find(ipproto)->has_ports;
}

static bool read_interface(struct expression_reader *r, const char *which,
			   char name[PACKET_IFNAME_LEN])
{
	size_t len;

	if (name[0])
		return expression_refuse(r, "\"%s\" is said twice", which);
	expression_next(r);
	len = strlen(r->word);
	if (len == 0 || r->word[0] == '>')
		return expression_refuse(r,
					 "the interface behind \"%s\" is "
					 "missing",
					 which);
	if (len >= PACKET_IFNAME_LEN)
		return expression_refuse(
			r,
			"\"%s\" is not the name of an interface: they have 1 "
			"to %d characters",
			r->word, PACKET_IFNAME_LEN - 1);
	memcpy(name, r->word, len + 1);
	expression_next(r);
	return true;
}

static bool read_interfaces(struct expression_reader *r)
{
	struct expression *expr = r->expr;

	for (;;) {
		bool ok;

		if (strcmp(r->word, "in") == 0)
			ok = read_interface(r, "in", expr->indev);
		else if (strcmp(r->word, "out") == 0)
			ok = read_interface(r, "out", expr->outdev);
		else
			return true;
		if (!ok)
			return false;
	}
}

static const char *nth_proto(const void *context, size_t index)
{
	(void)context;
	return match_proto_name(index);
}

/* What the engine calls by name or number, or else /etc/protocols. */
static bool find_proto(const char *word, struct proto_item *item)
{
	struct match_fault fault;
	struct match *match = match_proto.parse(NULL, word, &fault);
	const struct protoent *entry;

	if (match) {
		*item = *(const struct proto_item *)match->items;
		match_proto.destroy(match);
		return true;
	}
	entry = getprotobyname(word);
	if (!entry || entry->p_proto < 0 || entry->p_proto > UINT8_MAX)
		return false;
	*item = (struct proto_item){ .number = (uint8_t)entry->p_proto };
	return true;
}

static bool read_proto(struct expression_reader *r, struct proto_item *item)
{
	const struct choices choices = { nth_proto, NULL };
	char hint[SUGGESTION_LEN];

	if (!r->word[0] || r->word[0] == '>')
		return expression_refuse(
			r, "the protocol is missing: write \"in wan0 tcp "
			   "203.0.113.7 > 192.0.2.10:443\"");
	if (!strchr(r->word, ',') && find_proto(r->word, item))
		return true;
	suggest(hint, r->word, &choices);
	return expression_refuse(r, "\"%s\" is not a protocol: %s", r->word,
				 hint);
}

/* The address and the port of "ADDR:PORT" or "[ADDR]:PORT"; NULL: no port. */
static const char *split_port(char *word, const char **addr)
{
	char *colon = strchr(word, ':');
	char *bracket = strchr(word, ']');

	*addr = word;
	if (word[0] == '[' && bracket) {
		*addr = word + 1;
		*bracket = '\0';
		return bracket[1] == ':' ? bracket + 2 : NULL;
	}
	/* More than one colon: an address of IPv6 alone. */
	if (!colon || strchr(colon + 1, ':'))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static bool read_port(struct expression_reader *r, const char *text,
		      uint8_t ipproto, struct expression_end *end)
{
	const char *name = ipproto == IPPROTO_UDP ? "udp" : "tcp";
	unsigned long port = 0;

	if (!expression_has_ports(ipproto))
		return expression_refuse(r,
					 "this protocol has no ports: leave "
					 "\":%.20s\" out",
					 text);
	if (!match_number(text, UINT16_MAX, &port))
		port = service_port(text, name);
	if (port == 0 && strcmp(text, "0") != 0)
		return expression_refuse(
			r,
			"\"%.40s\" is not a port: write a number from 0 to "
			"65535 or a name from /etc/services",
			text);
	end->port = (uint16_t)port;
	end->has_port = true;
	return true;
}

static bool is_self(const struct expression_self *self, const struct addr *addr)
{
	for (size_t i = 0; i < self->count; i++)
		if (addr_equal(&self->list[i], addr))
			return true;
	return false;
}

/* The first address of the family, 4 or 6. */
static struct addr self_address(const struct expression_self *self,
				uint8_t ipversion)
{
	struct addr addr;

	for (size_t i = 0; i < self->count; i++)
		if (addr_is_ipv4(&self->list[i]) == (ipversion == 4))
			return self->list[i];
	(void)addr_parse(&addr, ipversion == 4 ? EXPRESSION_SELF_IPV4
					       : EXPRESSION_SELF_IPV6);
	return addr;
}

/* The family of an end; 0: "self", which is of either; -1: it is reported. */
static int read_end(struct expression_reader *r, uint8_t ipproto,
		    struct expression_end *end)
{
	char word[EXPRESSION_WORD_LEN];
	const char *addr;
	const char *port;
	int family = 0;

	(void)snprintf(word, sizeof(word), "%s", r->word);
	port = split_port(word, &addr);
	if (strcmp(addr, "self") == 0) {
		end->is_self = true;
	} else if (addr_parse(&end->addr, addr) < 0) {
		(void)expression_refuse(
			r,
			"\"%s\" is not an address: write 192.0.2.1, "
			"2001:db8::1 or self, and a port behind it as "
			"192.0.2.1:80 or [2001:db8::1]:80",
			r->word);
		return -1;
	} else {
		family = strchr(addr, ':') ? 6 : 4;
		end->is_self = is_self(r->self, &end->addr);
	}
	if (port && !read_port(r, port, ipproto, end))
		return -1;
	return family;
}

static bool take_arrow(struct expression_reader *r)
{
	expression_next(r);
	if (strcmp(r->word, ">") == 0)
		return true;
	return expression_refuse(r, "\">\" is missing between source and "
				    "destination; a shell wants it in quotes: "
				    "'>'");
}

/* Both ends are of one family, which "self" adapts to. */
static bool set_family(struct expression_reader *r,
		       struct expression_flow *flow, int src, int dst)
{
	if (src && dst && src != dst)
		return expression_refuse(r, "one address is of IPv4 and the "
					    "other of IPv6: a packet is of one "
					    "of them");
	flow->ipversion = src == 6 || dst == 6 ? 6 : 4;
	if (!src)
		flow->src.addr = self_address(r->self, flow->ipversion);
	if (!dst)
		flow->dst.addr = self_address(r->self, flow->ipversion);
	return true;
}

bool expression_read_flow(struct expression_reader *r,
			  struct expression_flow *flow)
{
	struct proto_item proto = { 0 };
	int src;
	int dst;

	if (!read_proto(r, &proto))
		return false;
	flow->ipproto = proto.number;
	expression_next(r);
	src = read_end(r, flow->ipproto, &flow->src);
	if (src < 0 || !take_arrow(r))
		return false;
	expression_next(r);
	dst = read_end(r, flow->ipproto, &flow->dst);
	if (dst < 0 || !set_family(r, flow, src, dst))
		return false;
	/* "icmp" is that of the family. */
	if (proto.both_icmp && flow->ipversion == 6)
		flow->ipproto = IPPROTO_ICMPV6;
	expression_next(r);
	return true;
}

/* A packet has a way: whether it can be the one that is written. */
static bool check_way(struct expression_reader *r)
{
	const struct expression *expr = r->expr;

	r->column = 1;
	if (!expr->indev[0] && !expr->flow.src.is_self)
		return expression_refuse(
			r,
			"begin with \"in\" and the interface on which the "
			"packet arrives; only what comes from self has none");
	if (expr->indev[0] && expr->outdev[0] && expr->flow.dst.is_self)
		return expression_refuse(r,
					 "what goes to self leaves by no "
					 "interface: take \"out %s\" away",
					 expr->outdev);
	return true;
}

bool expression_parse(struct expression *expr, const char *text,
		      const struct expression_self *self,
		      struct expression_fault *fault)
{
	struct expression_reader r = {
		.text = text,
		.rest = text,
		.self = self,
		.expr = expr,
		.fault = fault,
	};

	*expr = (struct expression){ 0 };
	expression_next(&r);
	return read_interfaces(&r) && expression_read_flow(&r, &expr->flow) &&
	       expression_read_words(&r) && check_way(&r);
}

bool expression_add_self(struct expression_self *self, const char *list,
			 struct expression_fault *fault)
{
	const char *at = list;

	for (;;) {
		size_t len = strcspn(at, ",");
		char word[ADDR_TEXT_LEN + 2];

		(void)snprintf(word, sizeof(word), "%.*s",
			       len < sizeof(word) ? (int)len : 0, at);
		fault->column = (size_t)(at - list) + 1;
		if (self->count == EXPRESSION_SELF_MAX) {
			(void)snprintf(fault->text, sizeof(fault->text),
				       "these are more than %d addresses",
				       EXPRESSION_SELF_MAX);
			return false;
		}
		if (addr_parse(&self->list[self->count], word) < 0) {
			(void)snprintf(fault->text, sizeof(fault->text),
				       "\"%.60s\" is not an address: write one "
				       "like 192.0.2.1 or 2001:db8::1",
				       word);
			return false;
		}
		self->count++;
		if (!at[len])
			return true;
		at += len + 1;
	}
}
