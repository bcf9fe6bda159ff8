/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words behind the ends of a packet:
 *
 *	TCP	flags as letters, S SA A FA R RA PA ..., or "none"; S if no word
 *		says it; "connect": the three segments of a handshake;
 *		s1 a1: sequence number and acknowledgement, relative to the
 *		first number of their sender
 *	TCP, UDP and others, but not SCTP
 *		l50: octets of payload
 *	ICMP	a type as in rules, echo-request if there is none: a name, 8 or
 *		3/4
 *	all	mark=0x10 dscp=ef uid=1000 gid=1000; of ICMP "about"
 */
#include <netinet/in.h>
#include <string.h>

#include "engine/match_item.h"
#include "policy/expression_state.h"

/* Reads the word at hand, or what stands behind its '='. */
typedef bool take_word(struct expression_reader *r, const char *value);

static bool is_icmp(const struct expression *expr)
{
	return expr->flow.ipproto == IPPROTO_ICMP ||
	       expr->flow.ipproto == IPPROTO_ICMPV6;
}

/*
 * The value of one item of a condition, as rules have it.  false: it is not
 * one item, and the fault is set.
 */
static bool read_item(struct expression_reader *r, const char *value,
		      const struct match_type *type, void *item, size_t size)
{
	struct match_fault fault = { .expected = "write one value" };
	struct match *match = NULL;

	if (!strchr(value, ','))
		match = type->parse(NULL, value, &fault);
	if (!match)
		return expression_refuse(r, "\"%s\": %s", r->word,
					 fault.expected ? fault.expected
							: "out of memory");
	memcpy(item, match->items, size);
	type->destroy(match);
	return true;
}

static bool take_mark(struct expression_reader *r, const char *value)
{
	struct mark_item item = { 0 };

	if (!read_item(r, value, &match_mark, &item, sizeof(item)))
		return false;
	r->expr->mark = item.mark;
	return true;
}

static bool take_dscp(struct expression_reader *r, const char *value)
{
	struct dscp_item item = { 0 };

	if (!read_item(r, value, &match_dscp, &item, sizeof(item)))
		return false;
	r->expr->dscp = item.value;
	return true;
}

static bool read_id(struct expression_reader *r, const char *value,
		    const struct match_type *type, uint32_t *id)
{
	struct id_item item = { 0 };

	if (!read_item(r, value, type, &item, sizeof(item)))
		return false;
	if (item.first != item.last)
		return expression_refuse(r, "\"%s\": write one number",
					 r->word);
	r->expr->has_owner = true;
	*id = item.first;
	return true;
}

static bool take_uid(struct expression_reader *r, const char *value)
{
	return read_id(r, value, &match_uid, &r->expr->uid);
}

static bool take_gid(struct expression_reader *r, const char *value)
{
	return read_id(r, value, &match_gid, &r->expr->gid);
}

/* "KEY=VALUE". */
static const struct {
	const char *key;
	take_word *take;
} keys[] = {
	{ "mark=", take_mark },
	{ "dscp=", take_dscp },
	{ "uid=", take_uid },
	{ "gid=", take_gid },
};

static bool read_number(struct expression_reader *r, const char *value,
			struct expression_number *number)
{
	unsigned long read;

	if (!match_number(value, UINT32_MAX, &read))
		return expression_refuse(r,
					 "\"%s\": write a number from 0 to "
					 "4294967295 behind the letter",
					 r->word);
	*number = (struct expression_number){ true, (uint32_t)read };
	return true;
}

static bool take_seq(struct expression_reader *r, const char *value)
{
	return read_number(r, value, &r->expr->seq);
}

static bool take_ack(struct expression_reader *r, const char *value)
{
	return read_number(r, value, &r->expr->ack);
}

static bool take_payload(struct expression_reader *r, const char *value)
{
	unsigned long read;

	if (!match_number(value, EXPRESSION_PAYLOAD_MAX, &read))
		return expression_refuse(r,
					 "\"%s\": write a number from 0 to "
					 "%d behind the l",
					 r->word, EXPRESSION_PAYLOAD_MAX);
	r->expr->payload = (uint32_t)read;
	return true;
}

static const struct {
	char letter;
	bool is_tcp;
	take_word *take;
} numbers[] = {
	{ 's', true, take_seq },
	{ 'a', true, take_ack },
	{ 'l', false, take_payload },
};

/* false: these are no flags. */
static bool find_flags(const char *word, uint8_t *flags)
{
	static const char letters[] = "FSRPAU"; /* as their bits, from 1 on */

	uint8_t found = 0;

	for (; *word; word++) {
		const char *letter = strchr(letters, *word);

		if (!letter)
			return false;
		found |= (uint8_t)(1U << (letter - letters));
	}
	*flags = found;
	return true;
}

