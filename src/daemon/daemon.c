/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of start and stop:
 *
 *	policy, permission, connection table, queues, control sockets,
 *	fewer privileges, event loop, workers, ready
 *
 * and backwards.  Nothing is touched outside of the process before the policy
 * is known to be good.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>

#include "daemon/clock.h"
#include "daemon/control.h"
#include "daemon/dataplane.h"
#include "daemon/event.h"
#include "daemon/inforce.h"
#include "daemon/kept.h"
#include "daemon/lanes.h"
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
	struct policy *policy; /* its settings; the rules are given away */
	struct dataplane *dataplane;
	struct inforce *inforce;
	struct control *control;
	struct changes *changes;
	struct lanes *lanes;
	struct event_loop *loop;
	struct reload *reload;
	bool fallen_back; /* to the last good policy */
	bool fragment_told;
	struct kept kept;
	struct overrun overrun;
	uint64_t lost;    /* packets that are not told yet */
	msec_t lost_told; /* when some were */
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

/*
 * Connections whose packets passed us by, or were lost before we saw them, are
 * judged with more patience from then on.
 */
static void watch_overrun(struct daemon *d, msec_t now)
{
	uint64_t fresh = overrun_count(&d->overrun);

	if (fresh)
		dataplane_note_loss(d->dataplane, now);
	d->lost += fresh;
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
	watch_overrun(d, now);
	if (lanes_all_moved(d->lanes))
		(void)sd_notify(0, "WATCHDOG=1");
	if (lanes_have_failed(d->lanes)) {
		d->status = EXIT_INTERNAL;
		event_loop_stop(d->loop);
	}
}

/* Starting; each step says what went wrong. */

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
	d->dataplane = dataplane_create(d->policy->max_conns, &key, rules,
					clock_now());
	if (d->dataplane) {
		set_wall(d->dataplane, clock_now());
		kept_load(&d->kept, dataplane_rules(d->dataplane),
			  (struct kept_time){ clock_now(), clock_wall() });
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
	struct lanes_params params = {
		.first = d->policy->queue_first,
		.last = d->policy->queue_last,
		.length = d->policy->queue_length,
		.dataplane = d->dataplane,
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

	d->overrun =
		(struct overrun){ .first = params.first, .last = params.last };
	d->lanes = lanes_open(&params, &fault);
	return d->lanes ? EXIT_STOPPED : statuses[fault];
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

static enum exit_status start_control(struct daemon *d)
{
	const struct lanes_params lanes = choose_lanes(d);
	const struct control_context context = {
		.inforce = d->inforce,
		.dataplane = d->dataplane,
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
	if (lanes_start(d->lanes))
		return EXIT_STOPPED;
	log_error("cannot start a thread for each queue");
	return EXIT_INTERNAL;
}

static enum exit_status start(struct daemon *d)
{
	static enum exit_status (*const steps[])(struct daemon * d) = {
		load_policy,  check_permission, create_table,
		open_lanes,   open_control,     give_up_privileges,
		prepare_loop, start_lanes,      start_control,
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
	if (d->loop)
		kept_save(&d->kept, dataplane_rules(d->dataplane),
			  (struct kept_time){ clock_now(), clock_wall() });
	reload_destroy(d->reload);
	changes_destroy(d->changes);
	event_loop_destroy(d->loop);
	lanes_close(d->lanes);
	inforce_destroy(d->inforce);
	dataplane_destroy(d->dataplane);
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
	d.status = start(&d);
	if (d.status == EXIT_STOPPED) {
		tell_ready(&d);
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
