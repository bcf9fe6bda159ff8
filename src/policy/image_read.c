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
#include "policy/image_state.h"
#include "policy/queues.h"
#include "policy/scan.h"

/* Octets of the smallest of each kind. */
enum {
	STRING_LEN = 4,
	DIAGNOSTIC_LEN = 1 + 4 * 4 + 4 * STRING_LEN,
	NAMED_LEN = STRING_LEN + 1 + 4, /* a zone, a table: a name and a list */
	RANGE_LEN = 2 * sizeof(struct addr),
	RULE_LEN = NAMED_LEN + 2 * STRING_LEN + 25,
};

/* No file that a policy is made of is large enough for more of them. */
enum {
	RULES_MAX = 1 << 20,
	INTERFACES_MAX = 1 << 23,
	RANGES_MAX = 1 << 23,
};

static void read_diagnostic(struct image *image, struct diagnostics *diags)
{
	enum code code = (enum code)image_hold(image, image_take_u8(image), 0,
					       CODE_COUNT - 1);
	struct origin at = { .line = image_take_u32(image) };
	char *texts[4] = { NULL };

	at.column = image_take_u32(image);
	at.end_column = image_take_u32(image);
	at.text_column = image_take_u32(image);
	for (int i = 0; i < 4; i++)
		texts[i] = image_take_string(image);
	at.file = texts[0];
	at.text = texts[3];
	/* The texts before it are there, too, if the last one is. */
	if (at.text)
		diagnostics_add_at(diags, code, at, "%s\n%s", texts[1],
				   texts[2]);
	for (int i = 0; i < 4; i++)
		free(texts[i]);
}

static void read_diagnostics(struct image *image, struct diagnostics *diags)
{
	uint32_t errors = image_take_u32(image);
	uint32_t warnings = image_take_u32(image);
	uint32_t notes = image_take_u32(image);
	uint32_t count =
		image_take_count(image, DIAGNOSTICS_MAX, DIAGNOSTIC_LEN);

	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_diagnostic(image, diags);
	/* More may have been counted than are listed. */
	if (errors < diags->errors || warnings < diags->warnings ||
	    notes < diags->notes || diags->len < count)
		image->damaged = true;
	diags->errors = errors;
	diags->warnings = warnings;
	diags->notes = notes;
}

static void read_tcp(struct image *image, struct ruleset *rules)
{
	struct tcp_settings tcp;

	tcp.pickup = (enum tcp_pickup)image_hold(image, image_take_u8(image), 0,
						 POLICY_PICKUP_COUNT - 1);
	tcp.pickup_grace = (msec_t)image_hold(image, image_take_u64(image),
					      POLICY_TIMEOUT_MIN, DURATION_MAX);
	tcp.syn_data = (enum tcp_syn_data)image_hold(
		image, image_take_u8(image), 0, POLICY_SYN_DATA_COUNT - 1);
	tcp.simultaneous_open = image_hold(image, image_take_u8(image), 0, 1);
	tcp.syn_urg = image_hold(image, image_take_u8(image), 0, 1);
	ruleset_set_tcp(rules, &tcp);
}

static void read_zero_checksum(struct image *image, struct ruleset *rules)
{
	char *ports = image_take_string(image);
	struct match_fault fault;

	if (!ports ||
	    (*ports && !ruleset_set_zero_checksum(rules, ports, &fault)))
		image->damaged = true;
	free(ports);
}

static uint32_t take_number(struct image *image)
{
	return (uint32_t)image_hold(image, image_take_u32(image), 0,
				    POLICY_CONNECTIONS_MAX);
}

static uint32_t take_percent(struct image *image, uint32_t min, uint32_t max)
{
	return (uint32_t)image_hold(image, image_take_u16(image), min, max);
}

