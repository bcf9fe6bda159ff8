/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: descriptors, signals, the timer, and handlers that change
 * the loop they are called from.
 */
#include "daemon/event.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "unit/run.h"

enum { PLACES = 8 /* for descriptors, as in event.c */, TIMER = 5 /* ms */ };

static struct event_loop *loop;

/* A pipe with its handler. */
struct source {
	int read_fd;
	int write_fd;
	int calls;
	struct source *victim; /* taken out by the handler */
};

static void start(void)
{
	loop = event_loop_create();
	ck_assert_ptr_nonnull(loop);
}

static void stop(void)
{
	event_loop_destroy(loop);
}

static void open_source(struct source *source)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	*source = (struct source){ .read_fd = fds[0], .write_fd = fds[1] };
}

static void make_ready(const struct source *source)
{
	ck_assert_int_eq(write(source->write_fd, "x", 1), 1);
}

static void close_source(const struct source *source)
{
	event_remove_fd(loop, source->read_fd);
	(void)close(source->read_fd);
	(void)close(source->write_fd);
}

static void handle_source(void *arg)
{
	struct source *source = arg;
	char octet;

	source->calls++;
	ck_assert_int_ge(read(source->read_fd, &octet, 1), 0);
	if (source->victim)
		close_source(source->victim);
}

static void add_source(struct source *source)
{
	ck_assert_int_eq(
		event_add_fd(loop, source->read_fd, handle_source, source), 0);
}

static void handle_stop(void *arg)
{
	int *calls = arg;

	++*calls;
	event_loop_stop(loop);
}

/* Runs until the timer has come once: all that is ready is handled by then. */
static void run_for_a_while(void)
{
	int calls = 0;

	ck_assert_int_eq(event_set_timer(loop, TIMER, handle_stop, &calls), 0);
	ck_assert_int_eq(event_loop_run(loop), 0);
	ck_assert_int_ge(calls, 1);
}

START_TEST(a_descriptor_that_is_ready_has_its_handler_called)
{
	struct source ready;
	struct source quiet;

	open_source(&ready);
	open_source(&quiet);
	add_source(&ready);
	add_source(&quiet);
	make_ready(&ready);
	run_for_a_while();
	ck_assert_int_eq(ready.calls, 1);
	ck_assert_int_eq(quiet.calls, 0);
	close_source(&ready);
	close_source(&quiet);
}
END_TEST

START_TEST(the_end_of_a_pipe_is_an_event)
{
	struct source source;

	open_source(&source);
	add_source(&source);
	(void)close(source.write_fd);
	run_for_a_while();
	ck_assert_int_ge(source.calls, 1);
}
END_TEST

START_TEST(descriptor_0_is_one_like_the_others)
{
	struct source source;
	struct source next;
	int read_fd;

	open_source(&source);
	open_source(&next);
	read_fd = source.read_fd;
	ck_assert_int_eq(dup2(read_fd, STDIN_FILENO), STDIN_FILENO);
	source.read_fd = STDIN_FILENO;
	add_source(&source);
	add_source(&next);
	make_ready(&source);
	make_ready(&next);
	run_for_a_while();
	ck_assert_int_eq(source.calls, 1);
	ck_assert_int_eq(next.calls, 1);
	close_source(&source);
	close_source(&next);
	(void)close(read_fd);
}
END_TEST

/* Both are ready at once: whoever is first takes the other one out. */
START_TEST(a_handler_may_take_others_out)
{
	struct source sources[2];

	open_source(&sources[0]);
	open_source(&sources[1]);
	sources[0].victim = &sources[1];
	sources[1].victim = &sources[0];
	for (int i = 0; i < 2; i++) {
		add_source(&sources[i]);
		make_ready(&sources[i]);
	}
	run_for_a_while();
	ck_assert_int_eq(sources[0].calls + sources[1].calls, 1);
	close_source(&sources[sources[0].calls ? 0 : 1]);
}
END_TEST

START_TEST(a_handler_may_take_itself_out)
{
	struct source source;

	open_source(&source);
	source.victim = &source;
	add_source(&source);
	make_ready(&source);
	make_ready(&source);
	run_for_a_while();
	ck_assert_int_eq(source.calls, 1);
}
END_TEST

START_TEST(the_place_of_one_that_is_out_is_free)
{
	struct source source;

	for (int i = 0; i < 3 * PLACES; i++) {
		open_source(&source);
		add_source(&source);
		make_ready(&source);
		close_source(&source);
	}
	run_for_a_while();
	ck_assert_int_eq(source.calls, 0);
}
END_TEST

START_TEST(one_too_many_is_refused)
{
	struct source sources[PLACES + 1];

	for (int i = 0; i < PLACES; i++) {
		open_source(&sources[i]);
		add_source(&sources[i]);
	}
	open_source(&sources[PLACES]);
	ck_assert_int_eq(event_add_fd(loop, sources[PLACES].read_fd,
				      handle_source, &sources[PLACES]),
			 -ENOSPC);
	ck_assert_int_eq(event_add_fd(loop, -1, handle_source, NULL), -ENOSPC);
	for (int i = 0; i <= PLACES; i++)
		close_source(&sources[i]);
	ck_assert_int_eq(event_add_fd(loop, -1, handle_source, NULL), -EBADF);
}
END_TEST

