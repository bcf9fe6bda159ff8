/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an image: numbers, strings and rules.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/wire.h"
#include "policy/date.h"
#include "policy/duration.h"
#include "policy/image_form.h"
#include "policy/image_state.h"
#include "policy/name.h"

/* Octets of the smallest condition. */
enum { CONDITION_LEN = 2 * 4 };

const uint8_t *image_take(struct image *image, size_t len)
{
	const uint8_t *bytes = reader_take(&image->in, len);

	image->damaged = image->damaged || !bytes;
	return bytes;
}

unsigned int image_take_u8(struct image *image)
{
	const uint8_t *bytes = image_take(image, 1);

	return bytes ? bytes[0] : 0;
}

uint16_t image_take_u16(struct image *image)
{
	const uint8_t *bytes = image_take(image, 2);

	return bytes ? load_be16(bytes) : 0;
}

uint32_t image_take_u32(struct image *image)
{
	const uint8_t *bytes = image_take(image, 4);

	return bytes ? load_be32(bytes) : 0;
}

uint64_t image_take_u64(struct image *image)
{
	uint64_t high = image_take_u32(image);

	return high << 32 | image_take_u32(image);
}

/* @value, if it is from @min to @max. */
uint64_t image_hold(struct image *image, uint64_t value, uint64_t min,
		    uint64_t max)
{
	if (value >= min && value <= max)
		return value;
	image->damaged = true;
	return min;
}

uint32_t image_take_count(struct image *image, uint32_t max, size_t item_len)
{
	uint32_t count = image_take_u32(image);

	if (!image->damaged && count <= max &&
	    count <= reader_left(&image->in) / item_len)
		return count;
	image->damaged = true;
	return 0;
}

enum action image_take_action(struct image *image)
{
	return (enum action)image_hold(image, image_take_u8(image), 0,
				       ACTION_COUNT - 1);
}

/* The caller frees it; NULL: the image is damaged. */
char *image_take_string(struct image *image)
{
	uint32_t len = image_take_u32(image);
	const uint8_t *bytes = image_take(image, len);
	char *string = NULL;

	if (!image->damaged && !memchr(bytes, '\0', len))
		string = calloc(1, (size_t)len + 1);
	if (string)
		memcpy(string, bytes, len);
	else
		image->damaged = true;
	return string;
}

/* The same for the name of a rule, zone or table. */
char *image_take_name(struct image *image)
{
	char *name = image_take_string(image);

	if (!name || name_is_valid(name))
		return name;
	image->damaged = true;
	free(name);
	return NULL;
}

unsigned int image_take_flags(struct image *image, unsigned int known)
{
	unsigned int flags = image_take_u8(image);

	if (flags & ~known)
		image->damaged = true;
	return flags & known;
}

/* A rule asks each question once. */
static bool has_condition(const struct rule *rule,
			  const struct match_type *wanted)
{
	const struct match_type *type;
	const struct match *match;

	for (size_t i = 0; rule_match(rule, i, &type, &match); i++)
		if (type == wanted)
			return true;
	return false;
}

static void read_condition(struct image *image, struct ruleset *rules,
			   struct rule *rule)
{
	char *key = image_take_string(image);
	char *text = image_take_string(image);
	const struct match_type *type = key ? match_type_find(key) : NULL;
	struct match_fault fault;

	if (!type || !text || has_condition(rule, type) ||
	    !ruleset_add_match(rules, rule, type, text, &fault))
		image->damaged = true;
	free(key);
	free(text);
}

static void read_overload(struct image *image, const struct ruleset *rules,
			  struct rule_limit *limit)
{
	char *name = image_take_string(image);

	if (name && *name)
		limit->overload = ruleset_table(rules, name);
	if (!name || (*name && !limit->overload))
		image->damaged = true;
	free(name);
}

static void read_limit(struct image *image, const struct ruleset *rules,
		       struct rule_limit *limit)
{
	unsigned int flags;

	limit->unit = (enum limit_unit)image_hold(image, image_take_u8(image),
						  0, LIMIT_UNIT_COUNT - 1);
	if (limit->unit == LIMIT_NONE)
		return;
	limit->rate.amount = image_take_u64(image);
	limit->rate.burst = image_take_u64(image);
	limit->rate.period = image_take_u32(image);
	limit->scope = (enum limit_scope)image_hold(image, image_take_u8(image),
						    0, LIMIT_SCOPE_COUNT - 1);
	limit->prefix_ipv4 =
		(uint8_t)image_hold(image, image_take_u8(image), 1, 32);
	limit->prefix_ipv6 =
		(uint8_t)image_hold(image, image_take_u8(image), 1, 128);
	flags = image_take_flags(image, LIMIT_REJECTS | LIMIT_KILLS);
	limit->over_rejects = flags & LIMIT_REJECTS;
	limit->kill = flags & LIMIT_KILLS;
	read_overload(image, rules, limit);
}

