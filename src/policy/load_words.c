/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of conditions: names become numbers here, and faults sentences.
 */
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "policy/load_rule.h"
#include "policy/services.h"

/* rule "web": dport: ... */
__attribute__((format(printf, 3, 4))) static void
fault(const struct rule_word *word, enum code code, const char *format, ...)
{
	struct spot spot = { .node = word->node };
	char what[640];
	va_list args;

	if (node_type(word->node) == NODE_STRING) {
		spot.part = word->at;
		spot.len = strlen(word->text);
	}
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	loader_fault_at(word->scope->ld, code, &spot, "%s: %s: %s",
			word->scope->label, word->type->key, what);
}

/* Beginning as above, and a suggestion at the end. */
static void fault_unknown(const struct rule_word *word, enum code code,
			  const char *what, const struct choices *choices)
{
	char hint[SUGGESTION_LEN];

	suggest(hint, word->text, choices);
	fault(word, code, "\"%.60s\" %s\n%s", word->text, what, hint);
}

/* NULL: the engine understands the word. */
static const char *engine_expects(const struct rule_word *word,
				  const char *text)
{
	const struct ruleset *rules = word->scope->ld->policy->rules;
	struct match_fault match_fault;
	struct match *match = word->type->parse(rules, text, &match_fault);

	if (match) {
		word->type->destroy(match);
		return NULL;
	}
	if (!match_fault.expected)
		word->scope->ld->no_memory = true;
	return match_fault.expected ? match_fault.expected : "out of memory";
}

static const char *nth_zone(const void *context, size_t index)
{
	static const char *const built_in[] = { "any", "self" };
	const struct ruleset *rules = context;
	const struct zone *zone;

	if (index < 2)
		return built_in[index];
	zone = ruleset_zone_at(rules, index - 2);
	return zone ? zone_name(zone) : NULL;
}

static bool translate_zone(const struct rule_word *word, struct text *out)
{
	const struct ruleset *rules = word->scope->ld->policy->rules;
	const struct choices choices = { nth_zone, rules };
	const struct zone *zone = ruleset_zone(rules, word->text);

	if (zone) {
		loader_use(word->scope->ld, zone);
		text_append_item(out, word->text);
		return true;
	}
	if (!word->scope->ld->doc->incomplete)
		fault_unknown(word, CODE_UNKNOWN_ZONE, "is not a zone",
			      &choices);
	return false;
}

static const char *nth_table(const void *context, size_t index)
{
	const struct table *table = ruleset_table_at(context, index);

	return table ? table_name(table) : NULL;
}

/* @name is what stands behind "<". */
static bool check_table(const struct rule_word *word, const char *name)
{
	const struct ruleset *rules = word->scope->ld->policy->rules;
	const struct choices choices = { nth_table, rules };
	size_t len = strlen(name);
	const struct table *table;
	char copy[LOADER_WORD_LEN];
	char hint[SUGGESTION_LEN];

	if (len < 2 || name[len - 1] != '>') {
		fault(word, CODE_ADDRESS,
		      "\"%.60s\" is not a table\nwrite \"<name>\"", word->text);
		return false;
	}
	memcpy(copy, name, len - 1);
	copy[len - 1] = '\0';
	table = ruleset_table(rules, copy);
	if (table) {
		loader_use(word->scope->ld, table);
		return true;
	}
	if (word->scope->ld->doc->incomplete)
		return false;
	suggest(hint, copy, &choices);
	fault(word, CODE_UNKNOWN_TABLE, "<%.60s> is not a table\n%s", copy,
	      hint);
	return false;
}

static bool translate_addr(const struct rule_word *word, struct text *out)
{
	const char *text = word->text + (*word->text == '!');
	struct addr_range range;
	char why[WHY_LEN];

	if (*text == '<') {
		if (!check_table(word, text + 1))
			return false;
	} else if (!range_parse(text, &range, why)) {
		fault(word, CODE_ADDRESS, "\"%.60s\" %s", text, why);
		return false;
	}
	text_append_item(out, word->text);
	return true;
}

static const char *nth_proto(const void *context, size_t index)
{
	(void)context;
	return match_proto_name(index);
}

static bool translate_proto(const struct rule_word *word, struct text *out)
{
	const struct choices choices = { nth_proto, NULL };
	const char *expected = engine_expects(word, word->text);
	const struct protoent *entry;
	char number[16];

	if (!expected) {
		text_append_item(out, word->text);
		return true;
	}
	if (strspn(word->text, "-0123456789") > 0) {
		fault(word, CODE_PROTOCOL, "\"%.60s\" is not a protocol\n%s",
		      word->text, expected);
		return false;
	}
	entry = getprotobyname(word->text);
	if (!entry) {
		fault_unknown(word, CODE_PROTOCOL, "is not a protocol",
			      &choices);
		return false;
	}
	if (entry->p_proto == 0) {
		fault(word, CODE_PROTOCOL,
		      "\"%.60s\" is IP itself\nleave %s out to match every "
		      "protocol",
		      word->text, word->type->key);
		return false;
	}
	(void)snprintf(number, sizeof(number), "%d", entry->p_proto);
	text_append_item(out, number);
	return true;
}

