/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two simulated endpoints (RFC 9293) speak through the engine, over a network
 * that loses, delays, reorders, doubles, merges and splits.  oracle.h says what
 * must hold; every world is played until all its connections have come to
 * their end, and one more has opened and closed.
 *
 *	test_model				all scenes
 *	test_model --scene NAME [--seed N] [--segments N] [--verbose] [--alone]
 *
 * The second form plays the seeds from N (1) on, until so many segments are
 * judged, or that one seed alone if no number of segments is given.  --verbose
 * shows every segment, --alone leaves out the firewall.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/world.h"
#include "unit/run.h"

/* Of each scene; checked builds are slow. */
enum { SEGMENTS = 1000000, SEGMENTS_CHECKED = 30000, SEEDS_ALONE = 20 };

static uint64_t segments_wanted(void)
{
	const char *san = getenv("SAN");

	return san && *san ? SEGMENTS_CHECKED : SEGMENTS;
}

/* The scene's worlds from @seed on; returns the first that fails, or 0. */
static uint64_t play(const struct scene *scene, uint64_t seed,
		     uint64_t segments, const struct world_options *options,
		     struct tally *tally)
{
	do
		if (!world_play(scene, seed++, options, tally))
			return seed - 1;
	while (tally->judged < segments);
	return 0;
}

static void print_tally(const struct scene *scene, const struct tally *tally)
{
	printf("scene %s: %" PRIu64 " segments (%" PRIu64 " of them forged) in "
	       "%" PRIu64 " worlds, %" PRIu64 " connections closed, %" PRIu64
	       " segments dropped without loss\n",
	       scene->name, tally->judged, tally->forged, tally->worlds,
	       tally->closed, tally->ghosts);
}

START_TEST(no_segment_that_matters_is_dropped_and_no_forgery_matters)
{
	const struct scene *scene = &scenes[_i];
	const struct world_options options = { .is_loud = false };
	static struct tally tally;
	uint64_t failed = play(scene, 1, segments_wanted(), &options, &tally);

	print_tally(scene, &tally);
	ck_assert_msg(!failed,
		      "%s: play it again with \"test_model --scene %s --seed "
		      "%" PRIu64 " --verbose\"",
		      scene->claim, scene->name, failed);
	/* It was a world in which something happens. */
	ck_assert_uint_gt(tally.closed, tally.worlds);
	ck_assert((scene->attack != ATTACK_NONE) == (tally.forged > 0));
}
END_TEST

/* Else the model would be no measure. */
START_TEST(endpoints_get_on_without_a_firewall)
{
	const struct world_options options = { .is_unwalled = true };
	static struct tally tally;

	for (uint64_t seed = 1; seed <= SEEDS_ALONE; seed++)
		ck_assert_msg(world_play(&scenes[_i], seed, &options, &tally),
			      "scene %s, seed %" PRIu64, scenes[_i].name, seed);
}
END_TEST

static int run_all(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(
		tc, no_segment_that_matters_is_dropped_and_no_forgery_matters,
		0, (int)scene_count);
	tcase_add_loop_test(tc, endpoints_get_on_without_a_firewall, 0,
			    (int)scene_count);
	return run_tests(tc, "model");
}

/* What the command line asks for. */
struct request {
	const struct scene *scene;
	uint64_t seed;
	uint64_t segments;
	struct world_options options;
};

static bool read_number(const char *text, uint64_t *number)
{
	char *end;

	if (!text)
		return false;
	*number = strtoull(text, &end, 0);
	return end != text && !*end;
}

/* Takes the option at @argv; returns how many words it has, 0: no such one. */
static int read_option(struct request *request, char *const *argv)
{
	if (strcmp(argv[0], "--verbose") == 0) {
		request->options.is_loud = true;
		return 1;
	}
	if (strcmp(argv[0], "--alone") == 0) {
		request->options.is_unwalled = true;
		return 1;
	}
	if (strcmp(argv[0], "--seed") == 0)
		return read_number(argv[1], &request->seed) ? 2 : 0;
	if (strcmp(argv[0], "--segments") == 0)
		return read_number(argv[1], &request->segments) ? 2 : 0;
	if (strcmp(argv[0], "--scene") != 0 || !argv[1])
		return 0;
	request->scene = scene_find(argv[1]);
	return request->scene ? 2 : 0;
}

static int usage(void)
{
	(void)fputs("usage: test_model [--scene NAME [--seed N] [--segments N] "
		    "[--verbose] [--alone]]\nscenes:\n",
		    stderr);
	for (size_t i = 0; i < scene_count; i++)
		(void)fprintf(stderr, "  %-10s %s\n", scenes[i].name,
			      scenes[i].claim);
	return 2;
}

int main(int argc, char **argv)
{
	struct request request = { .seed = 1 };
	static struct tally tally;
	uint64_t failed;
	int words;

	if (argc == 1)
		return run_all();
	for (argv++; *argv; argv += words) {
		words = read_option(&request, argv);
		if (!words)
			return usage();
	}
	if (!request.scene)
		return usage();
	failed = play(request.scene, request.seed, request.segments,
		      &request.options, &tally);
	print_tally(request.scene, &tally);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