static void read_timeouts(struct image *image, struct rule_options *options)
{
	uint64_t count =
		image_hold(image, image_take_u8(image), 0, TIMEOUT_COUNT);

	for (uint64_t i = 0; i < count && !image->damaged; i++) {
		uint64_t which = image_hold(image, image_take_u8(image), 0,
					    TIMEOUT_COUNT - 1);

		options->timeouts[which] =
			(msec_t)image_hold(image, image_take_u64(image),
					   POLICY_TIMEOUT_MIN, DURATION_MAX);
	}
}

/* What it may be is known to rule_options_fault(). */
static void read_schedule(struct image *image, struct schedule *schedule)
{
	schedule->days = (uint8_t)image_hold(image, image_take_u8(image), 0,
					     SCHEDULE_ALL_DAYS);
	if (schedule->days == 0)
		return;
	schedule->utc = image_hold(image, image_take_u8(image), 0, 1);
	schedule->count = (uint8_t)image_hold(image, image_take_u8(image), 0,
					      SCHEDULE_HOURS_MAX);
	for (size_t i = 0; i < schedule->count; i++) {
		schedule->hours[i].first = image_take_u16(image);
		schedule->hours[i].end = image_take_u16(image);
	}
}

static void read_options(struct image *image, const struct ruleset *rules,
			 struct rule_options *options)
{
	unsigned int flags;

	options->action = image_take_action(image);
	flags = image_take_flags(image, RULE_CONTINUES | RULE_LOG_FIRST |
						RULE_AUDIT | RULE_NO_PICKUP |
						RULE_LOG_ALL | RULE_RESERVE);
	options->continues = flags & RULE_CONTINUES;
	options->log = image_log(flags & RULE_LOG_FIRST, flags & RULE_LOG_ALL);
	options->audit = flags & RULE_AUDIT;
	options->reserve = flags & RULE_RESERVE;
	options->no_pickup = flags & RULE_NO_PICKUP;
	options->tracking = (enum tracking)image_hold(
		image, image_take_u8(image), 0, TRACKING_COUNT - 1);
	options->mark = image_take_u32(image);
	options->mark_mask = image_take_u32(image);
	options->max = (uint32_t)image_hold(image, image_take_u32(image), 0,
					    POLICY_CONNECTIONS_MAX);
	options->max_per_source = (uint32_t)image_hold(
		image, image_take_u32(image), 0, POLICY_CONNECTIONS_MAX);
	options->expires =
		(int64_t)image_hold(image, image_take_u64(image), 0, DATE_MAX);
	read_schedule(image, &options->schedule);
	read_timeouts(image, options);
	read_limit(image, rules, &options->limit);
	if (rule_options_fault(options))
		image->damaged = true;
}

/* Comments are printed: they are text of one line. */
static bool is_text(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' && *text != '\t')
			return false;
	return true;
}

static void read_note(struct image *image, struct policy *policy,
		      const char *comment, struct origin origin)
{
	if (!is_text(comment) ||
	    !policy_add_note(policy, *comment ? comment : NULL, origin))
		image->damaged = true;
}

static struct rule *add_rule(struct image *image, struct policy *policy,
			     const char *name)
{
	struct rule_options options = { 0 };
	struct rule *rule = NULL;

	read_options(image, policy->rules, &options);
	if (!image->damaged)
		rule = ruleset_add_rule(policy->rules, name, &options);
	return rule;
}

void image_read_rule(struct image *image, struct policy *policy)
{
	char *name = image_take_name(image);
	char *comment = image_take_string(image);
	char *file = image_take_string(image);
	struct origin origin = { .file = file, .line = image_take_u32(image) };
	struct rule *rule = NULL;
	uint32_t count;

	if (name && comment && file) {
		read_note(image, policy, comment, origin);
		rule = add_rule(image, policy, name);
	}
	free(name);
	free(comment);
	free(file);
	image->damaged = image->damaged || !rule;
	count = image_take_count(image, (uint32_t)match_type_count,
				 CONDITION_LEN);
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_condition(image, policy->rules, rule);
}
