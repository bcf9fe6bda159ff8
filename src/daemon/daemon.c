/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of start and stop:
 *
 *	what the process before left, policy, permission, connection table,
 *	queues, control sockets, fewer privileges, event loop, fewer system
 *	calls, workers, ready
 *
 * and backwards.  Nothing is touched outside of the process before the policy
 * is known to be good.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>

#include "daemon/cage.h"
#include "daemon/clock.h"
#include "daemon/control.h"
#include "daemon/dataplane.h"
#include "daemon/event.h"
#include "daemon/fullness.h"
#include "daemon/inforce.h"
#include "daemon/kept.h"
#include "daemon/lanes.h"
#include "daemon/legacy.h"
#include "daemon/log.h"
#include "daemon/overrun.h"
#include "daemon/privilege.h"
#include "daemon/reload.h"
#include "daemon/report.h"
#include "engine/table.h"
#include "policy/date.h"

enum {
	TICK = 250,           /* ms: expiry, log, health */
	TELL_LOST = 10000,    /* ms between lines about lost packets */
	EXPIRE_BUDGET = 4096, /* connections a shard and tick */
};

struct daemon {
	const struct options *options;
	struct fdstore *store; /* until all has found its place */
	struct policy *policy; /* its settings; the rules are given away */
	struct legacy *legacy;
	struct dataplane *dataplane;
	struct inforce *inforce;
	struct control *control;
	struct changes *changes;
	struct lanes *lanes;
	struct event_loop *loop;
	struct reload *reload;
	bool fallen_back;  /* to the last good policy */
	bool has_restored; /* connections, which are to be judged again */
	bool has_started;
	bool fragment_told;
	bool unanswered_told;
	struct kept kept;
	struct overrun overrun;
	struct fullness fullness;
	uint64_t lost;    /* packets that are not told yet */
	msec_t lost_told; /* when some were */
	msec_t full_told; /* when a queue was */
	enum exit_status status;
};

static void write_info(const char *line)
{
	log_info("%s", line);
}

/* Handlers of the event loop. */

static void handle_stop(void *arg)
{
	struct daemon *d = arg;

	(void)sd_notify(0, "STOPPING=1\nSTATUS=stopping");
	event_loop_stop(d->loop);
}

static void handle_reload(void *arg)
{
	struct daemon *d = arg;

	reload_request(d->reload);
}

static void handle_report(void *arg)
{
	struct daemon *d = arg;

	report_verdicts(d->dataplane, write_info);
	lanes_report(d->lanes, write_info);
	report_connections(d->dataplane, clock_now(), write_info);
}

/* Without reassembly every fragment is dropped, and nobody knows why. */
static void warn_of_fragments(struct daemon *d)
{
	if (d->fragment_told ||
	    dataplane_stats(d->dataplane).reasons[REASON_FRAGMENT] == 0)
		return;
	d->fragment_told = true;
	log_warn("fragments arrive and are dropped: the kernel does not "
		 "reassemble them; any rule with \"-m conntrack\" or \"-m "
		 "socket\" in this network namespace makes it do so");
}

/* Of other rules that hand packets over nobody knows what follows them. */
static void warn_of_unanswered(struct daemon *d)
{
	if (d->unanswered_told || lanes_unanswered(d->lanes) == 0)
		return;
	d->unanswered_told = true;
	log_warn("packets that were to be rejected are dropped in silence: "
		 "they did not come by the chains of \"statewall redirect "
		 "apply\", which answer");
}

/* No packet is lost then that anybody would count. */
static void warn_of_full(struct daemon *d, msec_t now)
{
	if (d->policy->redirect.on_failure != FAILURE_RESCUE ||
	    now - d->full_told < TELL_LOST)
		return;
	log_warn("queues %u to %u: one is full: what finds no room in it is "
		 "dropped, or decided about by the rescue rules if it comes by "
		 "\"statewall redirect\"",
		 d->overrun.first, d->overrun.last);
	d->full_told = now;
}

/*
 * Connections whose packets passed us by, or were lost before we saw them, are
 * judged with more patience from then on.
 */
static void watch_overrun(struct daemon *d, msec_t now)
{
	struct overrun_state state = overrun_look(&d->overrun);

	if (state.drops || state.is_full)
		dataplane_note_loss(d->dataplane, now);
	if (state.is_full)
		warn_of_full(d, now);
	d->lost += state.drops;
	if (d->lost == 0 || now - d->lost_told < TELL_LOST)
		return;
	log_warn("the kernel has dropped %" PRIu64 " packets in front of "
		 "queues %u to %u: they come faster than they are judged; "
		 "more queues (--queue-balance) or a larger queue_length may "
		 "help",
		 d->lost, d->overrun.first, d->overrun.last);
	d->lost = 0;
	d->lost_told = now;
}

