/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the scenarios as inputs of fuzz_engine: one file each in a directory.
 *
 *	scenario_seeds DIRECTORY
 *
 * What the records have no field for is left out; a seed is only a beginning.
 */
#include <err.h>
#include <glob.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conntrack/walk.h"
#include "fuzz/engine/record.h"
#include "fuzz/engine/twin.h"

enum { MS_MAX = 1000000 /* in a record */ };

/* A seed that is being written. */
struct seed {
	FILE *file;
	msec_t now;
};

static void put(struct walk *walk, const struct record *record)
{
	const struct seed *seed = walk->arg;

	if (fwrite(record, sizeof(*record), 1, seed->file) != 1)
		err(EXIT_FAILURE, "seed %s", walk->block->id);
}

static void put_time(struct walk *walk)
{
	struct seed *seed = walk->arg;
	struct record record = { .kind = RECORD_TIME };

	while (seed->now < walk->now) {
		msec_t left = walk->now - seed->now;

		record.seq = left < MS_MAX ? (uint32_t)left : MS_MAX - 1;
		put(walk, &record);
		seed->now += record.seq;
	}
}

/* Kinds of TCP's options; the first one that has a value gives .extra. */
static void set_options(struct record *record,
			const struct build_options *options)
{
	static const struct {
		uint8_t kind;
		uint8_t bit;
		uint8_t value_at; /* its last octet */
	} known[] = {
		{ 3, OPTION_BIT_WSCALE, 2 }, { 4, OPTION_BIT_SACK_OK, 0 },
		{ 5, OPTION_BIT_SACK, 0 },   { 8, OPTION_BIT_TS, 5 },
		{ 19, OPTION_BIT_MD5, 0 },   { 34, OPTION_BIT_COOKIE, 0 },
	};
	uint8_t kind = options->bytes[0];

	if (!options->len)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (kind != known[i].kind)
			continue;
		record->options |= known[i].bit;
		if (known[i].value_at)
			record->extra = options->bytes[known[i].value_at];
	}
}

static void set_segment(struct record *record, const struct walk *walk,
			const struct shot *shot)
{
	const struct build *build = &shot->build;

	record->flags = build->tcp.flags;
	record->seq_anchor = ANCHOR_FRESH;
	record->ack_anchor = ANCHOR_FRESH;
	record->seq = build->tcp.seq - walk->cast.isns[shot->who];
	record->ack = build->tcp.ack - walk->cast.isns[!shot->who];
	record->window = build->tcp.window;
	set_options(record, &build->tcp.options);
}

static void put_packet(struct walk *walk, const struct shot *shot)
{
	struct record record = {
		.kind = RECORD_DATAGRAM,
		.who = HOOK_FORWARD << WHO_HOOK_SHIFT,
		.len = (uint16_t)shot->build.payload_len,
	};

	if (shot->who == WHO_R)
		record.who |= WHO_IS_SERVER;
	if (shot->build.bad_checksum)
		record.who |= WHO_BAD_CHECKSUM;
	if (shot->build.ip.ipproto == IPPROTO_TCP && shot->who != WHO_X) {
		record.kind = RECORD_SEGMENT;
		set_segment(&record, walk, shot);
	} else if (shot->who == WHO_X) {
		/* About what is in flight. */
		record.kind = RECORD_ERROR;
		record.seq_anchor = ANCHOR_ACKED;
	} else if (shot->build.ip.ipproto != IPPROTO_UDP) {
		record.flags = shot->who == WHO_R ? 3 : 1;
	}
	put_time(walk);
	put(walk, &record);
}

static void put_terms(struct walk *walk)
{
	struct record record = { .kind = RECORD_CONTROL,
				 .flags = CONTROL_RULES };

	if (walk->terms.denies_inside)
		record.options |= TWIN_DENY_CLIENT;
	if (walk->terms.denies_outside)
		record.options |= TWIN_DENY_SERVER;
	if (walk->terms.is_loose)
		record.options |= TWIN_LOOSE;
	put(walk, &record);
}

static void write_seed(const char *directory, const struct script *script,
		       const struct block *block)
{
	static struct walk walk;
	struct seed seed = { 0 };
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, block->id);
	seed.file = fopen(path, "w");
	if (!seed.file || fputc(0, seed.file) == EOF)
		err(EXIT_FAILURE, "%s", path);
	walk = (struct walk){
		.script = script,
		.block = block,
		.cast = { .version = 4,
			  .addresses = { "192.0.2.1", "198.51.100.2",
					 "203.0.113.3" },
			  .ports = { 40000, 80, 0 } },
		.wait_max = INT64_MAX,
		.packet = put_packet,
		.terms_changed = put_terms,
		.arg = &seed,
	};
	walk_through(&walk);
	if (fclose(seed.file) != 0)
		err(EXIT_FAILURE, "%s", path);
}

int main(int argc, char *argv[])
{
	struct script script = { 0 };
	glob_t files;

	if (argc != 2)
		errx(EXIT_FAILURE, "usage: scenario_seeds DIRECTORY");
	if (glob("tests/scenarios/*.scn", 0, NULL, &files) != 0)
		errx(EXIT_FAILURE, "tests/scenarios: no scenarios");
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (!script_read(&script, files.gl_pathv[i]))
			return EXIT_FAILURE;
	for (size_t i = 0; i < script.block_count; i++)
		if (!script.blocks[i].is_prelude)
			write_seed(argv[1], &script, &script.blocks[i]);
	script_fini(&script);
	globfree(&files);
	return EXIT_SUCCESS;
}
