/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing an image.  It is put together in memory, since its head says how
 * long it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "engine/zone.h"
#include "policy/image.h"
#include "policy/image_form.h"
#include "policy/match_text.h"
#include "policy/text.h"

static void put_u8(struct text *out, unsigned int value)
{
	char byte = (char)value;

	text_append(out, &byte, 1);
}

static void put_u16(struct text *out, uint16_t value)
{
	put_u8(out, value >> 8);
	put_u8(out, value & 0xff);
}

static void put_u32(struct text *out, uint32_t value)
{
	put_u16(out, (uint16_t)(value >> 16));
	put_u16(out, (uint16_t)value);
}

static void put_u64(struct text *out, uint64_t value)
{
	put_u32(out, (uint32_t)(value >> 32));
	put_u32(out, (uint32_t)value);
}

static void put_string(struct text *out, const char *string)
{
	put_u32(out, (uint32_t)strlen(string));
	text_append_string(out, string);
}

static void put_diagnostics(struct text *out, const struct diagnostics *diags)
{
	put_u32(out, (uint32_t)diags->errors);
	put_u32(out, (uint32_t)diags->warnings);
	put_u32(out, (uint32_t)diags->len);
	for (size_t i = 0; i < diags->len; i++) {
		put_u8(out, diags->list[i].severity);
		put_u32(out, diags->list[i].line);
		put_string(out, diags->list[i].file);
		put_string(out, diags->list[i].message);
	}
}

static void put_settings(struct text *out, const struct policy *policy)
{
	put_u32(out, (uint32_t)policy->max_conns);
	put_u16(out, policy->queue_first);
	put_u16(out, policy->queue_last);
	put_u32(out, policy->queue_length);
	put_u32(out, HOOK_COUNT);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		put_u8(out, ruleset_policy(policy->rules, (enum hook)i));
	put_u32(out, TIMEOUT_COUNT);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		put_u64(out, (uint64_t)ruleset_timeout(policy->rules,
						       (enum timeout)i));
}

static void put_zones(struct text *out, const struct ruleset *rules)
{
	const struct zone *zone;
	uint32_t count = 0;

	while (ruleset_zone_at(rules, count))
		count++;
	put_u32(out, count);
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++) {
		const char *interface;

		put_string(out, zone_name(zone));
		for (count = 0; zone_interface(zone, count);)
			count++;
		put_u32(out, count);
		for (size_t j = 0; (interface = zone_interface(zone, j)); j++)
			put_string(out, interface);
	}
}

static void put_addr(struct text *out, const struct addr *addr)
{
	text_append(out, (const char *)addr->bytes, sizeof(addr->bytes));
}

static void put_tables(struct text *out, const struct ruleset *rules)
{
	const struct table *table;
	uint32_t count = 0;

	while (ruleset_table_at(rules, count))
		count++;
	put_u32(out, count);
	for (size_t i = 0; (table = ruleset_table_at(rules, i)); i++) {
		put_string(out, table_name(table));
		put_u32(out, (uint32_t)table_range_count(table));
		for (size_t j = 0; j < table_range_count(table); j++) {
			struct addr_range range = table_range(table, j);

			put_addr(out, &range.first);
			put_addr(out, &range.last);
		}
	}
}

static void put_condition(struct text *out, const struct match_type *type,
			  const struct match *match)
{
	char *text = match_text(type, match);

	put_string(out, type->key);
	if (text)
		put_string(out, text);
	else
		out->failed = true;
	free(text);
}

static void put_rule(struct text *out, const struct rule *rule)
{
	const struct match_type *type;
	const struct match *match;
	uint32_t count = 0;

	put_string(out, rule_name(rule));
	put_u8(out, rule_options(rule)->action);
	put_u8(out, rule_options(rule)->log);
	while (rule_match(rule, count, &type, &match))
		count++;
	put_u32(out, count);
	for (size_t i = 0; rule_match(rule, i, &type, &match); i++)
		put_condition(out, type, match);
}

static void put_policy(struct text *out, const struct policy *policy)
{
	size_t count = ruleset_rule_count(policy->rules);

	put_settings(out, policy);
	put_zones(out, policy->rules);
	put_tables(out, policy->rules);
	put_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_rule(out, ruleset_rule(policy->rules, i));
}

bool policy_image_write(const struct policy *policy,
			const struct diagnostics *diags, FILE *out)
{
	struct text head = { 0 };
	struct text body = { 0 };
	bool ok;

	put_diagnostics(&body, diags);
	put_u32(&body, policy ? 1 : 0);
	if (policy)
		put_policy(&body, policy);
	text_append(&head, IMAGE_MAGIC, IMAGE_MAGIC_LEN);
	put_u32(&head, IMAGE_VERSION);
	put_u32(&head, (uint32_t)body.len);
	ok = !head.failed && !body.failed && body.len <= UINT32_MAX &&
	     fwrite(head.at, 1, head.len, out) == head.len &&
	     fwrite(body.at, 1, body.len, out) == body.len;
	text_fini(&head);
	text_fini(&body);
	return ok;
}
