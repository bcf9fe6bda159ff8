/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the policy again: what is in force after it, what is logged, and
 * what systemd is told.  The child is this program again, see main().
 */
#include "daemon/reload.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/compile.h"
#include "unit/capture.h"
#include "unit/frame.h"
#include "unit/run.h"

enum { ROOM = 1000, MESSAGES_MAX = 4096, FAR = 1000000 /* ms */ };

#define ACCEPTS                               \
	"version = 1;\n"                      \
	"limits = { connections = 1000; };\n" \
	"rules = ( { name = \"all\"; action = \"accept\"; } );\n"
#define DROPS                                                                 \
	"version = 1;\n"                                                      \
	"limits = { connections = 1000; };\n"                                 \
	"rules = ( { name = \"none\"; action = \"drop\"; to = \"self\"; },\n" \
	"          { name = \"all\"; action = \"drop\"; } );\n"
#define WRONG                                                   \
	"version = 1;\n"                                        \
	"rules = ( { name = \"all\"; action = \"permit\"; },\n" \
	"          { name = \"none\"; action = \"deny\"; } );\n"
/* Its child never ends. */
#define HANGS "hang"

static char path[] = "/tmp/test_daemon_reload.XXXXXX";
static struct policy *policy;
static struct dataplane *dataplane;
static struct inforce *inforce;
static struct event_loop *loop;
static struct reload *reload;
static int notify_fd;
static char messages[MESSAGES_MAX]; /* to systemd, one after the other */
static int ready_wanted;            /* so many more say READY=1 */

static void write_file(const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* What systemd would hear. */
static void open_notify_socket(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char name[64];

	(void)snprintf(name, sizeof(name), "@statewall-test-%d", getpid());
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
	memcpy(addr.sun_path + 1, name + 1, strlen(name + 1));
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
		bind(notify_fd, (struct sockaddr *)&addr,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				 strlen(name))),
		0);
}

static void handle_message(void *arg)
{
	size_t used = strlen(messages);
	ssize_t len;

	(void)arg;
	len = recv(notify_fd, messages + used, sizeof(messages) - used - 2, 0);
	ck_assert_int_gt(len, 0);
	messages[used + (size_t)len] = '\n';
	if (strstr(messages + used, "READY=1") && --ready_wanted == 0)
		event_loop_stop(loop);
}

static void start(void)
{
	static const struct hash_key key = { 3, 5 };
	int fd = mkstemp(path);
	bool fallen_back;

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	open_notify_socket();
	write_file(ACCEPTS);
	policy = reload_first(path, &fallen_back);
	ck_assert_ptr_nonnull(policy);
	ck_assert(!fallen_back);
	dataplane = dataplane_create(ROOM, &key, policy_take_rules(policy),
				     clock_now());
	ck_assert_ptr_nonnull(dataplane);
	loop = event_loop_create();
	ck_assert_ptr_nonnull(loop);
	ck_assert_int_eq(event_add_fd(loop, notify_fd, handle_message, NULL),
			 0);
	inforce = inforce_create(dataplane, policy, false);
	ck_assert_ptr_nonnull(inforce);
	reload = reload_create(path, policy, loop, dataplane, inforce);
	ck_assert_ptr_nonnull(reload);
	capture_start();
}

