/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading images.
 *
 * Numbers mean what they meant to the process that has ended: rules and
 * meanings are found again by their names.  Times go on within one boot; from
 * another one they are converted by the wall clock.
 *
 * A process that was killed may have been in the middle of a change.  Which
 * connections it was about is known; their numbers may not go together, so they
 * are judged from now on as if packets had passed unseen.  So are all that come
 * from a file, as in the meantime the filter was away.
 */
#include "engine/restore.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/conntrack.h"
#include "engine/conntrack_image_form.h"
#include "engine/crc32c.h"
#include "engine/meanings.h"
#include "engine/proto.h"
#include "engine/ruleset.h"

struct restore {
	const char *memory;
	struct image_header header; /* a copy */
	uint32_t count;             /* connections, live or not */
	uint32_t next;
	msec_t now;
	msec_t shift; /* from its time to ours */
	/* By old number, for each epoch. */
	uint32_t *rules[IMAGE_EPOCHS];
	uint32_t rule_counts[IMAGE_EPOCHS];
	struct meanings *meanings; /* for each shard */
};

const char *const restore_fault_text[RESTORE_FAULT_COUNT] = {
	[RESTORE_OK] = "nothing is wrong with it",
	[RESTORE_SHORT] = "it ends too early",
	[RESTORE_FOREIGN] = "it is something else",
	[RESTORE_VERSION] = "it is of another version of statewalld",
	[RESTORE_DAMAGED] = "it is damaged",
	[RESTORE_FUTURE] = "it was saved later than now, says the clock",
	[RESTORE_MEMORY] = "there is no memory to read it",
};

static bool holds(size_t len, const struct image_part *part)
{
	return part->start <= len && part->len <= len - part->start;
}

static enum restore_fault check_parts(const struct image_header *header,
				      size_t len)
{
	if (!holds(len, &header->touched) || !holds(len, &header->meanings) ||
	    !holds(len, &header->rules[0]) || !holds(len, &header->rules[1]) ||
	    !holds(len, &header->conns))
		return RESTORE_SHORT;
	if (header->shards == 0 ||
	    header->shards > CONNTRACK_IMAGE_SHARDS_MAX ||
	    (header->shards & (header->shards - 1)) != 0 ||
	    header->touched.len <
		    (uint64_t)header->shards * IMAGE_TOUCHED_LEN ||
	    header->meanings.len < header->shards * sizeof(struct meanings) ||
	    header->conns.len / sizeof(struct conn) > UINT32_MAX)
		return RESTORE_DAMAGED;
	return RESTORE_OK;
}

static enum restore_fault check_header(const struct image_header *header,
				       const struct restore_params *params)
{
	if (memcmp(header->magic, image_magic, sizeof(header->magic)) != 0)
		return RESTORE_FOREIGN;
	if (header->version != CONNTRACK_IMAGE_VERSION ||
	    header->layout != image_layout())
		return RESTORE_VERSION;
	if (header->checksum != image_checksum(header) ||
	    header->boot[CONNTRACK_IMAGE_BOOT_LEN - 1] != '\0')
		return RESTORE_DAMAGED;
	return check_parts(header, params->len);
}

static enum restore_fault check_body(const struct image_header *header,
				     const struct restore_params *params)
{
	uint32_t checksum = image_body_checksum(header);

	if (!header->is_saved)
		return RESTORE_OK;
	checksum = crc32c_add(checksum,
			      (const char *)params->memory + sizeof(*header),
			      params->len - sizeof(*header));
	return checksum == header->body ? RESTORE_OK : RESTORE_DAMAGED;
}

/* Our clock may have started anew. */
static enum restore_fault set_time(struct restore *restore,
				   const struct restore_params *params)
{
	const struct image_header *header = &restore->header;

	restore->now = params->now;
	if (strcmp(header->boot, params->boot) == 0)
		return RESTORE_OK;
	/* Memory does not outlive the machine. */
	if (!header->is_saved)
		return RESTORE_DAMAGED;
	if (__builtin_sub_overflow(header->wall, params->wall,
				   &restore->shift) ||
	    __builtin_add_overflow(header->saved, restore->shift,
				   &(msec_t){ 0 }))
		return RESTORE_DAMAGED;
	return header->saved + restore->shift > params->now ? RESTORE_FUTURE
							    : RESTORE_OK;
}

