/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of tables over a restart.
 */
#include "daemon/kept.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/live.h"
#include "engine/table.h"
#include "unit/run.h"

enum { HOUR = 3600000 /* ms */ };

/* 2026-03-02T00:00:00Z, when the clock of the machine was 0. */
#define WALL INT64_C(1772409600000)

static char directory[] = "/tmp/statewall-test-XXXXXX";
static char path[64];

static void setup(void)
{
	/* The NUL behind it stays. */
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(setenv("STATE_DIRECTORY", directory, 1), 0);
	(void)snprintf(path, sizeof(path), "%s/tables.kept", directory);
}

static void teardown(void)
{
	(void)unlink(path);
	ck_assert_msg(rmdir(directory) == 0, "something else was left there");
}

static void add_table(struct ruleset *rules, const char *name,
		      const struct table_options *options)
{
	struct table *table = ruleset_add_table(rules, name);

	ck_assert_ptr_nonnull(table);
	ck_assert_int_eq(table_seal(table), 0);
	ck_assert_int_eq(table_set_options(table, options), 0);
}

/* Each kind of table; @timeout is that of "bans". */
static struct ruleset *make_rules(msec_t timeout)
{
	struct ruleset *rules = ruleset_create();
	struct table *never;
	struct addr_range range;

	ck_assert_ptr_nonnull(rules);
	add_table(rules, "bans",
		  &(struct table_options){ .dynamic = true,
					   .max_entries = 4,
					   .timeout = timeout,
					   .persist = true });
	add_table(rules, "brief",
		  &(struct table_options){ .dynamic = true, .max_entries = 4 });
	never = ruleset_add_table(rules, "admins");
	ck_assert_ptr_nonnull(never);
	ck_assert_int_eq(addr_range_parse(&range, "192.0.2.128/25"),
			 ADDR_RANGE_OK);
	ck_assert_int_eq(table_add(never, &range), 0);
	ck_assert_int_eq(table_seal(never), 0);
	ck_assert_int_eq(table_set_options(never,
					   &(struct table_options){
						   .never_block = true }),
			 0);
	return rules;
}

static void add_entry(const struct ruleset *rules, const char *table,
		      const char *network, msec_t expires)
{
	struct live_entry entry = { .expires = expires };

	ck_assert_int_eq(prefix_parse(&entry.prefix, network), 0);
	ck_assert_int_eq(live_add(table_live(ruleset_table(rules, table)),
				  &entry, 0),
			 LIVE_ADDED);
}

/* When the entry that holds @text is over; 0: there is none. */
static msec_t end_of(const struct ruleset *rules, const char *table,
		     const char *text, msec_t now)
{
	struct live_entry entry;
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text), 0);
	if (!live_find(table_live(ruleset_table(rules, table)), &addr, now,
		       &entry))
		return 0;
	return entry.expires;
}

static void save(const struct ruleset *rules, msec_t now)
{
	struct kept kept = { 0 };

	kept_save(&kept, rules, (struct kept_time){ now, WALL });
	ck_assert_int_eq(kept.error, 0);
}

/* The machine has started anew since: its clock began at 0 an hour later. */
static struct ruleset *load(msec_t timeout, msec_t now)
{
	struct ruleset *rules = make_rules(timeout);
	struct kept kept = { 0 };

	kept_load(&kept, rules, (struct kept_time){ now, WALL + HOUR });
	return rules;
}

static void write_text(const char *text)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

START_TEST(entries_come_back_with_their_end)
{
	struct ruleset *rules = make_rules(0);
	struct stat st;

	setup();
	add_entry(rules, "bans", "192.0.2.7", 2 * HOUR);
	add_entry(rules, "bans", "198.51.100.0/24", LIVE_FOREVER);
	add_entry(rules, "bans", "2001:db8::/64", 3 * HOUR);
	add_entry(rules, "bans", "203.0.113.1", HOUR);
	add_entry(rules, "brief", "203.0.113.2", LIVE_FOREVER);
	save(rules, 1000);
	ruleset_destroy(rules);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	rules = load(0, 5000);
	ck_assert_int_eq(end_of(rules, "bans", "192.0.2.7", 5000), HOUR);
	ck_assert_int_eq(end_of(rules, "bans", "192.0.2.8", 5000), 0);
	ck_assert(end_of(rules, "bans", "198.51.100.200", 5000) ==
		  LIVE_FOREVER);
	ck_assert_int_eq(end_of(rules, "bans", "2001:db8::5", 5000), 2 * HOUR);
	/* Its time has passed while nobody was there. */
	ck_assert_int_eq(end_of(rules, "bans", "203.0.113.1", 5000), 0);
	ck_assert_int_eq(end_of(rules, "brief", "203.0.113.2", 5000), 0);
	ruleset_destroy(rules);
	teardown();
}
END_TEST

