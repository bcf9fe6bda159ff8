/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors and the connection table over the ends of processes.
 */
#include "daemon/legacy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "unit/frame.h"
#include "unit/lives.h"
#include "unit/run.h"

enum { ROOM = 1000, CONNS = 500, FULL = 262144, PATIENCE = 5000 /* ms */ };

static const struct hash_key key = { 3, 5 };

/* The store. */

static bool put_two(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	fdstore_put("one", fd);
	fdstore_put("two", fd);
	return true;
}

static bool take_one(void)
{
	struct fdstore *store = fdstore_open();
	int fd;

	EXPECT(store);
	EXPECT(!getenv("LISTEN_FDS"));
	EXPECT(strcmp(fdstore_name(store, 0), "one") == 0);
	EXPECT(strcmp(fdstore_name(store, 1), "two") == 0);
	EXPECT(!fdstore_name(store, 2));
	EXPECT(fdstore_take(store, "three") == -1);
	fd = fdstore_take(store, "one");
	EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT(fdstore_take(store, "one") == -1);
	EXPECT(strcmp(fdstore_name(store, 0), "two") == 0);
	fdstore_settle(store);
	/* That of the other one is closed. */
	EXPECT(fcntl(fd, F_GETFD) >= 0 && fcntl(fd + 1, F_GETFD) < 0);
	return true;
}

static bool find_none(void)
{
	struct fdstore *store = fdstore_open();

	EXPECT(store && !fdstore_name(store, 0));
	fdstore_close(store);
	return true;
}

START_TEST(what_is_put_is_there_until_it_is_forgotten)
{
	lives_run(find_none);
	lives_run(put_two);
	ck_assert_uint_eq(lives_stored(""), 2);
	lives_run(take_one);
	ck_assert_uint_eq(lives_stored(""), 1);
	ck_assert_uint_eq(lives_stored("one"), 1);
}
END_TEST

/* The table. */

struct table {
	struct fdstore *store;
	struct legacy *legacy;
	struct dataplane *dp;
	bool judges;
};

static struct ruleset *make_rules(void)
{
	struct ruleset *rules = ruleset_create();

	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, ACTION_ACCEPT);
	return rules;
}

static bool start(struct table *table, size_t room)
{
	struct ruleset *rules = make_rules();
	struct legacy_params params = { .store = fdstore_open(),
					.rules = rules,
					.max_conns = room,
					.key = key,
					.now = clock_now(),
					.wall = clock_wall() };

	table->store = params.store;
	table->legacy = legacy_create(&params);
	EXPECT(table->legacy);
	table->dp = dataplane_create_in(legacy_image(table->legacy), room, &key,
					rules, params.now);
	EXPECT(table->dp);
	table->judges = legacy_restore(table->legacy, table->dp, clock_now());
	fdstore_settle(table->store);
	return true;
}

static size_t count_conns(struct table *table)
{
	static struct engine_stats stats;

	stats = dataplane_stats(table->dp);
	return stats.conns;
}

/* Connection @n is a question in UDP. */
static struct packet make_packet(uint32_t n)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct packet pkt;

	(void)frame_read(&b, &pkt);
	pkt.tuple.src.bytes[14] = (uint8_t)(n >> 8);
	pkt.tuple.src.bytes[15] = (uint8_t)n;
	pkt.tuple.sport = (uint16_t)(1024 + (n >> 16));
	return pkt;
}

/* Asks each question, and gets that answer to all. */
static bool ask(struct table *table, uint32_t count, enum reason reason)
{
	uint32_t answers = 0;

	for (uint32_t n = 0; n < count; n++) {
		struct packet pkt = make_packet(n);
		struct judged judged =
			dataplane_decide(table->dp, &pkt, clock_now());

		answers += judged.verdict.reason == reason;
	}
	EXPECT(answers == count);
	return true;
}

static bool open_conns(struct table *table, uint32_t count)
{
	return ask(table, count, REASON_NEW);
}

static bool knows_conns(struct table *table, uint32_t count)
{
	return ask(table, count, REASON_ESTABLISHED);
}

static bool first_life(void)
{
	struct table table;

	EXPECT(start(&table, ROOM));
	EXPECT(!table.judges && count_conns(&table) == 0);
	return open_conns(&table, CONNS);
}

static bool next_life(void)
{
	struct table table;

	EXPECT(start(&table, ROOM));
	EXPECT(table.judges && count_conns(&table) == CONNS);
	return knows_conns(&table, CONNS);
}

static bool smaller_life(void)
{
	struct table table;

	EXPECT(start(&table, CONNS / 2));
	EXPECT(count_conns(&table) == CONNS / 2);
	return true;
}

