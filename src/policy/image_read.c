/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an image, which may be anything.
 *
 * The first thing that is wrong makes the whole image wrong: every function
 * here says so in @damaged and goes on with a harmless value, so that the
 * order of reading is also the order of the text.  A count is believed only
 * if as many of the smallest items fit into what is left, and memory is taken
 * only for what has been read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "engine/wire.h"
#include "engine/zone.h"
#include "policy/duration.h"
#include "policy/image.h"
#include "policy/image_form.h"
#include "policy/name.h"
#include "policy/queues.h"
#include "policy/scan.h"

/* Octets of the smallest of each kind. */
enum {
	STRING_LEN = 4,
	DIAGNOSTIC_LEN = 1 + 4 + 2 * STRING_LEN,
	NAMED_LEN = STRING_LEN + 1 + 4, /* a zone, a table: a name and a list */
	RANGE_LEN = 2 * sizeof(struct addr),
	CONDITION_LEN = 2 * STRING_LEN,
	RULE_LEN = NAMED_LEN + 2,
};

/* No file that a policy is made of is large enough for more of them. */
enum {
	RULES_MAX = 1 << 20,
	INTERFACES_MAX = 1 << 23,
	RANGES_MAX = 1 << 23,
};

struct image {
	struct reader in;
	bool damaged;
};

static const uint8_t *take(struct image *image, size_t len)
{
	const uint8_t *bytes = reader_take(&image->in, len);

	image->damaged = image->damaged || !bytes;
	return bytes;
}

static unsigned int take_u8(struct image *image)
{
	const uint8_t *bytes = take(image, 1);

	return bytes ? bytes[0] : 0;
}

static uint16_t take_u16(struct image *image)
{
	const uint8_t *bytes = take(image, 2);

	return bytes ? load_be16(bytes) : 0;
}

static uint32_t take_u32(struct image *image)
{
	const uint8_t *bytes = take(image, 4);

	return bytes ? load_be32(bytes) : 0;
}

static uint64_t take_u64(struct image *image)
{
	uint64_t high = take_u32(image);

	return high << 32 | take_u32(image);
}

/* @value, if it is from @min to @max. */
static uint64_t hold(struct image *image, uint64_t value, uint64_t min,
		     uint64_t max)
{
	if (value >= min && value <= max)
		return value;
	image->damaged = true;
	return min;
}

static uint32_t take_count(struct image *image, uint32_t max, size_t item_len)
{
	uint32_t count = take_u32(image);

	if (!image->damaged && count <= max &&
	    count <= reader_left(&image->in) / item_len)
		return count;
	image->damaged = true;
	return 0;
}

static enum action take_action(struct image *image)
{
	return (enum action)hold(image, take_u8(image), 0, ACTION_COUNT - 1);
}

