/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing an image.  It is put together in memory, since its head says how
 * long it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "policy/image.h"
#include "policy/image_form.h"
#include "policy/image_state.h"
#include "policy/match_text.h"
#include "policy/text.h"

static void put_diagnostics(struct text *out, const struct diagnostics *diags)
{
	image_put_u32(out, (uint32_t)diags->errors);
	image_put_u32(out, (uint32_t)diags->warnings);
	image_put_u32(out, (uint32_t)diags->notes);
	image_put_u32(out, (uint32_t)diags->len);
	for (size_t i = 0; i < diags->len; i++) {
		const struct diagnostic *diag = &diags->list[i];

		image_put_u8(out, diag->code);
		image_put_u32(out, diag->line);
		image_put_u32(out, diag->column);
		image_put_u32(out, diag->end_column);
		image_put_u32(out, diag->source_column);
		image_put_string(out, diag->file);
		image_put_string(out, diag->message);
		image_put_string(out, diag->hint);
		image_put_string(out, diag->source);
	}
}

static unsigned int flag(bool set, unsigned int value)
{
	return set ? value : 0;
}

static void put_zero_checksum(struct text *out, const struct ruleset *rules)
{
	const struct match *ports = ruleset_zero_checksum(rules);
	char *text = ports ? match_text(&match_dport, ports) : NULL;

	image_put_string(out, text ? text : "");
	out->failed = out->failed || (ports && !text);
	free(text);
}

static void put_limits(struct text *out, const struct limits *limits)
{
	image_put_u32(out, limits->connections_per_source);
	image_put_u32(out, limits->half_open);
	image_put_u32(out, limits->half_open_per_source);
	image_put_u32(out, limits->half_open_per_destination);
	image_put_u32(out, limits->source_nodes);
	image_put_u16(out, (uint16_t)limits->adaptive_start);
	image_put_u16(out, (uint16_t)limits->adaptive_end);
	image_put_u16(out, (uint16_t)limits->warn_at);
}

static void put_behaviour(struct text *out, const struct policy *policy)
{
	const struct ruleset *rules = policy->rules;
	const struct tcp_settings *tcp = ruleset_tcp(rules);
	enum log_amount log = ruleset_policy_log(rules);

	image_put_u8(out, policy->on_reload);
	image_put_u8(out, ruleset_tracking(rules));
	image_put_u8(out, flag(ruleset_audit(rules), SETTING_AUDIT) |
				  flag(ruleset_essential_icmp(rules),
				       SETTING_ESSENTIAL_ICMP) |
				  flag(log == LOG_FIRST, SETTING_LOG_FIRST) |
				  flag(log == LOG_ALL, SETTING_LOG_ALL));
	image_put_u8(out, tcp->pickup);
	image_put_u64(out, (uint64_t)tcp->pickup_grace);
	image_put_u8(out, tcp->syn_data);
	image_put_u8(out, tcp->simultaneous_open);
	image_put_u8(out, tcp->syn_urg);
	put_zero_checksum(out, rules);
	put_limits(out, ruleset_limits(rules));
}

static void put_settings(struct text *out, const struct policy *policy)
{
	image_put_u32(out, (uint32_t)policy->max_conns);
	image_put_u16(out, policy->queue_first);
	image_put_u16(out, policy->queue_last);
	image_put_u32(out, policy->queue_length);
	image_put_u32(out, HOOK_COUNT);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		image_put_u8(out, ruleset_policy(policy->rules, (enum hook)i));
	image_put_u32(out, TIMEOUT_COUNT);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		image_put_u64(out, (uint64_t)ruleset_timeout(policy->rules,
							     (enum timeout)i));
	put_behaviour(out, policy);
	image_put_redirect(out, policy);
}

static void put_addr(struct text *out, const struct addr *addr)
{
	text_append(out, (const char *)addr->bytes, sizeof(addr->bytes));
}

void image_put_range(struct text *out, const struct addr_range *range)
{
	put_addr(out, &range->first);
	put_addr(out, &range->last);
}

static void put_zone(struct text *out, const struct zone *zone)
{
	const struct zone_guard *guard = zone_guard(zone);
	const struct addr_range *network;
	const char *interface;
	uint32_t count = 0;

	image_put_string(out, zone_name(zone));
	image_put_u8(out, flag(guard->antispoof, ZONE_ANTISPOOF) |
				  flag(guard->block_bogons, ZONE_BLOCK_BOGONS));
	while (zone_interface(zone, count))
		count++;
	image_put_u32(out, count);
	for (size_t i = 0; (interface = zone_interface(zone, i)); i++)
		image_put_string(out, interface);
	for (count = 0; zone_network(zone, count);)
		count++;
	image_put_u32(out, count);
	for (size_t i = 0; (network = zone_network(zone, i)); i++)
		image_put_range(out, network);
}

static void put_zones(struct text *out, const struct ruleset *rules)
{
	const struct zone *zone;
	uint32_t count = 0;

	while (ruleset_zone_at(rules, count))
		count++;
	image_put_u32(out, count);
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++)
		put_zone(out, zone);
}

static void put_table_options(struct text *out,
			      const struct table_options *options)
{
	image_put_u8(out,
		     flag(options->dynamic, TABLE_DYNAMIC) |
			     flag(options->never_block, TABLE_NEVER_BLOCK) |
			     flag(options->block, TABLE_BLOCK) |
			     flag(options->persist, TABLE_PERSIST));
	image_put_u64(out, (uint64_t)options->timeout);
	image_put_u32(out, (uint32_t)options->max_entries);
}

static void put_tables(struct text *out, const struct ruleset *rules)
{
	const struct table *table;
	uint32_t count = 0;

	while (ruleset_table_at(rules, count))
		count++;
	image_put_u32(out, count);
	for (size_t i = 0; (table = ruleset_table_at(rules, i)); i++) {
		image_put_string(out, table_name(table));
		put_table_options(out, table_options(table));
		image_put_u32(out, (uint32_t)table_range_count(table));
		for (size_t j = 0; j < table_range_count(table); j++) {
			struct addr_range range = table_range(table, j);

			image_put_range(out, &range);
		}
	}
}

static void put_policy(struct text *out, const struct policy *policy)
{
	size_t count = ruleset_rule_count(policy->rules);

	put_settings(out, policy);
	put_zones(out, policy->rules);
	put_tables(out, policy->rules);
	image_put_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		image_put_rule(out, policy, i);
}

bool policy_image_write(const struct policy *policy,
			const struct diagnostics *diags, FILE *out)
{
	struct text head = { 0 };
	struct text body = { 0 };
	bool ok;

	put_diagnostics(&body, diags);
	image_put_u32(&body, policy ? 1 : 0);
	if (policy)
		put_policy(&body, policy);
	text_append(&head, IMAGE_MAGIC, IMAGE_MAGIC_LEN);
	image_put_u32(&head, IMAGE_VERSION);
	image_put_u32(&head, (uint32_t)body.len);
	ok = !head.failed && !body.failed && body.len <= UINT32_MAX &&
	     fwrite(head.at, 1, head.len, out) == head.len &&
	     fwrite(body.at, 1, body.len, out) == body.len;
	text_fini(&head);
	text_fini(&body);
	return ok;
}
