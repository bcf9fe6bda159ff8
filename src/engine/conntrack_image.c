/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and saving images.
 *
 * A process can be killed between any two stores.  What is added to a live
 * image is therefore written before it is counted.
 */
#include "engine/conntrack_image.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/conntrack_image_form.h"
#include "engine/crc32c.h"
#include "engine/pool.h"
#include "engine/ruleset.h"

struct conntrack_image {
	struct image_header *header;
	char *memory; /* the same */
};

uint32_t image_layout(void)
{
	static const uint32_t facts[] = {
		sizeof(struct image_header),
		sizeof(struct meanings),
		sizeof(struct conn),
		MARKS_MAX,
		offsetof(struct conn, rule),
		offsetof(struct conn, expires),
		offsetof(struct conn, created),
		offsetof(struct conn, packets),
		offsetof(struct conn, tcp.last),
		offsetof(struct conn, tcp.pending),
		offsetof(struct conn, sctp.request),
		offsetof(struct conn, sctp.state),
		offsetof(struct conn, class_since),
		offsetof(struct conn, budget),
		sizeof(struct tcp_peer),
		sizeof(struct tcp_conn),
		sizeof(struct sctp_conn),
		TIMEOUT_COUNT,
		TRACKING_COUNT,
		HOOK_COUNT,
		TCP_STATE_COUNT,
		SCTP_STATE_COUNT,
	};

	return crc32c_add(0, facts, sizeof(facts));
}

uint32_t image_checksum(const struct image_header *header)
{
	return crc32c_add(0, header, offsetof(struct image_header, checksum));
}

uint32_t image_body_checksum(const struct image_header *header)
{
	size_t start = offsetof(struct image_header, names);

	return crc32c_add(0, (const char *)header + start,
			  sizeof(*header) - start);
}

/* Puts a part behind what ends at @end; returns its own end. */
static uint64_t place(struct image_part *part, uint64_t end, uint64_t align,
		      uint64_t len)
{
	part->start = (end + align - 1) / align * align;
	part->len = len;
	return part->start + len;
}

/* Returns the length of the whole. */
static uint64_t lay_out(struct image_header *header, size_t conns)
{
	uint64_t end = sizeof(*header);

	end = place(&header->touched, end, IMAGE_PAGE,
		    (uint64_t)CONNTRACK_IMAGE_SHARDS_MAX * IMAGE_TOUCHED_LEN);
	end = place(&header->meanings, end, IMAGE_PAGE,
		    CONNTRACK_IMAGE_SHARDS_MAX * sizeof(struct meanings));
	for (size_t i = 0; i < IMAGE_EPOCHS; i++)
		end = place(&header->rules[i], end, IMAGE_PAGE,
			    IMAGE_RULES_LEN);
	return place(&header->conns, end, IMAGE_PAGE,
		     conns * sizeof(struct conn));
}

size_t conntrack_image_len(size_t max_conns)
{
	struct image_header header;

	return lay_out(&header, pool_conns_len(max_conns));
}

struct conntrack_image *
conntrack_image_create(void *memory,
		       const struct conntrack_image_params *params)
{
	struct conntrack_image *image = calloc(1, sizeof(*image));
	struct image_header *header = memory;

	if (!image)
		return NULL;
	image->header = header;
	image->memory = memory;
	memcpy(header->magic, image_magic, sizeof(header->magic));
	header->version = CONNTRACK_IMAGE_VERSION;
	header->layout = image_layout();
	header->serial = params->serial;
	memcpy(header->boot, params->boot, sizeof(header->boot));
	header->key = params->key;
	header->shards = params->shards;
	(void)lay_out(header, pool_conns_len(params->max_conns));
	conntrack_image_rest(image);
	header->checksum = image_checksum(header);
	return image;
}

void conntrack_image_destroy(struct conntrack_image *image)
{
	free(image);
}

struct conn *conntrack_image_conns(const struct conntrack_image *image)
{
	return (void *)(image->memory + image->header->conns.start);
}

_Atomic uint32_t *conntrack_image_reach(const struct conntrack_image *image)
{
	return &image->header->reach;
}

struct meanings *conntrack_image_meanings(const struct conntrack_image *image,
					  uint32_t shard)
{
	void *first = image->memory + image->header->meanings.start;

	return (struct meanings *)first + shard;
}