static void watch_fullness(struct daemon *d)
{
	uint32_t percent =
		ruleset_limits(dataplane_rules(d->dataplane))->warn_at;
	size_t size = d->policy->max_conns;
	size_t used = dataplane_stats(d->dataplane).conns;

	switch (fullness_note(&d->fullness, used, size, percent)) {
	case FULLNESS_PASSED:
		log_warn("the table has %zu of at most %zu connections, more "
			 "than %u%%: timeouts shrink as limits.adaptive says, "
			 "and a full table drops what is new",
			 used, size, percent);
		break;
	case FULLNESS_FELL:
		log_info("the table has %zu of at most %zu connections, less "
			 "than %u%% again",
			 used, size, percent);
		break;
	case FULLNESS_NO_NEWS:
		break;
	}
}

static void tell_kept_out(const struct table *table,
			  const struct prefix *source, bool full)
{
	const struct addr_range range = prefix_range(source);
	char text[ADDR_RANGE_TEXT_LEN];

	addr_range_format(&range, text);
	if (full)
		log_warn("table %s is full: %s, which is over a limit, is not "
			 "in it; a larger max_entries or a shorter timeout may "
			 "help",
			 table_name(table), text);
	else
		log_info("table %s: added %s, which is over a limit",
			 table_name(table), text);
}

static void set_wall(struct dataplane *dp, msec_t now)
{
	int64_t wall = clock_wall();

	dataplane_set_wall(dp, wall, date_offset((now + wall) / 1000));
}

/* A filter that has lost a queue is no filter: better to end, and be seen. */
static void handle_tick(void *arg)
{
	struct daemon *d = arg;
	msec_t now = clock_now();
	bool changed;

	set_wall(d->dataplane, now);
	dataplane_expire(d->dataplane, now, EXPIRE_BUDGET);
	inforce_hold(d->inforce);
	changed = dataplane_keep_out(d->dataplane, now, tell_kept_out) > 0;
	inforce_release(d->inforce);
	changed = changes_of_tables(d->changes) || changed;
	kept_tick(&d->kept, dataplane_rules(d->dataplane), changed,
		  (struct kept_time){ now, clock_wall() });
	lanes_drain_logs(d->lanes, write_info);
	reload_tick(d->reload, now);
	warn_of_fragments(d);
	warn_of_unanswered(d);
	watch_overrun(d, now);
	watch_fullness(d);
	if (lanes_all_moved(d->lanes))
		(void)sd_notify(0, "WATCHDOG=1");
	if (lanes_have_failed(d->lanes)) {
		d->status = EXIT_INTERNAL;
		event_loop_stop(d->loop);
	}
}

/* Starting; each step says what went wrong. */

/* First of all, or the process that reads the policy would inherit it. */
static enum exit_status open_store(struct daemon *d)
{
	d->store = fdstore_open();
	if (d->store)
		return EXIT_STOPPED;
	log_error("no memory to start");
	return EXIT_INTERNAL;
}

static enum exit_status load_policy(struct daemon *d)
{
	d->policy = reload_first(d->options->path, &d->fallen_back);
	return d->policy ? EXIT_STOPPED : EXIT_NO_POLICY;
}

static enum exit_status check_permission(struct daemon *d)
{
	(void)d;
	if (privilege_has_net_admin())
		return EXIT_STOPPED;
	log_error("CAP_NET_ADMIN is missing: start as root, or give the "
		  "service AmbientCapabilities=CAP_NET_ADMIN");
	return EXIT_NOT_PERMITTED;
}

static bool create_dataplane(struct daemon *d, struct ruleset *rules,
			     const struct hash_key *key)
{
	const struct legacy_params params = {
		.store = d->store,
		.rules = rules,
		.max_conns = d->policy->max_conns,
		.key = *key,
		.now = clock_now(),
		.wall = clock_wall(),
	};

	d->legacy = legacy_create(&params);
	if (!d->legacy)
		return false;
	d->dataplane = dataplane_create_in(legacy_image(d->legacy),
					   d->policy->max_conns, key, rules,
					   params.now);
	return d->dataplane != NULL;
}

