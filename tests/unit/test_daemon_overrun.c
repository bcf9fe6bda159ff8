/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the kernel's list of queues.
 */
#include "daemon/overrun.h"

#include <string.h>

#include "unit/run.h"

static const struct {
	const char *what;
	const char *list;
	uint64_t sum;
	bool is_full; /* of 80 packets */
} lists[] = {
	{ "no queue", "", 0, false },
	{ "both kinds of drops",
	  "    4  31621     0 2  2048     7    30     1234  1\n", 37, false },
	{ "of all our queues",
	  "    4  31621     0 2  2048     1     0        0  1\n"
	  "    5  31622     9 2 65531     0     2        0  1\n",
	  3, false },
	{ "not of others",
	  "    3  31621     0 2  2048     1     1        0  1\n"
	  "    6  31622     0 2  2048     1     1        0  1\n",
	  0, false },
	{ "one is nearly full",
	  "    4  31621     1 2  2048     0     0        0  1\n"
	  "    5  31622    70 2  2048     0     0        0  1\n",
	  0, true },
	{ "one has room",
	  "    4  31621    69 2  2048     0     0        0  1\n", 0, false },
	{ "that of others is full",
	  "    6  31621    80 2  2048     0     0        0  1\n", 0, false },
	{ "large numbers",
	  "    4 4294967295 65536 2 65531 4294967295 4294967295 4294967295  1\n",
	  8589934590, true },
	{ "not a list at all", "queue dropped\n4 1 1 1 1 1 1\n", 0, false },
};

START_TEST(drops_are_summed_up)
{
	const struct overrun overrun = { .first = 4, .last = 5, .length = 80 };
	struct overrun_state state;
	char text[256];
	FILE *list;

	(void)snprintf(text, sizeof(text), "%s", lists[_i].list);
	/* An empty buffer cannot be opened. */
	list = fmemopen(text, strlen(text) + 1, "r");
	ck_assert_ptr_nonnull(list);
	state = overrun_read(list, &overrun);
	ck_assert_msg(state.drops == lists[_i].sum, "%s", lists[_i].what);
	ck_assert_msg(state.is_full == lists[_i].is_full, "%s", lists[_i].what);
	(void)fclose(list);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("daemon_overrun");

	tcase_add_loop_test(tc, drops_are_summed_up, 0, COUNT(lists));
	return run_tests(tc, "daemon_overrun");
}