static bool begins_with_letter(const char *text)
{
	return (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
}

/* Beginning as above, for a name that /etc/services does not have. */
static void fault_no_service(const struct rule_word *word, enum code code,
			     const char *name, const char *what)
{
	char hint[SUGGESTION_LEN] = "";

	/* Nobody sees more; looking for what is like it takes a while. */
	if (word->scope->ld->diags->errors < DIAGNOSTICS_MAX)
		service_suggest(hint, name);
	fault(word, code, "\"%.60s\" %s\n%s", name, what, hint);
}

/* Of the word, whose beginning a '!' may be. */
static void append_port(const struct rule_word *word, unsigned int port,
			struct text *out)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%s%u",
		       *word->text == '!' ? "!" : "", port);
	text_append_item(out, text);
}

static bool translate_port_name(const struct rule_word *word, const char *name,
				struct text *out)
{
	unsigned int tcp = service_port(name, "tcp");
	unsigned int udp = service_port(name, "udp");

	if (tcp == 0 && udp == 0) {
		fault_no_service(word, CODE_PORT, name, "is not a port");
		return false;
	}
	if (tcp > 0)
		append_port(word, tcp, out);
	if (udp > 0 && udp != tcp)
		append_port(word, udp, out);
	return true;
}

/* "80:90", "90-80": what was meant is plain.  @range is in order. */
static bool is_other_range(const char *text, unsigned long range[2])
{
	size_t len = strcspn(text, "-:");
	unsigned long lower;
	char first[8];

	if (len >= sizeof(first) || text[len] == '\0')
		return false;
	memcpy(first, text, len);
	first[len] = '\0';
	if (!match_number(first, UINT16_MAX, &range[0]) ||
	    !match_number(text + len + 1, UINT16_MAX, &range[1]))
		return false;
	lower = range[0] < range[1] ? range[0] : range[1];
	range[1] += range[0] - lower;
	range[0] = lower;
	return lower > 0;
}

static bool translate_port(const struct rule_word *word, struct text *out)
{
	const char *text = word->text + (*word->text == '!');
	const char *expected;
	unsigned long range[2];

	if (begins_with_letter(text))
		return translate_port_name(word, text, out);
	expected = engine_expects(word, word->text);
	if (!expected) {
		text_append_item(out, word->text);
		return true;
	}
	if (is_other_range(text, range))
		fault(word, CODE_PORT,
		      "\"%.60s\" is not a range\nwrite \"%lu-%lu\"", text,
		      range[0], range[1]);
	else
		fault(word, CODE_PORT, "\"%.60s\" is not a port\n%s", text,
		      expected);
	return false;
}

static const char *nth_icmp_type(const void *context, size_t index)
{
	(void)context;
	return match_icmp_name(index);
}

static bool translate_icmp_type(const struct rule_word *word, struct text *out)
{
	const struct choices choices = { nth_icmp_type, NULL };
	const char *expected = engine_expects(word, word->text);

	if (!expected) {
		text_append_item(out, word->text);
		return true;
	}
	if (begins_with_letter(word->text))
		fault_unknown(word, CODE_ICMP_TYPE, "is not a type of ICMP",
			      &choices);
	else
		fault(word, CODE_ICMP_TYPE,
		      "\"%.60s\" is not a type of ICMP\n%s", word->text,
		      expected);
	return false;
}

static bool append_service(const char *name, const char *proto,
			   struct text *out)
{
	unsigned int port = service_port(name, proto);
	char text[32];

	if (port == 0)
		return false;
	(void)snprintf(text, sizeof(text), "%s/%u", proto, port);
	text_append_item(out, text);
	return true;
}

/* "ssh", "tcp/ssh"; false: there is no such name. */
static bool append_named_service(const char *text, struct text *out)
{
	bool tcp;
	bool udp;

	if (strncmp(text, "tcp/", 4) == 0)
		return append_service(text + 4, "tcp", out);
	if (strncmp(text, "udp/", 4) == 0)
		return append_service(text + 4, "udp", out);
	tcp = append_service(text, "tcp", out);
	udp = append_service(text, "udp", out);
	return tcp || udp;
}