START_TEST(taking_out_what_is_not_in_changes_nothing)
{
	struct source source;

	open_source(&source);
	event_remove_fd(loop, source.read_fd);
	event_remove_fd(loop, STDIN_FILENO);
	add_source(&source);
	make_ready(&source);
	run_for_a_while();
	ck_assert_int_eq(source.calls, 1);
	close_source(&source);
}
END_TEST

/* Signals. */

static void count_signal(void *arg)
{
	int *calls = arg;

	++*calls;
}

START_TEST(each_signal_has_its_handler)
{
	int calls[2] = { 0, 0 };

	ck_assert_int_eq(
		event_add_signal(loop, SIGHUP, count_signal, &calls[0]), 0);
	ck_assert_int_eq(
		event_add_signal(loop, SIGUSR2, count_signal, &calls[1]), 0);
	ck_assert_int_eq(raise(SIGUSR2), 0);
	run_for_a_while();
	ck_assert_int_eq(calls[0], 0);
	ck_assert_int_eq(calls[1], 1);
}
END_TEST

START_TEST(a_storm_of_one_signal_is_one_call)
{
	int calls = 0;

	ck_assert_int_eq(event_add_signal(loop, SIGHUP, count_signal, &calls),
			 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(raise(SIGHUP), 0);
	run_for_a_while();
	ck_assert_int_eq(calls, 1);
}
END_TEST

static void *raise_hangup(void *arg)
{
	(void)arg;
	(void)kill(getpid(), SIGHUP);
	return NULL;
}

START_TEST(signals_go_to_the_loop_whichever_thread_is_running)
{
	pthread_t thread;
	int calls = 0;

	ck_assert_int_eq(event_add_signal(loop, SIGHUP, count_signal, &calls),
			 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, raise_hangup, NULL), 0);
	pthread_join(thread, NULL);
	run_for_a_while();
	ck_assert_int_eq(calls, 1);
}
END_TEST

static bool is_blocked(int signal)
{
	sigset_t mask;

	ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
	return sigismember(&mask, signal) == 1;
}

/* SIGTERM would end the test. */
START_TEST(signals_are_as_before_when_the_loop_is_gone)
{
	int calls = 0;

	ck_assert(!is_blocked(SIGTERM));
	ck_assert_int_eq(event_add_signal(loop, SIGTERM, count_signal, &calls),
			 0);
	ck_assert(is_blocked(SIGTERM));
	ck_assert_int_eq(raise(SIGTERM), 0);
	event_loop_destroy(loop);
	ck_assert(!is_blocked(SIGTERM));
	ck_assert_int_eq(calls, 0);
	start();
}
END_TEST

START_TEST(a_signal_stops_the_loop)
{
	int calls = 0;

	ck_assert_int_eq(event_add_signal(loop, SIGTERM, handle_stop, &calls),
			 0);
	ck_assert_int_eq(raise(SIGTERM), 0);
	ck_assert_int_eq(event_loop_run(loop), 0);
	ck_assert_int_eq(calls, 1);
	/* Stopped is stopped. */
	ck_assert_int_eq(event_loop_run(loop), 0);
}
END_TEST

START_TEST(there_is_no_signal_beyond_the_last)
{
	ck_assert_int_eq(event_add_signal(loop, SIGHUP, count_signal, NULL), 0);
	for (int i = 1; i < PLACES; i++)
		ck_assert_int_eq(event_add_signal(loop, SIGRTMIN + i,
						  count_signal, NULL),
				 0);
	ck_assert_int_eq(event_add_signal(loop, SIGUSR1, count_signal, NULL),
			 -ENOSPC);
	ck_assert(!is_blocked(SIGUSR1));
}
END_TEST

static void count_ticks(void *arg)
{
	int *ticks = arg;

	if (++*ticks == 3)
		event_loop_stop(loop);
}

START_TEST(the_timer_comes_again_and_again)
{
	int ticks = 0;

	ck_assert_int_eq(event_set_timer(loop, TIMER, count_ticks, &ticks), 0);
	ck_assert_int_eq(event_loop_run(loop), 0);
	ck_assert_int_eq(ticks, 3);
}
END_TEST

START_TEST(destroying_none_does_nothing)
{
	event_loop_destroy(NULL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_descriptor_that_is_ready_has_its_handler_called);
	tcase_add_test(tc, the_end_of_a_pipe_is_an_event);
	tcase_add_test(tc, descriptor_0_is_one_like_the_others);
	tcase_add_test(tc, a_handler_may_take_others_out);
	tcase_add_test(tc, a_handler_may_take_itself_out);
	tcase_add_test(tc, the_place_of_one_that_is_out_is_free);
	tcase_add_test(tc, one_too_many_is_refused);
	tcase_add_test(tc, taking_out_what_is_not_in_changes_nothing);
	tcase_add_test(tc, each_signal_has_its_handler);
	tcase_add_test(tc, a_storm_of_one_signal_is_one_call);
	tcase_add_test(tc, signals_go_to_the_loop_whichever_thread_is_running);
	tcase_add_test(tc, signals_are_as_before_when_the_loop_is_gone);
	tcase_add_test(tc, a_signal_stops_the_loop);
	tcase_add_test(tc, there_is_no_signal_beyond_the_last);
	tcase_add_test(tc, the_timer_comes_again_and_again);
	tcase_add_test(tc, destroying_none_does_nothing);
	return run_tests(tc, "daemon_event");
}