/* With what was there before the start. */
static void fill_table(struct daemon *d)
{
	set_wall(d->dataplane, clock_now());
	kept_load(&d->kept, dataplane_rules(d->dataplane),
		  (struct kept_time){ clock_now(), clock_wall() });
	d->has_restored = legacy_restore(d->legacy, d->dataplane, clock_now());
}

static enum exit_status create_table(struct daemon *d)
{
	struct hash_key key;
	struct ruleset *rules;

	if (getrandom(&key, sizeof(key), 0) != sizeof(key)) {
		log_error("no random key for the connection table: %s",
			  strerror(errno));
		return EXIT_INTERNAL;
	}
	rules = policy_take_rules(d->policy);
	if (create_dataplane(d, rules, &key)) {
		fill_table(d);
		d->inforce =
			inforce_create(d->dataplane, d->policy, d->fallen_back);
		return d->inforce ? EXIT_STOPPED : EXIT_INTERNAL;
	}
	ruleset_destroy(rules);
	log_error("no memory for a table of %zu connections: make "
		  "limits.connections smaller",
		  d->policy->max_conns);
	return EXIT_INTERNAL;
}

/* The command line goes before the file. */
static struct lanes_params choose_lanes(const struct daemon *d)
{
	const struct redirect *redirect = &d->policy->redirect;
	struct lanes_params params = {
		.marks = {
			.accept = redirect->accept_mark,
			.reject = redirect->reject_mark,
			.output = redirect->on_failure == FAILURE_RESCUE &&
				  !d->policy->rescue.output,
		},
		.fails_open = redirect->on_failure == FAILURE_RESCUE,
		.first = d->policy->queue_first,
		.last = d->policy->queue_last,
		.length = d->policy->queue_length,
		.dataplane = d->dataplane,
		.store = d->store,
	};

	if (d->options->has_queues) {
		params.first = d->options->queue_first;
		params.last = d->options->queue_last;
	}
	return params;
}

static enum exit_status open_lanes(struct daemon *d)
{
	static const enum exit_status statuses[] = {
		[QUEUE_FAULT_BUSY] = EXIT_QUEUE_BUSY,
		[QUEUE_FAULT_NOT_PERMITTED] = EXIT_NOT_PERMITTED,
		[QUEUE_FAULT_UNSUPPORTED] = EXIT_INTERNAL,
		[QUEUE_FAULT_OTHER] = EXIT_INTERNAL,
	};
	const struct lanes_params params = choose_lanes(d);
	enum queue_fault fault = QUEUE_FAULT_OTHER;

	d->overrun = (struct overrun){ .first = params.first,
				       .last = params.last,
				       .length = params.length };
	d->lanes = lanes_open(&params, &fault);
	if (!d->lanes)
		return statuses[fault];
	/* What is left is the old table, and queues that nobody wants now. */
	fdstore_settle(d->store);
	d->store = NULL;
	/* Drops of before are not ours to tell. */
	(void)overrun_look(&d->overrun);
	return EXIT_STOPPED;
}

/* Given to their groups while that is still permitted. */
static enum exit_status open_control(struct daemon *d)
{
	d->control = control_open(d->options->runtime);
	return d->control ? EXIT_STOPPED : EXIT_INTERNAL;
}

static enum exit_status give_up_privileges(struct daemon *d)
{
	int r = d->options->no_sandbox ? 0 : privilege_drop();

	if (r == 0)
		return EXIT_STOPPED;
	log_error("cannot give up privileges: %s: the system calls capset and "
		  "prctl must be allowed; --no-sandbox keeps all privileges",
		  strerror(-r));
	return EXIT_INTERNAL;
}

static int add_handlers(struct daemon *d)
{
	static const struct {
		int signal;
		event_handler *handler;
	} signals[] = {
		{ SIGTERM, handle_stop },
		{ SIGINT, handle_stop },
		{ SIGHUP, handle_reload },
		{ SIGUSR2, handle_report },
	};
	int r = event_set_timer(d->loop, TICK, handle_tick, d);

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (r == 0)
			r = event_add_signal(d->loop, signals[i].signal,
					     signals[i].handler, d);
	return r;
}

static enum exit_status prepare_loop(struct daemon *d)
{
	int r = -ENOMEM;

	d->loop = event_loop_create();
	if (d->loop)
		r = add_handlers(d);
	if (r == 0)
		d->reload = reload_create(d->options->path, d->policy, d->loop,
					  d->dataplane, d->inforce);
	if (d->reload)
		return EXIT_STOPPED;
	log_error("no event loop: %s", strerror(r ? -r : ENOMEM));
	return EXIT_INTERNAL;
}