static bool take_flags(struct expression_reader *r)
{
	struct expression *expr = r->expr;
	uint8_t flags = 0;

	if (expr->has_flags || expr->is_handshake)
		return expression_refuse(r, "\"%s\": flags are there already",
					 r->word);
	expr->is_handshake = strcmp(r->word, "connect") == 0;
	if (expr->is_handshake)
		return true;
	if (!find_flags(r->word, &flags) && strcmp(r->word, "none") != 0)
		return expression_refuse(
			r,
			"\"%s\" is not understood: write TCP flags as letters "
			"(S, SA, A, PA, FA, R, RA), \"connect\" for a whole "
			"handshake, s1 or a1 for numbers, or l100 for payload",
			r->word);
	expr->flags = flags;
	expr->has_flags = true;
	return true;
}

static bool take_type(struct expression_reader *r, bool *is_given)
{
	struct expression *expr = r->expr;
	bool is_ipv6 = expr->flow.ipproto == IPPROTO_ICMPV6;
	struct icmp_item item = { 0 };
	int type;

	if (*is_given)
		return expression_refuse(r, "\"%s\": a type is there already",
					 r->word);
	if (!read_item(r, r->word, &match_icmp_type, &item, sizeof(item)))
		return false;
	type = is_ipv6 ? item.ipv6 : item.ipv4;
	if (type == ICMP_TYPE_NONE)
		return expression_refuse(r, "%s has no \"%s\"",
					 is_ipv6 ? "ICMPv6" : "ICMP", r->word);
	expr->icmp_type = (uint8_t)type;
	expr->icmp_code =
		(uint8_t)(item.code == ICMP_TYPE_NONE ? 0 : item.code);
	*is_given = true;
	return true;
}

static bool take_about(struct expression_reader *r)
{
	struct expression *expr = r->expr;

	if (!is_icmp(expr) || expr->has_about)
		return expression_refuse(r, "\"about\" stands once, behind the "
					    "type of an ICMP error");
	expr->has_about = true;
	expression_next(r);
	if (!expression_read_flow(r, &expr->about))
		return false;
	if (expr->about.ipversion != expr->flow.ipversion)
		return expression_refuse(r, "the packet that it is about is of "
					    "the other family");
	return true;
}

/* NULL: it is none of the words of all protocols. */
static take_word *find_common(const struct expression_reader *r,
			      const char **value)
{
	uint8_t ipproto = r->expr->flow.ipproto;
	/* The packet of SCTP is an INIT, which is alone. */
	bool has_payload = !is_icmp(r->expr) && ipproto != IPPROTO_SCTP;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = strlen(keys[i].key);

		if (strncmp(r->word, keys[i].key, len) == 0) {
			*value = r->word + len;
			return keys[i].take;
		}
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		bool fits = numbers[i].is_tcp ? ipproto == IPPROTO_TCP
					      : has_payload;

		if (fits && r->word[0] == numbers[i].letter &&
		    strchr("0123456789", r->word[1]) && r->word[1]) {
			*value = r->word + 1;
			return numbers[i].take;
		}
	}
	return NULL;
}

static bool refuse_word(struct expression_reader *r)
{
	return expression_refuse(r,
				 "\"%s\" is not understood here: of this "
				 "protocol write l100 for payload, or "
				 "mark=, dscp=, uid= and a value",
				 r->word);
}

static bool read_word(struct expression_reader *r, bool *has_type)
{
	const char *value;
	take_word *take = find_common(r, &value);

	if (take)
		return take(r, value);
	if (r->expr->flow.ipproto == IPPROTO_TCP)
		return take_flags(r);
	if (is_icmp(r->expr))
		return take_type(r, has_type);
	return refuse_word(r);
}

static void set_defaults(struct expression *expr, bool has_type)
{
	enum { ECHO_REQUEST = 8, ECHO_REQUEST_IPV6 = 128 };

	if (expr->flow.ipproto == IPPROTO_TCP && !expr->has_flags)
		expr->flags = TCP_SYN;
	if (is_icmp(expr) && !has_type)
		expr->icmp_type = expr->flow.ipproto == IPPROTO_ICMP
					  ? ECHO_REQUEST
					  : ECHO_REQUEST_IPV6;
}

bool expression_read_words(struct expression_reader *r)
{
	bool has_type = false;

	while (r->word[0]) {
		/* It reads on to the word behind it by itself. */
		if (strcmp(r->word, "about") == 0) {
			if (!take_about(r))
				return false;
			continue;
		}
		if (!read_word(r, &has_type))
			return false;
		expression_next(r);
	}
	set_defaults(r->expr, has_type);
	return true;
}
