/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities, as the kernel tells them of this process.
 */
#include "daemon/privilege.h"

#include <cap-ng.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "unit/run.h"

/* The sets of capabilities that a program started from here could use. */
static const capng_type_t sets[] = { CAPNG_EFFECTIVE, CAPNG_PERMITTED,
				     CAPNG_INHERITABLE, CAPNG_AMBIENT };

static bool has(capng_type_t set, unsigned int capability)
{
	ck_assert_int_eq(capng_get_caps_process(), 0);
	return capng_have_capability(set, capability) == 1;
}

static void check_only(unsigned int kept)
{
	for (unsigned int cap = 0; cap <= CAP_LAST_CAP; cap++)
		for (int i = 0; i < COUNT(sets); i++)
			ck_assert_msg(!has(sets[i], cap) || cap == kept,
				      "capability %u is in set %d", cap, i);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

START_TEST(one_capability_is_kept)
{
	ck_assert(privilege_has_net_admin());
	ck_assert_int_eq(privilege_drop(), 0);
	ck_assert(privilege_has_net_admin());
	ck_assert(has(CAPNG_EFFECTIVE, CAP_NET_ADMIN));
	check_only(CAP_NET_ADMIN);
	/* Once more changes nothing. */
	ck_assert_int_eq(privilege_drop(), 0);
	ck_assert(privilege_has_net_admin());
}
END_TEST

START_TEST(a_child_keeps_none)
{
	privilege_drop_all();
	ck_assert(!privilege_has_net_admin());
	check_only(CAP_LAST_CAP + 1);
}
END_TEST

START_TEST(what_is_not_there_cannot_be_kept)
{
	privilege_drop_all();
	ck_assert_int_lt(privilege_drop(), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_child_keeps_none);
	if (privilege_has_net_admin()) {
		tcase_add_test(tc, one_capability_is_kept);
		tcase_add_test(tc, what_is_not_there_cannot_be_kept);
	} else {
		puts("skip test_daemon_privilege: needs CAP_NET_ADMIN");
	}
	return run_tests(tc, "daemon_privilege");
}