uint32_t *conntrack_image_touched(const struct conntrack_image *image,
				  uint32_t shard)
{
	return (void *)(image->memory + image->header->touched.start +
			(size_t)shard * IMAGE_TOUCHED_LEN);
}

void conntrack_image_rest(struct conntrack_image *image)
{
	for (uint32_t i = 0; i < image->header->shards; i++)
		*conntrack_image_touched(image, i) = POOL_NONE;
}

void conntrack_image_name_rules(struct conntrack_image *image, bool epoch,
				const struct ruleset *rules)
{
	struct image_rules *names = &image->header->names[epoch];
	char *at = image->memory + image->header->rules[epoch].start;
	size_t count = ruleset_rule_count(rules);
	uint32_t len = 0;

	atomic_store(&names->count, 0);
	for (size_t i = 0; i < count; i++) {
		const char *name = rule_name(ruleset_rule(rules, i));
		uint32_t octets = (uint32_t)strlen(name) + 1;

		if (octets > IMAGE_RULES_LEN - len)
			return;
		memcpy(at + len, name, octets);
		len += octets;
	}
	names->len = len;
	atomic_store(&names->count, (uint32_t)count);
}

/* Saving.  Each part is added to the checksum first, and written then. */

struct save {
	const struct conntrack_image *image;
	const struct conntrack_image_sink *sink; /* NULL: for the checksum */
	msec_t now;
	uint32_t checksum;
};

static bool put(struct save *save, const void *octets, size_t len)
{
	if (save->sink)
		return save->sink->write(octets, len, save->sink->arg);
	save->checksum = crc32c_add(save->checksum, octets, len);
	return true;
}

/* Those that live, of which the header says how many there are. */
static bool put_conns(struct save *save)
{
	const struct conn *conns = conntrack_image_conns(save->image);
	uint32_t reach = atomic_load(&save->image->header->reach);

	for (uint32_t i = 0; i < reach; i++)
		if (conns[i].expires > save->now &&
		    !put(save, &conns[i], sizeof(conns[i])))
			return false;
	return true;
}

static bool put_body(struct save *save)
{
	const struct conntrack_image *image = save->image;
	const struct image_header *header = image->header;

	if (!put(save, image->memory + header->touched.start,
		 (size_t)header->shards * IMAGE_TOUCHED_LEN) ||
	    !put(save, image->memory + header->meanings.start,
		 header->shards * sizeof(struct meanings)))
		return false;
	for (size_t i = 0; i < IMAGE_EPOCHS; i++)
		if (!put(save, image->memory + header->rules[i].start,
			 header->names[i].len))
			return false;
	return put_conns(save);
}

static uint64_t count_live(const struct conntrack_image *image, msec_t now)
{
	const struct conn *conns = conntrack_image_conns(image);
	uint32_t reach = atomic_load(&image->header->reach);
	uint64_t count = 0;

	for (uint32_t i = 0; i < reach; i++)
		count += conns[i].expires > now;
	return count;
}

/* The header of the saved image, but for its checksums. */
static void make_header(struct image_header *header,
			const struct conntrack_image *image, msec_t now,
			int64_t wall)
{
	uint64_t end = sizeof(*header);
	uint64_t count = count_live(image, now);

	memcpy(header, image->header, sizeof(*header));
	header->is_saved = true;
	header->saved = now;
	header->wall = wall;
	end = place(&header->touched, end, 1,
		    (uint64_t)header->shards * IMAGE_TOUCHED_LEN);
	end = place(&header->meanings, end, 1,
		    header->shards * sizeof(struct meanings));
	for (size_t i = 0; i < IMAGE_EPOCHS; i++)
		end = place(&header->rules[i], end, 1, header->names[i].len);
	(void)place(&header->conns, end, 1, count * sizeof(struct conn));
	atomic_init(&header->reach, (uint32_t)count);
}

bool conntrack_image_save(const struct conntrack_image *image, msec_t now,
			  int64_t wall, const struct conntrack_image_sink *sink)
{
	struct save save = { .image = image, .now = now };
	struct image_header header;

	make_header(&header, image, now, wall);
	save.checksum = image_body_checksum(&header);
	(void)put_body(&save);
	header.body = save.checksum;
	header.checksum = image_checksum(&header);
	save.sink = sink;
	return put(&save, &header, sizeof(header)) && put_body(&save);
}