static void read_limits(struct image *image, struct ruleset *rules)
{
	struct limits limits;

	limits.connections_per_source = take_number(image);
	limits.half_open = take_number(image);
	limits.half_open_per_source = take_number(image);
	limits.half_open_per_destination = take_number(image);
	limits.source_nodes = (uint32_t)image_hold(image, image_take_u32(image),
						   0, POLICY_SOURCE_NODES_MAX);
	limits.adaptive_start = take_percent(image, 1, 100);
	limits.adaptive_end = take_percent(image, limits.adaptive_start + 1,
					   POLICY_ADAPTIVE_MAX);
	limits.warn_at = take_percent(image, 1, 100);
	ruleset_set_limits(rules, &limits);
}

static void read_behaviour(struct image *image, struct policy *policy)
{
	struct ruleset *rules = policy->rules;
	unsigned int flags;

	policy->on_reload = (enum recheck)image_hold(
		image, image_take_u8(image), 0, POLICY_RELOAD_COUNT - 1);
	ruleset_set_tracking(
		rules, (enum tracking)image_hold(image, image_take_u8(image), 0,
						 TRACKING_COUNT - 1));
	flags = image_take_flags(image, SETTING_AUDIT | SETTING_ESSENTIAL_ICMP |
						SETTING_LOG_FIRST |
						SETTING_LOG_ALL);
	ruleset_set_audit(rules, flags & SETTING_AUDIT);
	ruleset_set_essential_icmp(rules, flags & SETTING_ESSENTIAL_ICMP);
	ruleset_set_policy_log(rules, image_log(flags & SETTING_LOG_FIRST,
						flags & SETTING_LOG_ALL));
	read_tcp(image, rules);
	read_zero_checksum(image, rules);
	read_limits(image, rules);
}

static void read_settings(struct image *image, struct policy *policy)
{
	policy->max_conns =
		image_hold(image, image_take_u32(image), POLICY_CONNECTIONS_MIN,
			   POLICY_CONNECTIONS_MAX);
	policy->queue_first = image_take_u16(image);
	policy->queue_last = (uint16_t)image_hold(
		image, image_take_u16(image), policy->queue_first,
		(uint64_t)policy->queue_first + QUEUES_MAX - 1);
	policy->queue_length = (uint32_t)image_hold(
		image, image_take_u32(image), 1, POLICY_QUEUE_LENGTH_MAX);
	(void)image_hold(image, image_take_u32(image), HOOK_COUNT, HOOK_COUNT);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		ruleset_set_policy(policy->rules, (enum hook)i,
				   image_take_action(image));
	(void)image_hold(image, image_take_u32(image), TIMEOUT_COUNT,
			 TIMEOUT_COUNT);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		ruleset_set_timeout(
			policy->rules, (enum timeout)i,
			(msec_t)image_hold(image, image_take_u64(image),
					   POLICY_TIMEOUT_MIN, DURATION_MAX));
	read_behaviour(image, policy);
	image_read_redirect(image, policy);
}

static void read_interface(struct image *image, struct zone *zone)
{
	char *interface = image_take_string(image);

	if (!interface || zone_add_interface(zone, interface) != 0)
		image->damaged = true;
	free(interface);
}

bool image_take_range(struct image *image, struct addr_range *range)
{
	const uint8_t *bytes = image_take(image, RANGE_LEN);

	if (!bytes)
		return false;
	memcpy(&range->first, bytes, sizeof(range->first));
	memcpy(&range->last, bytes + sizeof(range->first), sizeof(range->last));
	if (addr_compare(&range->first, &range->last) <= 0 &&
	    addr_is_ipv4(&range->first) == addr_is_ipv4(&range->last))
		return true;
	image->damaged = true;
	return false;
}

static void read_networks(struct image *image, struct zone *zone)
{
	uint32_t count = image_take_count(image, RANGES_MAX, RANGE_LEN);
	struct addr_range range;

	for (uint32_t i = 0; i < count && !image->damaged; i++)
		if (image_take_range(image, &range) &&
		    zone_add_network(zone, &range) < 0)
			image->damaged = true;
}