static void fault_service(const struct rule_word *word, const char *expected)
{
	const char *text = word->text;
	size_t digits = strspn(text, "0123456789-");

	if (digits > 0 && text[digits] == '\0')
		fault(word, CODE_SERVICE,
		      "\"%.60s\" has no protocol\nwrite \"tcp/%.60s\" or "
		      "\"udp/%.60s\"",
		      text, text, text);
	else if (digits > 0 && (strcmp(text + digits, "/tcp") == 0 ||
				strcmp(text + digits, "/udp") == 0))
		fault(word, CODE_SERVICE,
		      "\"%.60s\" is reversed\nwrite \"%s/%.*s\"", text,
		      text + digits + 1, (int)digits, text);
	else if (begins_with_letter(text) && !strchr(text, '/'))
		fault_no_service(word, CODE_SERVICE, text, "is not a service");
	else
		fault(word, CODE_SERVICE, "\"%.60s\" is not a service\n%s",
		      text, expected);
}

/* false: it is none of the file's. */
static bool translate_own_service(const struct rule_word *word,
				  struct text *out)
{
	struct named_service *service =
		loader_service(word->scope->ld, word->text);

	if (!service)
		return false;
	service->used = true;
	if (service->text.at)
		text_append_item(out, service->text.at);
	return true;
}

static bool translate_service(const struct rule_word *word, struct text *out)
{
	const char *expected;

	if (translate_own_service(word, out))
		return true;
	expected = engine_expects(word, word->text);
	if (!expected) {
		text_append_item(out, word->text);
		return true;
	}
	if (append_named_service(word->text, out))
		return true;
	fault_service(word, expected);
	return false;
}

/* What the engine reads as it is. */
static bool translate_plain(const struct rule_word *word, struct text *out)
{
	const char *expected = engine_expects(word, word->text);

	if (expected) {
		fault(word, CODE_CONDITION, "\"%.60s\" is not possible\n%s",
		      word->text, expected);
		return false;
	}
	text_append_item(out, word->text);
	return true;
}

static bool user_number(const char *name, char text[16])
{
	const struct passwd *entry = getpwnam(name);

	if (entry)
		(void)snprintf(text, 16, "%u", entry->pw_uid);
	return entry != NULL;
}

static bool group_number(const char *name, char text[16])
{
	const struct group *entry = getgrnam(name);

	if (entry)
		(void)snprintf(text, 16, "%u", entry->gr_gid);
	return entry != NULL;
}

static const char *nth_dscp(const void *context, size_t index)
{
	(void)context;
	return match_dscp_name(index);
}

static bool translate_dscp(const struct rule_word *word, struct text *out)
{
	const struct choices choices = { nth_dscp, NULL };

	if (begins_with_letter(word->text) &&
	    engine_expects(word, word->text)) {
		fault_unknown(word, CODE_CONDITION, "is not a code point",
			      &choices);
		return false;
	}
	return translate_plain(word, out);
}

static bool translate_id(const struct rule_word *word, struct text *out)
{
	bool user = strcmp(word->type->key, "uid") == 0;
	struct rule_word number = *word;
	char text[16];

	if (!begins_with_letter(word->text) && *word->text != '_')
		return translate_plain(word, out);
	if (!(user ? user_number(word->text, text)
		   : group_number(word->text, text))) {
		fault(word, CODE_OWNER,
		      "\"%.60s\" is not a %s of this machine\n%s", word->text,
		      user ? "user" : "group",
		      user ? "getent passwd lists them"
			   : "getent group lists them");
		return false;
	}
	number.text = text;
	return translate_plain(&number, out);
}

static const struct {
	const char *key;
	bool takes_numbers;
	bool (*translate)(const struct rule_word *word, struct text *out);
} keys[] = {
	{ "from", false, translate_zone },
	{ "to", false, translate_zone },
	{ "src", false, translate_addr },
	{ "dst", false, translate_addr },
	{ "proto", true, translate_proto },
	{ "sport", true, translate_port },
	{ "dport", true, translate_port },
	{ "zero_checksum_ports", true, translate_port },
	{ "icmp_type", true, translate_icmp_type },
	{ "service", true, translate_service },
	{ "tcp_flags", false, translate_plain },
	{ "mark", true, translate_plain },
	{ "dscp", true, translate_dscp },
	{ "uid", true, translate_id },
	{ "gid", true, translate_id },
};

bool rule_key_takes_numbers(const char *key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			return keys[i].takes_numbers;
	return false;
}

bool rule_word_translate(const struct rule_word *word, struct text *out)
{
	if (*word->text == '\0') {
		fault(word, CODE_EMPTY,
		      "a value is missing in \"%.60s\"\nwrite one before and "
		      "after each comma",
		      word->value);
		return false;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, word->type->key) == 0)
			return keys[i].translate(word, out);
	return false;
}