/* The caller frees it; NULL: the image is damaged. */
static char *take_string(struct image *image)
{
	uint32_t len = take_u32(image);
	const uint8_t *bytes = take(image, len);
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
static char *take_name(struct image *image)
{
	char *name = take_string(image);

	if (!name || name_is_valid(name))
		return name;
	image->damaged = true;
	free(name);
	return NULL;
}

static void read_diagnostic(struct image *image, struct diagnostics *diags)
{
	enum severity severity = (enum severity)hold(image, take_u8(image), 0,
						     SEVERITY_COUNT - 1);
	uint32_t line = take_u32(image);
	char *file = take_string(image);
	char *message = take_string(image);

	if (file && message)
		diagnostics_add(diags, severity, file, line, "%s", message);
	free(file);
	free(message);
}

static void read_diagnostics(struct image *image, struct diagnostics *diags)
{
	uint32_t errors = take_u32(image);
	uint32_t warnings = take_u32(image);
	uint32_t count = take_count(image, DIAGNOSTICS_MAX, DIAGNOSTIC_LEN);

	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_diagnostic(image, diags);
	/* More may have been counted than are listed. */
	if (errors < diags->errors || warnings < diags->warnings ||
	    diags->len < count)
		image->damaged = true;
	diags->errors = errors;
	diags->warnings = warnings;
}

static void read_settings(struct image *image, struct policy *policy)
{
	policy->max_conns = hold(image, take_u32(image), POLICY_CONNECTIONS_MIN,
				 POLICY_CONNECTIONS_MAX);
	policy->queue_first = take_u16(image);
	policy->queue_last =
		(uint16_t)hold(image, take_u16(image), policy->queue_first,
			       (uint64_t)policy->queue_first + QUEUES_MAX - 1);
	policy->queue_length = (uint32_t)hold(image, take_u32(image), 1,
					      POLICY_QUEUE_LENGTH_MAX);
	(void)hold(image, take_u32(image), HOOK_COUNT, HOOK_COUNT);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		ruleset_set_policy(policy->rules, (enum hook)i,
				   take_action(image));
	(void)hold(image, take_u32(image), TIMEOUT_COUNT, TIMEOUT_COUNT);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		ruleset_set_timeout(policy->rules, (enum timeout)i,
				    (msec_t)hold(image, take_u64(image),
						 POLICY_TIMEOUT_MIN,
						 DURATION_MAX));
}

static void read_interface(struct image *image, struct zone *zone)
{
	char *interface = take_string(image);

	if (!interface || zone_add_interface(zone, interface) != 0)
		image->damaged = true;
	free(interface);
}

static void read_zone(struct image *image, struct ruleset *rules)
{
	char *name = take_name(image);
	struct zone *zone = NULL;
	uint32_t count;

	if (name && !ruleset_zone(rules, name))
		zone = ruleset_add_zone(rules, name);
	free(name);
	count = take_count(image, INTERFACES_MAX, STRING_LEN + 1);
	image->damaged = image->damaged || !zone;
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_interface(image, zone);
}

static void read_range(struct image *image, struct table *table)
{
	const uint8_t *bytes = take(image, RANGE_LEN);
	struct addr_range range;

	if (!bytes)
		return;
	memcpy(&range.first, bytes, sizeof(range.first));
	memcpy(&range.last, bytes + sizeof(range.first), sizeof(range.last));
	if (addr_compare(&range.first, &range.last) > 0 ||
	    addr_is_ipv4(&range.first) != addr_is_ipv4(&range.last) ||
	    table_add(table, &range) < 0)
		image->damaged = true;
}

static void read_table(struct image *image, struct ruleset *rules)
{
	char *name = take_name(image);
	struct table *table = NULL;
	uint32_t count;

	if (name && !ruleset_table(rules, name))
		table = ruleset_add_table(rules, name);
	free(name);
	count = take_count(image, RANGES_MAX, RANGE_LEN);
	image->damaged = image->damaged || !table;
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_range(image, table);
	if (table && table_seal(table) < 0)
		image->damaged = true;
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
	char *key = take_string(image);
	char *text = take_string(image);
	const struct match_type *type = key ? match_type_find(key) : NULL;
	struct match_fault fault;

	if (!type || !text || has_condition(rule, type) ||
	    !ruleset_add_match(rules, rule, type, text, &fault))
		image->damaged = true;
	free(key);
	free(text);
}

static void read_rule(struct image *image, struct ruleset *rules)
{
	char *name = take_name(image);
	enum action action = take_action(image);
	bool log = hold(image, take_u8(image), 0, 1);
	uint32_t count =
		take_count(image, (uint32_t)match_type_count, CONDITION_LEN);
	struct rule *rule = NULL;

	if (name && !image->damaged)
		rule = ruleset_add_rule(rules, name,
					&(struct rule_options){
						.action = action,
						.log = log,
					});
	free(name);
	image->damaged = image->damaged || !rule;
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_condition(image, rules, rule);
}

/* Reads a list of zones, tables or rules. */
static void read_list(struct image *image, struct ruleset *rules,
		      uint32_t count,
		      void (*read)(struct image *image, struct ruleset *rules))
{
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read(image, rules);
}

/* NULL: the image is damaged. */
static struct policy *read_policy(struct image *image)
{
	struct policy *policy = policy_create();

	if (!policy) {
		image->damaged = true;
		return NULL;
	}
	read_settings(image, policy);
	read_list(image, policy->rules,
		  take_count(image, SCAN_GROUP_MAX, NAMED_LEN), read_zone);
	read_list(image, policy->rules,
		  take_count(image, SCAN_GROUP_MAX, NAMED_LEN), read_table);
	read_list(image, policy->rules, take_count(image, RULES_MAX, RULE_LEN),
		  read_rule);
	return policy;
}

/* The head; what is left is the body. */
static void read_head(struct image *image)
{
	const uint8_t *magic = take(image, IMAGE_MAGIC_LEN);

	if (magic && memcmp(magic, IMAGE_MAGIC, IMAGE_MAGIC_LEN) != 0)
		image->damaged = true;
	(void)hold(image, take_u32(image), IMAGE_VERSION, IMAGE_VERSION);
	if (take_u32(image) != reader_left(&image->in))
		image->damaged = true;
}

bool policy_image_read(const void *bytes, size_t len, struct policy **policy,
		       struct diagnostics *diags)
{
	const uint8_t *begin = bytes;
	struct image image = { .in = { begin, begin } };
	struct diagnostics found = { 0 };
	struct policy *read = NULL;

	if (len > 0)
		image.in.end += len;
	read_head(&image);
	if (!image.damaged)
		read_diagnostics(&image, &found);
	if (take_count(&image, 1, 1) == 1)
		read = read_policy(&image);
	if (image.damaged || reader_left(&image.in) > 0 ||
	    (read && found.errors > 0)) {
		policy_destroy(read);
		diagnostics_fini(&found);
		return false;
	}
	*policy = read;
	*diags = found;
	return true;
}
