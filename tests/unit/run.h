/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every unit test program has: one test case, run and counted.
 */
#ifndef UNIT_RUN_H
#define UNIT_RUN_H

#include <check.h>
#include <stdlib.h>

/* The length of a table of cases, as tcase_add_loop_test() wants it. */
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Runs the tests of @tc, which it takes; returns the program's exit status. */
static inline int run_tests(TCase *tc, const char *name)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
