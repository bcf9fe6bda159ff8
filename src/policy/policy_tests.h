/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that a policy carries with it: packets in words, and what is expected
 * to become of them.
 *
 *	tests = (
 *	  { name = "the world reaches the web server";
 *	    packet = "in wan0 tcp 203.0.113.7 > 192.0.2.10:443";
 *	    expect = "accept"; rule = "dmz-web"; },
 *	  { name = "answers come back";
 *	    steps = ( { packet = "..."; expect = "accept"; },
 *	              { after = "1m"; packet = "..."; expect = "drop"; } ); }
 *	);
 *
 * Each test begins with an empty engine, at time 0 of its own clock.
 */
#ifndef POLICY_POLICY_TESTS_H
#define POLICY_POLICY_TESTS_H

#include "policy/diagnostic.h"
#include "policy/expression.h"
#include "policy/policy.h"

struct scan_input;
struct table;

/* A test's packet, played once or more often, and what is expected of it. */
struct test_step {
	struct expression expr;
	char *packet; /* as it was written */
	unsigned int line;
	bool has_expect; /* of every one, or of all but the last, */
	enum action expect;
	bool has_last; /* if this is expected of the last one */
	enum action expect_last;
	bool has_rule; /* this and the reason: as .expect_last, or .expect */
	uint32_t rule;
	enum reason reason;           /* REASON_NONE: any */
	const struct table *table;    /* has the source at the end; or NULL */
	const struct table *no_table; /* does not; or NULL */
	unsigned int repeat;          /* at least 1 */
	msec_t every;                 /* between them */
	msec_t after;                 /* before the first */
};

struct policy_test {
	char *name;
	char *file;
	unsigned int line;
	int64_t date; /* Unix time in seconds, at time 0 of the test */
	struct test_step *steps;
	size_t step_count;
};

/* All zero: none. */
struct policy_tests {
	struct policy_test *list;
	size_t count;
};

/*
 * The directory of the tests of a configuration: tests.d beside it.  false: its
 * name is too long.
 */
enum { TESTS_DIR_LEN = 1024 };
bool policy_tests_dir(const char *config, char dir[TESTS_DIR_LEN]);

/*
 * Adds the tests in all files *.conf of @dir, for @policy, which must outlive
 * them; that there is no such directory is no fault.  Their faults go to
 * @diags, whose date they begin at unless they say another one.
 */
void policy_tests_load(struct policy_tests *tests, const char *dir,
		       struct policy *policy, struct diagnostics *diags);
/* The same of a text in memory. */
void policy_tests_parse(struct policy_tests *tests,
			const struct scan_input *input, struct policy *policy,
			struct diagnostics *diags);
void policy_tests_fini(struct policy_tests *tests);

enum { TEST_MESSAGE_LEN = 1200 };

struct test_result {
	bool passed;
	unsigned int line; /* of the step that failed; in the test's file */
	/* What was expected and what came; behind a newline, what to do. */
	char message[TEST_MESSAGE_LEN];
};

/* false: no memory. */
bool policy_test_run(const struct policy_test *test, struct policy *policy,
		     struct test_result *result);

/* How a policy did; none of both: it has no tests. */
struct test_counts {
	size_t passed;
	size_t failed;
};

/*
 * Runs the tests of the configuration @config, whose policy is @policy; what
 * fails goes to @diags as an error.
 */
struct test_counts policy_tests_check(const char *config, struct policy *policy,
				      struct diagnostics *diags);

#endif
