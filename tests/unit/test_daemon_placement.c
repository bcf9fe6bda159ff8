/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a worker's thread should run.
 */
#include "daemon/placement.h"

#include <string.h>

#include "unit/run.h"

enum { CPUS = 4, HOME = 1 };

static void start(struct placement *placement, unsigned int allowed)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned int i = 0; i < CPUS; i++)
		if (allowed & 1U << i)
			CPU_SET(i, &set);
	placement_init(placement, &set, HOME);
}

static void note(struct placement *placement, size_t packets, int times)
{
	for (int i = 0; i < times; i++)
		(void)placement_note(placement, packets);
}

static const struct {
	const char *what;
	size_t batches
		[2]; /* 500 of the first size, then as many of the other */
	bool is_free;
} loads[] = {
	{ "packets that come one by one bind it", { 1, 1 }, false },
	{ "those that come two by two free it", { 1, 2 }, true },
	{ "a full batch is no more than a load", { 64, 64 }, true },
	{ "it is bound again when the load is over", { 64, 1 }, false },
};

START_TEST(a_thread_is_bound_to_its_home_unless_it_falls_behind)
{
	static struct placement placement;
	cpu_set_t cpus;

	start(&placement, 0xf);
	note(&placement, loads[_i].batches[0], 500);
	note(&placement, loads[_i].batches[1], 500);
	ck_assert_msg(placement.is_free == loads[_i].is_free, "%s",
		      loads[_i].what);
	cpus = placement_cpus(&placement);
	ck_assert_int_eq(CPU_COUNT(&cpus), loads[_i].is_free ? CPUS : 1);
	ck_assert(CPU_ISSET(HOME, &cpus));
}
END_TEST

START_TEST(it_does_not_change_its_mind_between_the_thresholds)
{
	static struct placement placement;
	int changes = 0;

	start(&placement, 0xf);
	/* Four in three batches: between the two. */
	for (int i = 0; i < 3000; i++)
		changes += placement_note(&placement, i % 3 ? 1 : 2);
	ck_assert_int_eq(changes, 0);
	note(&placement, 1, 500);
	for (int i = 0; i < 3000; i++)
		changes += placement_note(&placement, i % 3 ? 1 : 2);
	ck_assert_int_eq(changes, 0);
}
END_TEST

/* A thousand packets were judged, on the processor .cpu. */
static const struct {
	const char *what;
	unsigned int allowed;
	unsigned int cpu;
	uint32_t received[CPUS];
	unsigned int home;
} looks[] = {
	{ "home is where the packets come in",
	  0xf,
	  HOME,
	  { 0, 1000, 1000, 0 },
	  2 },
	{ "and stays, if that is there", 0xf, HOME, { 0, 2000, 0, 0 }, HOME },
	{ "what we send on ourselves does not count",
	  0xf,
	  HOME,
	  { 1000, 1000, 0, 0 },
	  0 },
	{ "nor does it elsewhere", 0xf, 3, { 0, 1000, 0, 1000 }, HOME },
	{ "a processor among several is no home",
	  0xf,
	  HOME,
	  { 500, 1000, 800, 0 },
	  HOME },
	{ "twice as much as the others is not more than that",
	  0xf,
	  HOME,
	  { 500, 1000, 1000, 0 },
	  HOME },
	{ "a few packets of somebody else's are none of ours",
	  0xf,
	  HOME,
	  { 0, 1000, 499, 0 },
	  HOME },
	{ "half of ours is enough", 0xf, HOME, { 0, 1000, 500, 0 }, 2 },
	{ "where it may not run it does not go",
	  0x3,
	  HOME,
	  { 0, 1000, 1000, 0 },
	  HOME },
};