/* The names, one behind the other; NULL: they are not as many. */
static const char **split_names(const char *at, size_t len, uint32_t count)
{
	const char **names = calloc(count ? count : 1, sizeof(*names));

	for (uint32_t i = 0; names && i < count; i++) {
		const char *end = memchr(at, '\0', len);

		if (!end) {
			free(names);
			return NULL;
		}
		names[i] = at;
		len -= (size_t)(end - at) + 1;
		at = end + 1;
	}
	return names;
}

/* Without their names, rules are unknown. */
static enum restore_fault read_rules(struct restore *restore, size_t epoch,
				     const struct ruleset *rules)
{
	const struct image_part *part = &restore->header.rules[epoch];
	struct image_rules *names = &restore->header.names[epoch];
	uint32_t count = atomic_load(&names->count);
	const char **list;
	bool ok;

	/* A name has one letter at least. */
	if (names->len > part->len || count > names->len / 2)
		count = 0;
	list = split_names(restore->memory + part->start, names->len, count);
	if (!list)
		return RESTORE_OK;
	restore->rules[epoch] =
		calloc(count ? count : 1, sizeof(*restore->rules[epoch]));
	ok = restore->rules[epoch] &&
	     ruleset_number_names(rules, list, count, restore->rules[epoch]);
	restore->rule_counts[epoch] = ok ? count : 0;
	free(list);
	return ok ? RESTORE_OK : RESTORE_MEMORY;
}

static void mend_meanings(struct meanings *meanings)
{
	for (size_t i = 0; i < IFNAMES_MAX; i++)
		meanings->ifnames.names[i][PACKET_IFNAME_LEN - 1] = '\0';
	if (meanings->marks.count > MARKS_MAX)
		meanings->marks.count = 0;
}

static enum restore_fault read_meanings(struct restore *restore)
{
	const struct image_header *header = &restore->header;

	restore->meanings = calloc(header->shards, sizeof(struct meanings));
	if (!restore->meanings)
		return RESTORE_MEMORY;
	memcpy(restore->meanings, restore->memory + header->meanings.start,
	       header->shards * sizeof(struct meanings));
	for (uint32_t i = 0; i < header->shards; i++)
		mend_meanings(&restore->meanings[i]);
	return RESTORE_OK;
}

static uint32_t count_conns(struct image_header *header)
{
	uint32_t room = (uint32_t)(header->conns.len / sizeof(struct conn));
	uint32_t reach = atomic_load(&header->reach);

	return reach < room ? reach : room;
}

static enum restore_fault read_image(struct restore *restore,
				     const struct restore_params *params)
{
	enum restore_fault fault;

	if (params->len < sizeof(restore->header))
		return RESTORE_SHORT;
	restore->memory = params->memory;
	memcpy(&restore->header, params->memory, sizeof(restore->header));
	fault = check_header(&restore->header, params);
	if (fault == RESTORE_OK)
		fault = check_body(&restore->header, params);
	if (fault == RESTORE_OK)
		fault = set_time(restore, params);
	for (size_t i = 0; i < IMAGE_EPOCHS && fault == RESTORE_OK; i++)
		fault = read_rules(restore, i, params->rules);
	if (fault == RESTORE_OK)
		fault = read_meanings(restore);
	if (fault != RESTORE_OK)
		return fault;
	restore->count = count_conns(&restore->header);
	return RESTORE_OK;
}

struct restore *restore_open(const struct restore_params *params,
			     enum restore_fault *fault)
{
	struct restore *restore = calloc(1, sizeof(*restore));

	*fault = RESTORE_MEMORY;
	if (!restore)
		return NULL;
	*fault = read_image(restore, params);
	if (*fault == RESTORE_OK)
		return restore;
	restore_close(restore);
	return NULL;
}

void restore_close(struct restore *restore)
{
	if (!restore)
		return;
	for (size_t i = 0; i < IMAGE_EPOCHS; i++)
		free(restore->rules[i]);
	free(restore->meanings);
	free(restore);
}

uint64_t restore_serial(const struct restore *restore)
{
	return restore->header.is_saved ? 0 : restore->header.serial;
}

/* Connections. */

static bool is_family(const struct addr *addr, uint8_t ipversion)
{
	return addr_is_ipv4(addr) == (ipversion == 4);
}

