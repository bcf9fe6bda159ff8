/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the description of a packet to its octets.
 */
#include "scenarios/shot.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/draft.h"

/* Type and code of what has another number in each family. */
static const struct icmp_name {
	const char *name;
	bool is_error;
	bool is_reply;
	uint8_t type[2]; /* IPv4, IPv6 */
	uint8_t code[2];
} icmp_names[] = {
	{ "echo", false, false, { 8, 128 }, { 0, 0 } },
	{ "echo-reply", false, true, { 0, 129 }, { 0, 0 } },
	{ "timestamp", false, false, { 13, 13 }, { 0, 0 } },
	{ "timestamp-reply", false, true, { 14, 14 }, { 0, 0 } },
	{ "unreachable-host", true, false, { 3, 1 }, { 1, 3 } },
	{ "unreachable-port", true, false, { 3, 1 }, { 3, 4 } },
	{ "too-big", true, false, { 3, 2 }, { 4, 0 } },
	{ "time-exceeded", true, false, { 11, 3 }, { 0, 0 } },
	{ "parameter-problem", true, false, { 12, 4 }, { 0, 0 } },
};

static const struct icmp_name *find_icmp(const char *word)
{
	for (size_t i = 0; i < sizeof(icmp_names) / sizeof(icmp_names[0]); i++)
		if (strcmp(word, icmp_names[i].name) == 0)
			return &icmp_names[i];
	return NULL;
}

/* "SA", or "-" for none. */
static bool read_flags(const char *word, uint8_t *flags)
{
	static const char letters[] = "FSRPAUEC";

	*flags = 0;
	if (strcmp(word, "-") == 0)
		return true;
	for (; *word; word++) {
		const char *letter = strchr(letters, *word);

		if (!letter)
			return false;
		*flags |= (uint8_t)(1U << (letter - letters));
	}
	return true;
}

static uint8_t icmp_protocol(const struct cast *cast)
{
	return cast->version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

/* The connection that a query or its reply belongs to: see proto_icmp.c. */
static void set_icmp_id(const struct draft *d, const struct icmp_name *icmp,
			uint16_t id)
{
	struct tuple *tuple = &d->shot->tuple;

	d->shot->build.icmp.rest = (uint32_t)id << 16 | 1;
	if (icmp->is_reply)
		tuple->dport = id;
	else
		tuple->sport = id;
}

static const char *take_icmp(struct draft *d, const struct icmp_name *icmp,
			     const char *const **words)
{
	struct build *build = &d->shot->build;
	int family = d->cast->version == 6;
	int64_t id;

	build->ip.ipproto = icmp_protocol(d->cast);
	build->icmp.type = icmp->type[family];
	build->icmp.code = icmp->code[family];
	if (icmp->is_error)
		return NULL;
	if (!**words || !draft_number(d, **words, UINT16_MAX, &id))
		return "the identifier should follow";
	set_icmp_id(d, icmp, (uint16_t)id);
	(*words)++;
	return NULL;
}

/* "icmp T/C" */
static const char *take_any_icmp(struct draft *d, const char *const **words)
{
	struct build *build = &d->shot->build;
	const char *text = **words;
	char *end;

	build->ip.ipproto = icmp_protocol(d->cast);
	if (!text)
		return "type and code should follow, \"3/4\"";
	build->icmp.type = (uint8_t)strtoul(text, &end, 10);
	if (*end != '/')
		return "type and code should follow, \"3/4\"";
	build->icmp.code = (uint8_t)strtoul(end + 1, &end, 10);
	(*words)++;
	return *end ? "type and code should follow, \"3/4\"" : NULL;
}

/* "proto N" */
static const char *take_protocol(struct draft *d, const char *const **words)
{
	int64_t number;

	if (!**words || !draft_number(d, **words, UINT8_MAX, &number))
		return "the number of the protocol should follow";
	d->shot->build.ip.ipproto = (uint8_t)number;
	(*words)++;
	return NULL;
}

static const char *take_tcp(struct draft *d, const char *word)
{
	struct build *build = &d->shot->build;

	build->ip.ipproto = IPPROTO_TCP;
	build->tcp.window = UINT16_MAX;
	return read_flags(word, &build->tcp.flags)
		       ? NULL
		       : "neither the flags of a segment (letters of "
			 "SAFRPUEC, or -) nor udp, sctp, echo ...";
}

/* "sctp CHUNKS" */
static const char *take_sctp(struct draft *d, const char *const **words)
{
	const char *wrong;

	if (!**words)
		return "chunks should follow: INIT, DATA,SACK ... or -";
	wrong = draft_take_chunks(d, **words);
	if (!wrong)
		(*words)++;
	return wrong;
}

/* Protocols that a word alone stands for; 0: it is none of them. */
static uint8_t find_protocol(const char *word)
{
	static const struct {
		const char *name;
		uint8_t number;
	} protocols[] = {
		{ "udp", IPPROTO_UDP }, { "udplite", IPPROTO_UDPLITE },
		{ "gre", IPPROTO_GRE }, { "esp", IPPROTO_ESP },
		{ "ah", IPPROTO_AH },   { "dccp", IPPROTO_DCCP },
	};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strcmp(protocols[i].name, word) == 0)
			return protocols[i].number;
	return 0;
}