START_TEST(a_thread_moves_to_where_its_packets_come_from)
{
	static const uint32_t before[CPUS] = { 1, UINT32_MAX, 7, 70 };
	static struct placement placement;
	uint32_t after[CPUS];
	bool moves = looks[_i].home != HOME;

	start(&placement, looks[_i].allowed);
	(void)placement_compare(&placement, before, CPUS, HOME, 1000);
	(void)placement_note(&placement, 1000);
	for (int i = 0; i < CPUS; i++)
		after[i] = before[i] + looks[_i].received[i];
	ck_assert_msg(placement_compare(&placement, after, CPUS, looks[_i].cpu,
					1050) == moves,
		      "%s", looks[_i].what);
	ck_assert_msg(placement.home == looks[_i].home, "%s: %u",
		      looks[_i].what, placement.home);
}
END_TEST

START_TEST(the_first_look_only_remembers)
{
	static const uint32_t received[CPUS] = { 0, 0, 5000, 0 };
	static struct placement placement;

	start(&placement, 0xf);
	note(&placement, 1, 1000);
	ck_assert(!placement_compare(&placement, received, CPUS, HOME, 1000));
}
END_TEST

static const struct {
	const char *what;
	size_t packets;
	msec_t after;
	bool is_due;
} pauses[] = {
	{ "sixteen packets in fifty milliseconds", 16, 50, true },
	{ "fifteen packets say nothing", 15, 1000, false },
	{ "the counters are not read for each batch", 1000, 49, false },
};

START_TEST(it_is_time_to_look)
{
	static const uint32_t none[CPUS];
	static struct placement placement;

	start(&placement, 0xf);
	(void)placement_compare(&placement, none, CPUS, HOME, 1000);
	(void)placement_note(&placement, pauses[_i].packets);
	ck_assert_msg(placement_is_due(&placement, 1000 + pauses[_i].after) ==
			      pauses[_i].is_due,
		      "%s", pauses[_i].what);
}
END_TEST

#define MIDDLE " 00000000 00000001 0 0 0 0 0 0 0 00000000 0 "

static const struct {
	const char *what;
	const char *text;
	size_t count;
	uint32_t processed[CPUS];
} texts[] = {
	{ "one line for each processor",
	  "0000000a" MIDDLE "00000000 0 0\nffffffff" MIDDLE "00000001 0 0\n",
	  2,
	  { 10, UINT32_MAX } },
	{ "a processor that is switched off has none",
	  "1" MIDDLE "0 0 0\n2" MIDDLE "3 0 0\n",
	  4,
	  { 1, 0, 0, 2 } },
	{ "old kernels do not say which one it is",
	  "1 0 0 0 0 0 0 0 0 0 0\n2 0 0 0 0 0 0 0 0 0 0\n",
	  2,
	  { 1, 2 } },
	{ "one more than there is room for is left out",
	  "1" MIDDLE "4 0 0\n",
	  0,
	  { 0 } },
	{ "a line that is cut short counts as far as it goes",
	  "1" MIDDLE "0 0 0\n2",
	  2,
	  { 1, 0 } },
	{ "nothing", "", 0, { 0 } },
	{ "something else", "cpu0 1 2 3\n", 1, { 0 } },
};

START_TEST(the_counters_are_read)
{
	uint32_t processed[CPUS];
	size_t count = placement_read(texts[_i].text, processed, CPUS);

	ck_assert_msg(count == texts[_i].count, "%s: %zu", texts[_i].what,
		      count);
	ck_assert_msg(memcmp(processed, texts[_i].processed,
			     sizeof(processed)) == 0,
		      "%s", texts[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("placement");

	tcase_add_loop_test(
		tc, a_thread_is_bound_to_its_home_unless_it_falls_behind, 0,
		COUNT(loads));
	tcase_add_test(tc, it_does_not_change_its_mind_between_the_thresholds);
	tcase_add_loop_test(tc, a_thread_moves_to_where_its_packets_come_from,
			    0, COUNT(looks));
	tcase_add_test(tc, the_first_look_only_remembers);
	tcase_add_loop_test(tc, it_is_time_to_look, 0, COUNT(pauses));
	tcase_add_loop_test(tc, the_counters_are_read, 0, COUNT(texts));
	return run_tests(tc, "daemon_placement");
}