/* 2026-03-02T00:00:00Z is an hour before the clock of load() began. */
static const struct {
	const char *what;
	const char *text;
	msec_t timeout;
	msec_t end; /* of 192.0.2.7; 0: it is not there */
} lines[] = {
	/* clang-format off */
	{ "an entry", "bans 192.0.2.7/32 2026-03-02T03:00:00Z\n", 0, 2 * HOUR },
	{ "an address alone", "bans 192.0.2.7 2026-03-02T03:00:00Z\n", 0,
	  2 * HOUR },
	{ "no end", "bans 192.0.2.0/25 -\n", 0, LIVE_FOREVER },
	{ "no newline", "bans 192.0.2.7/32 2026-03-02T03:00:00Z", 0, 2 * HOUR },
	{ "a comment", "# bans 192.0.2.7/32 -\n", 0, 0 },
	{ "it is over", "bans 192.0.2.7/32 2026-03-02T00:30:00Z\n", 0, 0 },
	{ "a shorter timeout now", "bans 192.0.2.7/32 2026-03-02T03:00:00Z\n",
	  HOUR, HOUR + 5000 },
	{ "a timeout now", "bans 192.0.2.7/32 -\n", HOUR, HOUR + 5000 },
	{ "a longer timeout now", "bans 192.0.2.7/32 2026-03-02T03:00:00Z\n",
	  9 * HOUR, 2 * HOUR },
	{ "a table that does not persist now", "brief 192.0.2.7/32 -\n", 0, 0 },
	{ "a table that is none now", "gone 192.0.2.7/32 -\n", 0, 0 },
	{ "a network with an address that is never blocked",
	  "bans 192.0.2.0/24 -\n", 0, 0 },
	{ "a line that says nothing, and one that does",
	  "\nbans 192.0.2.7/32 -\n", 0, LIVE_FOREVER },
	{ "no network", "bans 192.0.2.7/33 -\nbans x -\n", 0, 0 },
	{ "bits of hosts", "bans 192.0.2.7/24 -\n", 0, 0 },
	{ "no date", "bans 192.0.2.7/32 tomorrow\n", 0, 0 },
	{ "a word is missing", "bans 192.0.2.7/32\n", 0, 0 },
	{ "no name of a table", "<bans> 192.0.2.7/32 -\n", 0, 0 },
	{ "more than fit",
	  "bans 203.0.113.1 -\nbans 203.0.113.2 -\n"
	  "bans 203.0.113.3 -\nbans 203.0.113.4 -\nbans 192.0.2.7 -\n",
	  0, 0 },
	/* clang-format on */
};

START_TEST(lines_are_understood_or_left_out)
{
	struct ruleset *rules;

	setup();
	write_text(lines[_i].text);
	rules = load(lines[_i].timeout, 5000);
	ck_assert_msg(end_of(rules, "bans", "192.0.2.7", 5000) == lines[_i].end,
		      "%s", lines[_i].what);
	ck_assert_int_eq(end_of(rules, "brief", "192.0.2.7", 5000), 0);
	ruleset_destroy(rules);
	teardown();
}
END_TEST

START_TEST(a_long_line_is_left_out)
{
	static char text[3000] = "bans 192.0.2.7/32 -\nbans 192.0.2.";
	struct ruleset *rules;

	memset(text + strlen(text), '9', sizeof(text) - strlen(text) - 1);
	setup();
	write_text(text);
	rules = load(0, 5000);
	ck_assert(end_of(rules, "bans", "192.0.2.7", 5000) == LIVE_FOREVER);
	ruleset_destroy(rules);
	teardown();
}
END_TEST

static bool is_saved(void)
{
	return unlink(path) == 0;
}

START_TEST(changes_are_saved_once_a_minute)
{
	struct ruleset *rules = make_rules(0);
	struct ruleset *others = make_rules(0);
	struct kept kept = { 0 };
	struct kept_time when = { 1000, WALL };

	setup();
	kept_load(&kept, rules, when);
	kept_tick(&kept, rules, true, when);
	ck_assert(!is_saved());
	when.now += 59999;
	kept_tick(&kept, rules, false, when);
	ck_assert(!is_saved());
	when.now++;
	kept_tick(&kept, rules, false, when);
	ck_assert(is_saved());
	/* Nothing has changed since. */
	when.now += HOUR;
	kept_tick(&kept, rules, false, when);
	ck_assert(!is_saved());
	kept_tick(&kept, others, false, when);
	ck_assert(is_saved());
	ruleset_destroy(rules);
	ruleset_destroy(others);
	teardown();
}
END_TEST

START_TEST(without_such_a_table_there_is_no_file)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	setup();
	save(rules, 1000);
	ck_assert(!is_saved());
	ruleset_destroy(rules);
	teardown();
}
END_TEST

START_TEST(without_a_directory_nothing_is_kept)
{
	struct ruleset *rules = make_rules(0);
	struct kept kept = { 0 };
	const struct kept_time when = { 1000, WALL };

	ck_assert_int_eq(unsetenv("STATE_DIRECTORY"), 0);
	kept_load(&kept, rules, when);
	kept_save(&kept, rules, when);
	ck_assert_int_ne(kept.error, 0);
	ruleset_destroy(rules);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("daemon_kept");

	tcase_add_test(tc, entries_come_back_with_their_end);
	tcase_add_loop_test(tc, lines_are_understood_or_left_out, 0,
			    COUNT(lines));
	tcase_add_test(tc, a_long_line_is_left_out);
	tcase_add_test(tc, changes_are_saved_once_a_minute);
	tcase_add_test(tc, without_such_a_table_there_is_no_file);
	tcase_add_test(tc, without_a_directory_nothing_is_kept);
	return run_tests(tc, "daemon_kept");
}
