/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulated endpoints (RFC 9293) speak through the engine, over a network that
 * loses, reorders, duplicates and merges: no segment that changes an endpoint's
 * state is ever dropped.
 *
 *	test_model                plays every scene with many seeds
 *	test_model SCENE SEED     plays that one again, and shows every segment
 *
 * What a forged segment may do, and what may be lost when segments pass unseen,
 * is not told completely yet (oracle.c): those scenes are played by the second
 * form only.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/world.h"
#include "unit/run.h"

enum { SEEDS = 100 };

static bool is_told(const struct scene *scene)
{
	return scene->attack == ATTACK_NONE && !scene->restarts &&
	       !scene->overlooks;
}

START_TEST(no_segment_that_matters_is_dropped)
{
	const struct scene *scene = &scenes[_i];
	const struct world_options options = { 0 };
	static struct tally tally;

	if (!is_told(scene))
		return;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		ck_assert_msg(world_play(scene, seed, &options, &tally),
			      "%s: play it again with \"test_model %s %d\"",
			      scene->claim, scene->name, (int)seed);
	/* It was a world in which something happens. */
	ck_assert_uint_gt(tally.judged, SEEDS);
	ck_assert_uint_gt(tally.closed, SEEDS);
	printf("scene %s: %d segments judged, %d connections closed\n",
	       scene->name, (int)tally.judged, (int)tally.closed);
}
END_TEST

static int play_again(const char *name, const char *seed)
{
	const struct world_options options = { .is_loud = true };
	const struct scene *scene = scene_find(name);
	static struct tally tally;

	if (!scene) {
		fprintf(stderr, "test_model: there is no scene \"%s\"\n", name);
		return EXIT_FAILURE;
	}
	return world_play(scene, strtoull(seed, NULL, 0), &options, &tally)
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	TCase *tc;

	if (argc == 3)
		return play_again(argv[1], argv[2]);
	tc = tcase_create("all");
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, no_segment_that_matters_is_dropped, 0,
			    (int)scene_count);
	return run_tests(tc, "model");
}
