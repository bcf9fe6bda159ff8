/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that describe a packet of SCTP.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/draft.h"

enum { TYPE_INIT = 1, TYPE_INIT_ACK = 2, INIT_TAG_AT = 4 };

/* Chunks, with values of a length that they may have. */
static const struct chunk {
	const char *name;
	uint8_t type;
	size_t len;
} chunks[] = {
	{ "DATA", 0, 16 },
	{ "INIT", TYPE_INIT, 16 },
	{ "INIT-ACK", TYPE_INIT_ACK, 24 },
	{ "SACK", 3, 12 },
	{ "HEARTBEAT", 4, 8 },
	{ "HEARTBEAT-ACK", 5, 8 },
	{ "ABORT", 6, 0 },
	{ "SHUTDOWN", 7, 4 },
	{ "SHUTDOWN-ACK", 8, 0 },
	{ "ERROR", 9, 8 },
	{ "COOKIE-ECHO", 10, 7 },
	{ "COOKIE-ACK", 11, 0 },
	{ "SHUTDOWN-COMPLETE", 14, 0 },
	{ "AUTH", 15, 16 },
	{ "ASCONF", 193, 16 },
};

static const struct chunk *find_chunk(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
		if (strlen(chunks[i].name) == len &&
		    strncmp(chunks[i].name, name, len) == 0)
			return &chunks[i];
	return NULL;
}

/* The tag that packets to @who carry. */
static uint32_t tag_of(const struct draft *d, enum who who)
{
	return d->cast->isns[who];
}

static void put_tag(uint8_t *p, uint32_t tag)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(tag >> (24 - 8 * i));
}

/* "O", "R", one of them with +N, or a number. */
static bool read_tag(const struct draft *d, const char *text, uint32_t *tag)
{
	uint32_t base = 0;
	int64_t number = 0;

	if (*text == 'O' || *text == 'R') {
		base = tag_of(d, *text == 'O' ? WHO_O : WHO_R);
		text++;
		if (!*text) {
			*tag = base;
			return true;
		}
	}
	if (!draft_number(d, text, UINT32_MAX, &number))
		return false;
	*tag = base + (uint32_t)number;
	return true;
}

/* "DATA", or "ABORT/T" with the T bit. */
static bool add_chunk(struct build_chunks *list, const char *name, size_t len)
{
	bool has_t = len > 2 && strncmp(name + len - 2, "/T", 2) == 0;
	const struct chunk *chunk = find_chunk(name, has_t ? len - 2 : len);

	if (chunk)
		build_chunk(list, chunk->type, has_t, NULL, chunk->len);
	return chunk;
}

/* INIT and INIT-ACK offer the tag of their sender; INIT itself has none. */
static void set_tags(struct draft *d)
{
	uint8_t *chunk = d->shot->chunks.bytes;

	d->shot->build.key = tag_of(d, d->dst);
	if (chunk[0] == TYPE_INIT)
		d->shot->build.key = 0;
	if (chunk[0] == TYPE_INIT || chunk[0] == TYPE_INIT_ACK)
		put_tag(chunk + INIT_TAG_AT, tag_of(d, d->src));
}

const char *draft_take_chunks(struct draft *d, const char *names)
{
	struct build_chunks *list = &d->shot->chunks;
	struct build *build = &d->shot->build;

	build->ip.ipproto = IPPROTO_SCTP;
	if (strcmp(names, "-") == 0) {
		build->key = tag_of(d, d->dst);
		return NULL;
	}
	while (*names) {
		size_t len = strcspn(names, ",");

		if (!add_chunk(list, names, len))
			return "not a list of chunks: INIT, DATA,SACK ... or -";
		names += len;
		names += *names == ',';
	}
	build->payload = list->bytes;
	build->payload_len = list->len;
	set_tags(d);
	return NULL;
}

bool draft_set_tag(struct draft *d, const char *value)
{
	return read_tag(d, value, &d->shot->build.key);
}

bool draft_set_init_tag(struct draft *d, const char *value)
{
	uint32_t tag;

	if (!read_tag(d, value, &tag))
		return false;
	put_tag(d->shot->chunks.bytes + INIT_TAG_AT, tag);
	return true;
}

/* What the first chunk says of its length. */
bool draft_set_chunk_len(struct draft *d, const char *value)
{
	uint8_t *chunk = d->shot->chunks.bytes;
	int64_t len;

	if (!draft_number(d, value, UINT16_MAX, &len))
		return false;
	chunk[2] = (uint8_t)(len >> 8);
	chunk[3] = (uint8_t)len;
	return true;
}
