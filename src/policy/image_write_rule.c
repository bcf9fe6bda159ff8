/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing an image: numbers, strings and rules.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "policy/image_form.h"
#include "policy/image_state.h"
#include "policy/match_text.h"

void image_put_u8(struct text *out, unsigned int value)
{
	char byte = (char)value;

	text_append(out, &byte, 1);
}

void image_put_u16(struct text *out, uint16_t value)
{
	image_put_u8(out, value >> 8);
	image_put_u8(out, value & 0xff);
}

void image_put_u32(struct text *out, uint32_t value)
{
	image_put_u16(out, (uint16_t)(value >> 16));
	image_put_u16(out, (uint16_t)value);
}

void image_put_u64(struct text *out, uint64_t value)
{
	image_put_u32(out, (uint32_t)(value >> 32));
	image_put_u32(out, (uint32_t)value);
}

void image_put_string(struct text *out, const char *string)
{
	image_put_u32(out, (uint32_t)strlen(string));
	text_append_string(out, string);
}

static void put_condition(struct text *out, const struct match_type *type,
			  const struct match *match)
{
	char *text = match_text(type, match);

	image_put_string(out, type->key);
	if (text)
		image_put_string(out, text);
	else
		out->failed = true;
	free(text);
}

static void put_limit(struct text *out, const struct rule_limit *limit)
{
	image_put_u8(out, limit->unit);
	if (limit->unit == LIMIT_NONE)
		return;
	image_put_u64(out, limit->rate.amount);
	image_put_u64(out, limit->rate.burst);
	image_put_u32(out, limit->rate.period);
	image_put_u8(out, limit->scope);
	image_put_u8(out, limit->prefix_ipv4);
	image_put_u8(out, limit->prefix_ipv6);
	image_put_u8(out, (limit->over_rejects ? LIMIT_REJECTS : 0U) |
				  (limit->kill ? LIMIT_KILLS : 0U));
	image_put_string(out,
			 limit->overload ? table_name(limit->overload) : "");
}

static void put_timeouts(struct text *out, const struct rule_options *options)
{
	unsigned int count = 0;

	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		count += options->timeouts[i] > 0;
	image_put_u8(out, count);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++) {
		if (options->timeouts[i] == 0)
			continue;
		image_put_u8(out, i);
		image_put_u64(out, (uint64_t)options->timeouts[i]);
	}
}

static void put_schedule(struct text *out, const struct schedule *schedule)
{
	image_put_u8(out, schedule->days);
	if (schedule->days == 0)
		return;
	image_put_u8(out, schedule->utc);
	image_put_u8(out, schedule->count);
	for (size_t i = 0; i < schedule->count; i++) {
		image_put_u16(out, schedule->hours[i].first);
		image_put_u16(out, schedule->hours[i].end);
	}
}

static void put_options(struct text *out, const struct rule_options *options)
{
	image_put_u8(out, options->action);
	image_put_u8(out,
		     (options->continues ? RULE_CONTINUES : 0U) |
			     (options->log == LOG_FIRST ? RULE_LOG_FIRST : 0U) |
			     (options->log == LOG_ALL ? RULE_LOG_ALL : 0U) |
			     (options->audit ? RULE_AUDIT : 0U) |
			     (options->no_pickup ? RULE_NO_PICKUP : 0U) |
			     (options->reserve ? RULE_RESERVE : 0U));
	image_put_u8(out, options->tracking);
	image_put_u32(out, options->mark);
	image_put_u32(out, options->mark_mask);
	image_put_u32(out, options->max);
	image_put_u32(out, options->max_per_source);
	image_put_u64(out, (uint64_t)options->expires);
	put_schedule(out, &options->schedule);
	put_timeouts(out, options);
	put_limit(out, &options->limit);
}

void image_put_rule(struct text *out, const struct policy *policy, size_t index)
{
	const struct rule *rule = ruleset_rule(policy->rules, index);
	const struct policy_note *note = policy_note(policy, index);
	const struct match_type *type;
	const struct match *match;
	uint32_t count = 0;

	image_put_string(out, rule_name(rule));
	image_put_string(out, note && note->comment ? note->comment : "");
	image_put_string(out, note && note->file ? note->file : "");
	image_put_u32(out, note ? note->line : 0);
	put_options(out, rule_options(rule));
	while (rule_match(rule, count, &type, &match))
		count++;
	image_put_u32(out, count);
	for (size_t i = 0; rule_match(rule, i, &type, &match); i++)
		put_condition(out, type, match);
}