/* Of all ids that were ever given; no table makes that many. */
#define ID_MAX (CONN_ID_MAX / 2)

static bool is_tuple_sound(const struct tuple *tuple)
{
	struct tuple canonical;

	if (tuple->ipversion != 4 && tuple->ipversion != 6)
		return false;
	if (tuple->ipversion == 4 &&
	    !(is_family(&tuple->src, 4) && is_family(&tuple->dst, 4)))
		return false;
	(void)tuple_make_canonical(tuple, &canonical);
	return tuple_equal(tuple, &canonical);
}

/* Bit fields of a connection hold no value that is none, but for these. */
static bool is_sound(const struct restore *restore, const struct conn *conn)
{
	return is_tuple_sound(&conn->tuple) && conn->id != 0 &&
	       conn->id < ID_MAX && conn->created <= restore->now &&
	       conn->hook < HOOK_COUNT && conn->tracking < TRACKING_NONE &&
	       proto_find(conn->tuple.ipproto)->is_sound(conn);
}

static uint32_t rule_of(const struct restore *restore, const struct conn *conn)
{
	return conn->rule < restore->rule_counts[conn->epoch]
		       ? restore->rules[conn->epoch][conn->rule]
		       : RULE_NONE;
}

/* In which shard it was. */
static uint32_t shard_of(const struct restore *restore, const struct conn *conn)
{
	return (uint32_t)tuple_hash_hosts(&conn->tuple, &restore->header.key) &
	       (restore->header.shards - 1);
}

static bool is_torn(const struct restore *restore, uint32_t shard,
		    uint32_t number)
{
	const char *touched = restore->memory + restore->header.touched.start +
			      (size_t)shard * IMAGE_TOUCHED_LEN;
	uint32_t last;

	memcpy(&last, touched, sizeof(last));
	return last == number;
}

static void name_interface(char name[PACKET_IFNAME_LEN],
			   const struct ifnames *ifnames, uint8_t number)
{
	if (number > ifnames->count)
		number = 0;
	memcpy(name, ifnames_name(ifnames, number), PACKET_IFNAME_LEN);
}

static struct marking mark_of(const struct meanings *meanings,
			      const struct conn *conn)
{
	if (conn->mark > meanings->marks.count)
		return (struct marking){ 0 };
	return marks_mark(&meanings->marks, (uint16_t)conn->mark);
}

/* What is left of it makes sense here. */
static void translate(const struct restore *restore, uint32_t number,
		      struct restored *restored)
{
	struct conn *conn = &restored->conn;
	const struct proto *proto = proto_find(conn->tuple.ipproto);
	uint32_t shard = shard_of(restore, conn);
	const struct meanings *meanings = &restore->meanings[shard];

	name_interface(restored->indev, &meanings->ifnames, conn->indev);
	name_interface(restored->outdev, &meanings->ifnames, conn->outdev);
	restored->mark = mark_of(meanings, conn);
	conn->rule = rule_of(restore, conn);
	conn->lossy |=
		restore->header.is_saved || is_torn(restore, shard, number);
	proto->forget_rules(conn);
	conn->budget = (struct budget){ 0 };
	/* It was about to be put into one. */
	if (conn->timeout >= TIMEOUT_COUNT)
		conn->timeout = proto->timeout(conn) & 0x1f;
}

enum restore_step restore_next(struct restore *restore,
			       struct restored *restored)
{
	struct conn *conn = &restored->conn;
	const char *conns = restore->memory + restore->header.conns.start;

	while (restore->next < restore->count) {
		uint32_t number = restore->next++;

		memcpy(conn, conns + number * sizeof(*conn), sizeof(*conn));
		/* One that is free expires at 0, whenever that was. */
		if (conn->expires <= 0 ||
		    __builtin_add_overflow(conn->expires, restore->shift,
					   &conn->expires) ||
		    conn->expires <= restore->now)
			continue;
		if (__builtin_add_overflow(conn->created, restore->shift,
					   &conn->created) ||
		    !is_sound(restore, conn))
			return RESTORE_SKIPPED;
		conn->class_since += (uint32_t)restore->shift;
		translate(restore, number, restored);
		return RESTORE_CONN;
	}
	return RESTORE_END;
}