static void stop(void)
{
	reload_destroy(reload);
	event_loop_destroy(loop);
	inforce_destroy(inforce);
	dataplane_destroy(dataplane);
	policy_destroy(policy);
	(void)close(notify_fd);
	(void)unlink(path);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

/* What the rules in force say to a packet that no connection knows. */
static enum action ask_rules(void)
{
	static uint16_t port;
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct packet pkt;

	b.sport = ++port;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	return dataplane_decide(dataplane, &pkt, clock_now()).verdict.action;
}

/* Until systemd was told so often that it is done; a loop runs only once. */
static void run_until_ready(int times)
{
	ready_wanted = times;
	ck_assert_int_eq(event_loop_run(loop), 0);
}

/* @part is in @text, which is then looked at from there on. */
static void expect(const char **text, const char *part)
{
	const char *found = strstr(*text, part);

	ck_assert_msg(found, "no \"%s\" in: %s", part, *text);
	*text = found + strlen(part);
}

START_TEST(a_good_file_is_in_force)
{
	static const char loaded[] = ": loaded, 2 rules\n";
	const char *log;
	const char *told = messages;

	ck_assert_int_eq(ask_rules(), ACTION_ACCEPT);
	write_file(DROPS);
	reload_request(reload);
	/* Not at once: it is being read aside. */
	ck_assert_int_eq(ask_rules(), ACTION_ACCEPT);
	run_until_ready(1);
	ck_assert_int_eq(ask_rules(), ACTION_DROP);
	log = capture_stop();
	ck_assert_int_eq(strncmp(log, path, strlen(path)), 0);
	ck_assert_int_eq(strncmp(log + strlen(path), loaded, strlen(loaded)),
			 0);
	/* What the file of before has let in. */
	ck_assert_ptr_nonnull(strstr(log, "closed by the new policy: "));
	expect(&told, "RELOADING=1\nMONOTONIC_USEC=");
	expect(&told, "READY=1\nSTATUS=2 rules in force\n");
}
END_TEST

START_TEST(a_bad_file_changes_nothing_and_all_its_faults_are_logged)
{
	const char *log;
	const char *told = messages;

	write_file(WRONG);
	reload_request(reload);
	run_until_ready(1);
	ck_assert_int_eq(ask_rules(), ACTION_ACCEPT);
	log = capture_stop();
	expect(&log, path);
	expect(&log, ":2:36: error: ");
	expect(&log, path);
	expect(&log, ":3:");
	expect(&log, ": 2 errors: the running policy is unchanged\n");
	expect(&told, "RELOADING=1\n");
	expect(&told, "READY=1\nSTATUS=the file has 2 errors; the policy "
		      "before it is in force\n");
}
END_TEST

START_TEST(what_is_asked_for_meanwhile_is_done_afterwards_once)
{
	const char *told = messages;

	/* The first reading is of this file or the next one. */
	write_file(WRONG);
	for (int i = 0; i < 100; i++)
		reload_request(reload);
	write_file(DROPS);
	run_until_ready(2);
	(void)capture_stop();
	ck_assert_int_eq(ask_rules(), ACTION_DROP);
	expect(&told, "RELOADING=1\n");
	expect(&told, "READY=1\n");
	expect(&told, "RELOADING=1\n");
	expect(&told, "READY=1\nSTATUS=2 rules in force\n");
	ck_assert_str_eq(told, "");
}
END_TEST

/* What was reserved at the start. */
static const struct {
	const char *text;
	const char *warning; /* NULL: none */
} fixed[] = {
	{ ACCEPTS, NULL },
	{ "version = 1; limits = { connections = 2000; };",
	  "limits.connections is 1000 until the next start\n" },
	{ "version = 1; limits = { connections = 1000; }; queues = 1;",
	  "queues and queue_length stay as they are until the next start\n" },
	{ "version = 1; limits = { connections = 1000; }; queues = \"0-1\";",
	  "queues and queue_length stay as they are until the next start\n" },
	{ "version = 1; limits = { connections = 1000; }; queue_length = 1;",
	  "queues and queue_length stay as they are until the next start\n" },
};

START_TEST(what_cannot_change_now_is_warned_of)
{
	const char *log;

	write_file(fixed[_i].text);
	reload_request(reload);
	run_until_ready(1);
	log = capture_stop();
	if (fixed[_i].warning)
		expect(&log, fixed[_i].warning);
	ck_assert_ptr_null(strstr(log, "next start"));
	expect(&log, ": loaded, ");
}
END_TEST

START_TEST(a_reading_that_hangs_is_given_up)
{
	const char *log;
	const char *told = messages;

	write_file(HANGS);
	reload_request(reload);
	reload_tick(reload, clock_now());
	reload_tick(reload, clock_now() + FAR);
	ck_assert_int_eq(ask_rules(), ACTION_ACCEPT);
	/* And does not stand in the way of the next one. */
	write_file(DROPS);
	reload_request(reload);
	run_until_ready(2);
	ck_assert_int_eq(ask_rules(), ACTION_DROP);
	expect(&told, "READY=1\nSTATUS=the file has 1 error; ");
	expect(&told, "READY=1\nSTATUS=2 rules in force\n");
	log = capture_stop();
	expect(&log, "it did not finish in time and was ended  [E004]\n");
	expect(&log, ": 1 error: the running policy is unchanged\n");
	expect(&log, ": loaded, 2 rules\n");
}
END_TEST

START_TEST(the_end_of_the_daemon_ends_a_reading)
{
	write_file(HANGS);
	reload_request(reload);
	reload_request(reload);
	(void)capture_stop();
	/* stop() finds no child. */
}
END_TEST

START_TEST(without_a_first_policy_there_is_none)
{
	const char *log;
	bool fallen_back;

	write_file(WRONG);
	ck_assert_ptr_null(reload_first(path, &fallen_back));
	ck_assert(fallen_back);
	log = capture_stop();
	expect(&log, ":2:36: error: ");
	expect(&log, ":3:");
	expect(&log, ": 2 errors: there is no policy to work with\n");
}
END_TEST

static int be_child(const char *name)
{
	FILE *file = fopen(name, "re");
	char text[sizeof(HANGS)];
	bool hangs;

	if (!file)
		return 1;
	hangs = fgets(text, sizeof(text), file) && strcmp(text, HANGS) == 0;
	(void)fclose(file);
	if (hangs)
		for (;;)
			(void)pause();
	return compile_child(name);
}

static TCase *collect(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_good_file_is_in_force);
	tcase_add_test(
		tc, a_bad_file_changes_nothing_and_all_its_faults_are_logged);
	tcase_add_test(tc, what_is_asked_for_meanwhile_is_done_afterwards_once);
	tcase_add_loop_test(tc, what_cannot_change_now_is_warned_of, 0,
			    COUNT(fixed));
	tcase_add_test(tc, a_reading_that_hangs_is_given_up);
	tcase_add_test(tc, the_end_of_the_daemon_ends_a_reading);
	tcase_add_test(tc, without_a_first_policy_there_is_none);
	return tc;
}

int main(int argc, char *argv[])
{
	if (argc != 3 || strcmp(argv[1], "--compile") != 0)
		return run_tests(collect(), "daemon_reload");
	return be_child(argv[2]);
}