/* What comes later has been opened, or is a file or a socket of this machine. */
static enum exit_status enter_cage(struct daemon *d)
{
	int r = d->options->no_sandbox ? 0 : cage_enter(CAGE_MAIN);

	if (r == 0)
		return EXIT_STOPPED;
	log_error("cannot limit what system calls may be made: %s: the system "
		  "calls seccomp and prctl must be allowed; --no-sandbox does "
		  "without",
		  strerror(-r));
	return EXIT_INTERNAL;
}

static enum exit_status start_control(struct daemon *d)
{
	const struct lanes_params lanes = choose_lanes(d);
	const struct control_context context = {
		.inforce = d->inforce,
		.dataplane = d->dataplane,
		.lanes = d->lanes,
		.path = d->options->path,
		.queue_first = lanes.first,
		.queue_last = lanes.last,
		.queue_length = lanes.length,
		.max_conns = d->policy->max_conns,
		.start = clock_now(),
	};

	d->changes = changes_create(&context, d->reload, d->loop);
	if (d->changes && control_start(d->control, &context, d->changes))
		return EXIT_STOPPED;
	log_error("cannot start a thread for the control sockets");
	return EXIT_INTERNAL;
}

static enum exit_status start_lanes(struct daemon *d)
{
	if (lanes_start(d->lanes, !d->options->no_sandbox)) {
		d->has_started = true;
		return EXIT_STOPPED;
	}
	log_error("cannot start a thread for each queue");
	return EXIT_INTERNAL;
}

static enum exit_status start(struct daemon *d)
{
	static enum exit_status (*const steps[])(struct daemon * d) = {
		open_store, load_policy,  check_permission,   create_table,
		open_lanes, open_control, give_up_privileges, prepare_loop,
		enter_cage, start_lanes,  start_control,
	};
	enum exit_status status = EXIT_STOPPED;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (status == EXIT_STOPPED)
			status = steps[i](d);
	return status;
}

static void stop(struct daemon *d)
{
	control_close(d->control);
	if (d->lanes) {
		lanes_stop(d->lanes);
		lanes_drain_logs(d->lanes, write_info);
	}
	if (d->has_started)
		legacy_save(d->legacy, clock_now(), clock_wall());
	if (d->loop)
		kept_save(&d->kept, dataplane_rules(d->dataplane),
			  (struct kept_time){ clock_now(), clock_wall() });
	reload_destroy(d->reload);
	changes_destroy(d->changes);
	event_loop_destroy(d->loop);
	lanes_close(d->lanes);
	inforce_destroy(d->inforce);
	if (d->legacy)
		legacy_let_go(d->legacy);
	dataplane_destroy(d->dataplane);
	legacy_destroy(d->legacy);
	fdstore_close(d->store);
	policy_destroy(d->policy);
}

static void tell_ready(const struct daemon *d)
{
	const struct lanes_params lanes = choose_lanes(d);

	log_info("ready: queues %u to %u, room for %zu connections",
		 lanes.first, lanes.last, d->policy->max_conns);
	(void)sd_notifyf(0, "READY=1\nSTATUS=ready on queues %u to %u%s",
			 lanes.first, lanes.last,
			 d->fallen_back ? "; the file has errors, the last "
					  "policy that was good is in force"
					: "");
}

/*
 * Who asks for something while the daemon starts gets it when it has started.
 * And that nobody reads the log any more is no reason to end.
 */
static void prepare_signals(void)
{
	sigset_t later;

	sigemptyset(&later);
	sigaddset(&later, SIGHUP);
	sigaddset(&later, SIGUSR2);
	(void)sigprocmask(SIG_BLOCK, &later, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

enum exit_status daemon_run(const struct options *options)
{
	struct daemon d = { .options = options };
	int r;

	prepare_signals();
	/* One for all threads: those of queues take no memory while they work,
	 * and need not look at files to see what they may give back. */
	(void)mallopt(M_ARENA_MAX, 1);
	d.status = start(&d);
	if (d.status == EXIT_STOPPED) {
		tell_ready(&d);
		legacy_discard_file();
		if (d.has_restored)
			reload_judge(d.reload);
		r = event_loop_run(d.loop);
		if (r < 0) {
			log_error("the event loop failed: %s", strerror(-r));
			d.status = EXIT_INTERNAL;
		}
	}
	stop(&d);
	if (d.status == EXIT_STOPPED)
		log_info("stopped");
	return d.status;
}