/* The first word, and those that belong to it. */
static const char *take_kind(struct draft *d, const char *const **words)
{
	const char *word = *(*words)++;
	const struct icmp_name *icmp = find_icmp(word);
	uint8_t protocol = find_protocol(word);

	if (icmp)
		return take_icmp(d, icmp, words);
	if (strcmp(word, "icmp") == 0)
		return take_any_icmp(d, words);
	if (strcmp(word, "sctp") == 0)
		return take_sctp(d, words);
	if (strcmp(word, "proto") == 0)
		return take_protocol(d, words);
	if (!protocol)
		return take_tcp(d, word);
	d->shot->build.ip.ipproto = protocol;
	return NULL;
}

bool shot_has_ports(const struct shot *shot)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP,
					     IPPROTO_UDPLITE, IPPROTO_SCTP,
					     IPPROTO_DCCP };

	return memchr(protocols, shot->tuple.ipproto, sizeof(protocols));
}

/* The ports of ICMP are set by set_icmp_id(). */
static void set_tuple(const struct draft *d)
{
	const struct build *build = &d->shot->build;
	struct tuple *tuple = &d->shot->tuple;

	(void)addr_parse(&tuple->src, build->ip.src);
	(void)addr_parse(&tuple->dst, build->ip.dst);
	tuple->ipproto = build->ip.ipproto;
	tuple->ipversion = build->ip.version;
	if (!shot_has_ports(d->shot))
		return;
	tuple->sport = build->sport;
	tuple->dport = build->dport;
}

static void set_ends(struct draft *d, enum who dst)
{
	struct build *build = &d->shot->build;

	d->dst = dst;
	build->ip.dst = d->cast->addresses[dst];
	build->sport = d->cast->ports[d->src];
	build->dport = d->cast->ports[dst];
}

static bool read_who(const char *word, const char *after, enum who *who)
{
	static const char names[] = "ORX";
	const char *name = strchr(names, word[0]);

	if (!word[0] || !name || strcmp(word + 1, after) != 0)
		return false;
	*who = (enum who)(name - names);
	return true;
}

static const char *take_words(struct draft *d, const char *const **words)
{
	const char *wrong;

	if (!**words)
		return "what is sent? flags, udp, sctp, echo ...";
	wrong = take_kind(d, words);
	if (wrong) {
		(*words)--;
		return wrong;
	}
	while (**words && strcmp(**words, "quoting") != 0) {
		wrong = draft_take_word(d, **words);
		if (wrong)
			return wrong;
		(*words)++;
	}
	return NULL;
}

static void begin(struct draft *d)
{
	struct shot *shot = d->shot;

	shot->who = d->src;
	shot->copy = SIZE_MAX;
	shot->quote = 8;
	shot->build.ip.version = d->cast->version;
	shot->build.ip.src = d->cast->addresses[d->src];
	set_ends(d, d->src == WHO_O ? WHO_R : WHO_O);
}

static void finish(struct shot *shot)
{
	assert(shot->build.payload_len + 256 < sizeof(shot->octets));
	shot->len =
		build_packet(&shot->build, shot->octets, sizeof(shot->octets));
	memset(shot->octets + shot->len, 0, shot->pad);
	shot->len += shot->pad;
}

static size_t ip_header_len(const struct shot *shot)
{
	return shot->build.ip.version == 4 ? 20
					   : 40 + shot->build.ip.ext_count * 8;
}

/* The error quotes as much of @inner as it shall. */
static const char *quote(struct draft *d, const struct shot *inner)
{
	struct shot *shot = d->shot;
	size_t len = ip_header_len(inner) + shot->quote;

	if (len > inner->len)
		len = inner->len;
	if (len + shot->extension > sizeof(shot->quoted))
		return "quotes too much";
	memcpy(shot->quoted, inner->octets, len);
	memset(shot->quoted + len, 0x20, shot->extension);
	shot->build.payload = shot->quoted;
	shot->build.payload_len = len + shot->extension;
	shot->tuple = inner->tuple;
	return NULL;
}

/* "WHO KIND [WORD]..." behind "quoting". */
static const char *take_quoted(struct draft *outer, const char *const **words,
			       struct shot *inner)
{
	struct draft d = { .shot = inner, .cast = outer->cast };
	bool goes_elsewhere =
		outer->shot->build.ip.dst != outer->cast->addresses[outer->dst];
	const char *wrong;

	if (!**words || !read_who(**words, "", &d.src))
		return "the sender of the quoted packet should follow: O, R";
	(*words)++;
	begin(&d);
	wrong = take_words(&d, words);
	if (wrong)
		return wrong;
	set_tuple(&d);
	finish(inner);
	/* It goes to who sent that, unless the scenario says "dst=". */
	if (!goes_elsewhere)
		outer->shot->build.ip.dst = outer->cast->addresses[d.src];
	return quote(outer, inner);
}

static const char *make(struct draft *d, const char *const **words)
{
	struct shot *inner;
	const char *wrong;

	if (!read_who(**words, ">", &d->src))
		return "not a command";
	(*words)++;
	begin(d);
	wrong = take_words(d, words);
	if (wrong)
		return wrong;
	set_tuple(d);
	if (**words) {
		(*words)++;
		inner = calloc(1, sizeof(*inner));
		assert(inner);
		wrong = take_quoted(d, words, inner);
		free(inner);
	}
	if (!wrong)
		finish(d->shot);
	return wrong;
}

const char *shot_make(struct shot *shot, const struct cast *cast,
		      const char *const *words, const char **fault)
{
	struct draft d = { .shot = shot, .cast = cast };
	const char *wrong;

	memset(shot, 0, sizeof(*shot));
	wrong = make(&d, &words);
	*fault = *words ? *words : "end of the line";
	return wrong;
}
