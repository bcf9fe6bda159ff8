/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same packets through nf_conntrack and through our engine: those of the
 * scenarios (see walk.h for how far), and random conversations.
 *
 *	versus [SEED]
 *
 * Every scenario is played over IPv4 and IPv6 and with several initial sequence
 * numbers, always by hosts that the table does not know.
 */
#include <err.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "conntrack/chatter.h"
#include "conntrack/contest.h"
#include "conntrack/walk.h"

enum { NUMBERS = 4, ADDRESS_LEN = 46, NAME_LEN = 80, SEED = 2 };

/* Some leave no room to the wrap, or to the change of sign. */
static const uint32_t isns[NUMBERS][2] = {
	{ 1000, 5000000 },
	{ 0xfffffff0, 0x7ffffff0 },
	{ 0x7ffffff0, 0xfffffff0 },
	{ 0xfffff000, 0xffff0000 },
};

static void play_packet(struct walk *walk, const struct shot *shot)
{
	struct contest *contest = walk->arg;
	const struct trial trial = {
		.scenario = walk->block->id,
		.name = walk->line->text,
		.from_inside = shot->who == WHO_O,
		.packet = shot->octets,
		.len = shot->len,
		.now = walk->now,
	};

	/* A router without multicast routes forwards none, tracked or not. */
	if (shot->gso || addr_is_multicast(&shot->tuple.dst))
		walk->is_cut = true;
	else
		(void)contest_judge(contest, &trial);
}

static void change_terms(struct walk *walk)
{
	contest_set_terms(walk->arg, &walk->terms);
}

struct addresses {
	char inside[ADDRESS_LEN];
	char outside[ADDRESS_LEN];
};

/* Nobody had these before. */
static void take_addresses(struct addresses *addresses, uint8_t version)
{
	static unsigned int count;
	unsigned int n = ++count;

	if (version == 4) {
		(void)snprintf(addresses->inside, ADDRESS_LEN, "198.18.%u.%u",
			       n / 250 + 1, n % 250 + 1);
		(void)snprintf(addresses->outside, ADDRESS_LEN, "198.19.%u.%u",
			       n / 250 + 1, n % 250 + 1);
		return;
	}
	(void)snprintf(addresses->inside, ADDRESS_LEN, "2001:db8:1::%x", n);
	(void)snprintf(addresses->outside, ADDRESS_LEN, "2001:db8:2::%x", n);
}

/* false: not to its end. */
static bool play(struct contest *contest, const struct script *script,
		 const struct block *block, int variant)
{
	static struct walk walk;
	const uint32_t *numbers = isns[variant / 2];
	uint8_t version = variant % 2 ? 6 : 4;
	struct addresses addresses;

	take_addresses(&addresses, version);
	walk = (struct walk){
		.script = script,
		.block = block,
		.cast = {
			.version = version,
			.addresses = { addresses.inside, addresses.outside,
				       version == 4 ? TERMS_ROUTER4
						    : TERMS_ROUTER6 },
			.ports = { 40000, 80, 0 },
			.isns = { numbers[0], numbers[1], 0 },
		},
		.wait_max = WALK_KERNEL_WAITS,
		.packet = play_packet,
		.terms_changed = change_terms,
		.arg = contest,
	};
	contest_begin(contest);
	walk_through(&walk);
	return !walk.is_cut;
}

static bool play_all_ways(struct contest *contest, const struct script *script,
			  const struct block *block)
{
	bool to_the_end = true;

	for (int variant = 0; variant < 2 * NUMBERS; variant++)
		to_the_end &= play(contest, script, block, variant);
	return to_the_end;
}

/* @file: the very pointer that @script has read. */
static void play_file(struct contest *contest, const struct script *script,
		      const char *file)
{
	size_t played = 0;
	size_t cut = 0;
	char name[NAME_LEN];

	for (size_t i = 0; i < script->block_count; i++) {
		const struct block *block = &script->blocks[i];

		if (block->is_prelude ||
		    script->lines[block->head].file != file)
			continue;
		played++;
		if (!play_all_ways(contest, script, block))
			cut++;
	}
	(void)snprintf(name, sizeof(name), "%s, %zu scenarios, %zu in part",
		       file, played, cut);
	if (played)
		contest_report(contest, name);
}

static void play_scenarios(struct contest *contest)
{
	struct script script = { 0 };
	glob_t files;

	if (glob("tests/scenarios/*.scn", 0, NULL, &files) != 0)
		errx(EXIT_FAILURE, "tests/scenarios: no scenarios");
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (!script_read(&script, files.gl_pathv[i]))
			exit(EXIT_FAILURE);
	for (size_t i = 0; i < files.gl_pathc; i++)
		play_file(contest, &script, files.gl_pathv[i]);
	script_fini(&script);
	globfree(&files);
}

int main(int argc, char *argv[])
{
	struct contest contest = { 0 };
	const char *why;

	contest.kernel = kernel_create(&why);
	if (!contest.kernel) {
		printf("skip conntrack: %s\n", why);
		return EXIT_SUCCESS;
	}
	contest.ours = ours_create();
	if (!differences_read(&contest.known, "tests/conntrack/differences"))
		return EXIT_FAILURE;
	play_scenarios(&contest);
	chatter(&contest, argc > 1 ? strtoull(argv[1], NULL, 0) : SEED);
	contest_finish(&contest);
	differences_fini(&contest.known);
	ours_destroy(contest.ours);
	kernel_destroy(contest.kernel);
	return contest.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