static void read_zone_settings(struct image *image, struct zone *zone)
{
	unsigned int flags =
		image_take_flags(image, ZONE_ANTISPOOF | ZONE_BLOCK_BOGONS);
	const struct zone_guard guard = {
		.antispoof = flags & ZONE_ANTISPOOF,
		.block_bogons = flags & ZONE_BLOCK_BOGONS,
	};
	uint32_t count =
		image_take_count(image, INTERFACES_MAX, STRING_LEN + 1);

	zone_set_guard(zone, &guard);
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_interface(image, zone);
	if (!image->damaged)
		read_networks(image, zone);
}

static void read_zone(struct image *image, struct policy *policy)
{
	char *name = image_take_name(image);
	struct zone *zone = NULL;

	if (name && !ruleset_zone(policy->rules, name))
		zone = ruleset_add_zone(policy->rules, name);
	free(name);
	if (zone)
		read_zone_settings(image, zone);
	else
		image->damaged = true;
}

static void read_range(struct image *image, struct table *table)
{
	struct addr_range range;

	if (image_take_range(image, &range) && table_add(table, &range) < 0)
		image->damaged = true;
}

static void read_table_options(struct image *image, struct table *table)
{
	unsigned int flags =
		image_take_flags(image, TABLE_DYNAMIC | TABLE_NEVER_BLOCK |
						TABLE_BLOCK | TABLE_PERSIST);
	struct table_options options = {
		.dynamic = flags & TABLE_DYNAMIC,
		.never_block = flags & TABLE_NEVER_BLOCK,
		.block = flags & TABLE_BLOCK,
		.persist = flags & TABLE_PERSIST,
	};

	options.timeout = (msec_t)image_hold(image, image_take_u64(image), 0,
					     DURATION_MAX);
	options.max_entries =
		image_hold(image, image_take_u32(image), options.dynamic,
			   options.dynamic ? TABLE_LIVE_MAX : 0);
	image->live_entries += options.max_entries;
	if ((!options.dynamic && (options.timeout > 0 || options.persist)) ||
	    image->live_entries > POLICY_LIVE_ENTRIES_MAX)
		image->damaged = true;
	if (!image->damaged && table_set_options(table, &options) < 0)
		image->damaged = true;
}

static void read_table(struct image *image, struct policy *policy)
{
	struct ruleset *rules = policy->rules;
	char *name = image_take_name(image);
	struct table *table = NULL;
	uint32_t count;

	if (name && !ruleset_table(rules, name))
		table = ruleset_add_table(rules, name);
	free(name);
	if (!table) {
		image->damaged = true;
		return;
	}
	read_table_options(image, table);
	count = image_take_count(image, RANGES_MAX, RANGE_LEN);
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_range(image, table);
	if (table_seal(table) < 0)
		image->damaged = true;
}

/* Reads a list of zones, tables or rules. */
static void read_list(struct image *image, struct policy *policy,
		      uint32_t count,
		      void (*read)(struct image *image, struct policy *policy))
{
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read(image, policy);
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
	read_list(image, policy,
		  image_take_count(image, SCAN_GROUP_MAX, NAMED_LEN),
		  read_zone);
	read_list(image, policy,
		  image_take_count(image, SCAN_GROUP_MAX, NAMED_LEN),
		  read_table);
	read_list(image, policy, image_take_count(image, RULES_MAX, RULE_LEN),
		  image_read_rule);
	if (!image->damaged && !ruleset_index(policy->rules))
		image->damaged = true;
	return policy;
}

/* The head; what is left is the body. */
static void read_head(struct image *image)
{
	const uint8_t *magic = image_take(image, IMAGE_MAGIC_LEN);

	if (magic && memcmp(magic, IMAGE_MAGIC, IMAGE_MAGIC_LEN) != 0)
		image->damaged = true;
	(void)image_hold(image, image_take_u32(image), IMAGE_VERSION,
			 IMAGE_VERSION);
	if (image_take_u32(image) != reader_left(&image->in))
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
	if (image_take_count(&image, 1, 1) == 1)
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