static bool empty_life(void)
{
	struct table table;

	EXPECT(start(&table, ROOM));
	EXPECT(!table.judges && count_conns(&table) == 0);
	return true;
}

START_TEST(a_killed_process_leaves_all_connections)
{
	lives_run(first_life);
	ck_assert_uint_eq(lives_stored("connections-"), 1);
	/* Over and over. */
	for (int i = 0; i < 3; i++) {
		lives_run(next_life);
		ck_assert_uint_eq(lives_stored("connections-"), 1);
	}
	lives_run(smaller_life);
}
END_TEST

/* As the daemon ends. */
static bool stop(struct table *table, bool saves)
{
	if (saves)
		legacy_save(table->legacy, clock_now(), clock_wall());
	legacy_let_go(table->legacy);
	dataplane_destroy(table->dp);
	legacy_destroy(table->legacy);
	return true;
}

static bool orderly_life(void)
{
	struct table table;

	EXPECT(start(&table, ROOM) && open_conns(&table, CONNS));
	return stop(&table, false);
}

START_TEST(an_orderly_end_leaves_all_connections)
{
	lives_run(orderly_life);
	lives_run(next_life);
}
END_TEST

static bool saving_life(void)
{
	struct table table;

	EXPECT(start(&table, ROOM) && open_conns(&table, CONNS));
	return stop(&table, true);
}

static bool discarding_life(void)
{
	if (!next_life())
		return false;
	legacy_discard_file();
	return true;
}

START_TEST(without_a_store_they_are_in_a_file)
{
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	lives_run(saving_life);
	lives_run(next_life);
	lives_run(discarding_life);
	lives_run(empty_life);
}
END_TEST

static bool spoil_file(void)
{
	char path[80];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/connections",
		       getenv("STATE_DIRECTORY"));
	file = fopen(path, "r+");
	EXPECT(file && fseek(file, -100, SEEK_END) == 0);
	EXPECT(fputs("spoilt", file) >= 0);
	(void)fclose(file);
	return true;
}

START_TEST(a_damaged_file_is_refused)
{
	ck_assert_int_eq(unsetenv("NOTIFY_SOCKET"), 0);
	lives_run(saving_life);
	lives_run(spoil_file);
	lives_run(empty_life);
}
END_TEST

/* Who can shorten it could kill us. */
static bool put_unsealed(void)
{
	struct fdstore *store = fdstore_open();
	int good = fdstore_take(store, "connections-1");
	int fd = memfd_create("other", MFD_CLOEXEC);
	struct stat st;
	void *memory;

	EXPECT(good >= 0 && fstat(good, &st) == 0);
	memory =
		mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, good, 0);
	EXPECT(memory != MAP_FAILED);
	EXPECT(write(fd, memory, (size_t)st.st_size) == st.st_size);
	fdstore_forget("connections-1");
	fdstore_put("connections-1", fd);
	return true;
}

START_TEST(memory_that_is_not_sealed_is_refused)
{
	lives_run(first_life);
	lives_run(put_unsealed);
	lives_run(empty_life);
}
END_TEST

static bool put_other(void)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	fdstore_put("connections-9", null);
	return true;
}

START_TEST(of_several_the_best_is_taken)
{
	lives_run(first_life);
	lives_run(put_other);
	ck_assert_uint_eq(lives_stored("connections-"), 2);
	lives_run(next_life);
	ck_assert_uint_eq(lives_stored("connections-"), 1);
}
END_TEST

static bool full_life(void)
{
	struct table table;

	EXPECT(start(&table, FULL));
	return open_conns(&table, FULL);
}

static bool heir_of_full(void)
{
	struct table table;
	msec_t before = clock_now();
	msec_t took;

	EXPECT(start(&table, FULL));
	took = clock_now() - before;
	printf("%d connections are taken over in %d ms\n", FULL, (int)took);
	(void)fflush(stdout);
	EXPECT(count_conns(&table) == FULL);
	EXPECT(took < PATIENCE);
	return true;
}

START_TEST(a_full_table_is_taken_over_at_once)
{
	lives_run(full_life);
	lives_run(heir_of_full);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("legacy");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, lives_setup, lives_teardown);
	tcase_add_test(tc, what_is_put_is_there_until_it_is_forgotten);
	tcase_add_test(tc, a_killed_process_leaves_all_connections);
	tcase_add_test(tc, an_orderly_end_leaves_all_connections);
	tcase_add_test(tc, without_a_store_they_are_in_a_file);
	tcase_add_test(tc, a_damaged_file_is_refused);
	tcase_add_test(tc, memory_that_is_not_sealed_is_refused);
	tcase_add_test(tc, of_several_the_best_is_taken);
	tcase_add_test(tc, a_full_table_is_taken_over_at_once);
	return run_tests(tc, "daemon_legacy");
}
