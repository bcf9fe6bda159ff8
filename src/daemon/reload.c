/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading and exchanging policies.
 */
#include "daemon/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "daemon/clock.h"
#include "daemon/compile.h"
#include "daemon/lastgood.h"
#include "daemon/log.h"
#include "daemon/report.h"
#include "policy/print.h"

enum {
	TIME_LIMIT = 30000,  /* ms, to read a policy */
	RECHECK_SLICE = 100, /* ms at a time, of a tick of 250 */
};

struct reload {
	const char *path;
	const struct policy *settings;
	struct event_loop *loop;
	struct dataplane *dataplane;
	struct inforce *inforce;
	uint32_t source_nodes;     /* when it was made */
	struct compile *compile;   /* NULL: nothing is being read */
	struct reload_watch watch; /* of that, if it has .done */
	msec_t deadline;           /* of that */
	bool again;                /* asked for while it was */
	struct reload_watch next;  /* of who asked */
	bool rechecking;           /* connections are judged again */
	struct reload_watch waits; /* for that to be done */
	enum recheck recheck;
	struct recheck_report report; /* of that */
};

static const struct reload_watch nobody = { .author = "a signal" };

static void log_diagnostics(const struct diagnostics *diags)
{
	static void (*const log_of[SEVERITY_COUNT])(const char *format, ...) = {
		[SEVERITY_ERROR] = log_error,
		[SEVERITY_WARNING] = log_warn,
		[SEVERITY_NOTE] = log_info,
	};

	for (size_t i = 0; i < diags->len; i++) {
		const struct diagnostic *diag = &diags->list[i];
		char line[DIAGNOSTIC_LINE_LEN];

		diagnostic_format(diag, line);
		log_of[diagnostic_severity(diag)]("%s", line);
	}
}

/* Without a directory there is nothing to keep it in, and nothing to say. */
static void keep_last_good(const struct policy *policy)
{
	int r = lastgood_save(policy);

	if (r < 0 && r != -ENOENT)
		log_warn("the policy cannot be kept for the next start: %s",
			 strerror(-r));
}

/* What was in force before the file was broken. */
static struct policy *fall_back(const char *path, size_t errors)
{
	struct policy *policy = lastgood_load();

	if (policy)
		log_error(
			"%s: %zu error%s: the last policy that was good is in "
			"force instead",
			path, errors, errors == 1 ? "" : "s");
	else
		log_error("%s: %zu error%s: there is no policy to work with",
			  path, errors, errors == 1 ? "" : "s");
	return policy;
}

struct policy *reload_first(const char *path, bool *fallen_back)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = compile_policy(path, TIME_LIMIT, &diags);

	log_diagnostics(&diags);
	*fallen_back = !policy;
	if (policy)
		keep_last_good(policy);
	else
		policy = fall_back(path, diags.errors);
	diagnostics_fini(&diags);
	return policy;
}

/* NULL: no memory. */
static char *print_redirect(const struct policy *policy)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	policy_print_redirect(&policy->redirect, out);
	policy_print_rescue(&policy->rescue, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static bool has_same_redirect(const struct policy *a, const struct policy *b)
{
	char *left = print_redirect(a);
	char *right = print_redirect(b);
	bool same = left && right && strcmp(left, right) == 0;

	free(left);
	free(right);
	return same;
}

/* What is reserved at the start cannot change while packets pass. */
static void warn_of_fixed(const struct reload *reload,
			  const struct policy *policy,
			  const struct ruleset *rules)
{
	const struct policy *before = reload->settings;
	uint32_t nodes = ruleset_limits(rules)->source_nodes;

	if (policy->max_conns != before->max_conns)
		log_warn("limits.connections is %zu until the next start",
			 before->max_conns);
	if (nodes != reload->source_nodes)
		log_warn("limits.source_nodes stays as it is until the next "
			 "start");
	if (policy->queue_first != before->queue_first ||
	    policy->queue_last != before->queue_last ||
	    policy->queue_length != before->queue_length)
		log_warn("queues and queue_length stay as they are until the "
			 "next start");
	if (!has_same_redirect(policy, before))
		log_warn("redirect or rescue has changed: \"systemctl reload "
			 "statewall-redirect\" puts it in force, and then "
			 "restart statewalld unless only rescue.ssh_port, "
			 "ssh_from or established have changed");
}

static void write_warning(const char *line)
{
	log_warn("%s", line);
}

static void tell_done(struct reload_watch *watch,
		      const struct recheck_report *report)
{
	const struct reload_watch told = *watch;

	*watch = nobody;
	if (told.done)
		told.done(report, told.arg);
}

static void end_recheck(struct reload *reload)
{
	reload->rechecking = false;
	report_closed(&reload->report, write_warning);
	tell_done(&reload->waits, &reload->report);
}

/* Goes on with judging connections again, for a while. */
static void continue_recheck(struct reload *reload)
{
	msec_t now = clock_now();
	msec_t end = now + RECHECK_SLICE;
	bool done = false;

	while (!done && now < end) {
		done = dataplane_recheck(reload->dataplane, reload->recheck,
					 now, &reload->report);
		now = clock_now();
	}
	if (done)
		end_recheck(reload);
}

static void begin_recheck(struct reload *reload, enum recheck recheck,
			  const struct reload_watch *waits)
{
	/* What the one before has closed, which does not come to its end. */
	if (reload->rechecking)
		end_recheck(reload);
	reload->rechecking = true;
	reload->waits = *waits;
	reload->recheck = recheck;
	reload->report.closed = 0;
	reload->report.listed = 0;
	continue_recheck(reload);
}

static void refuse(struct reload *reload, size_t errors)
{
	inforce_note_faults(reload->inforce, errors);
	log_error("%s: %zu error%s: the running policy is unchanged",
		  reload->path, errors, errors == 1 ? "" : "s");
	(void)sd_notifyf(0,
			 "READY=1\nSTATUS=the file has %zu error%s; the "
			 "policy before it is in force",
			 errors, errors == 1 ? "" : "s");
	tell_done(&reload->watch, NULL);
}

/* It is good, but whoever asked for it does not want it. */
static void turn_down(struct reload *reload)
{
	log_warn("%s: not loaded: the running policy is unchanged",
		 reload->path);
	(void)sd_notify(0, "READY=1\nSTATUS=the policy before is in force");
	tell_done(&reload->watch, NULL);
}

/* false: it is still the caller's. */
static bool apply(struct reload *reload, struct policy *policy)
{
	const struct reload_watch watch = reload->watch;
	size_t count = ruleset_rule_count(policy->rules);

	keep_last_good(policy);
	warn_of_fixed(reload, policy, policy->rules);
	if (!inforce_exchange(reload->inforce, policy, reload->watch.author)) {
		log_error("%s: no memory for its rules", reload->path);
		refuse(reload, 1);
		return false;
	}
	reload->watch = nobody;
	log_info("%s: loaded, %zu rule%s", reload->path, count,
		 count == 1 ? "" : "s");
	(void)sd_notifyf(0, "READY=1\nSTATUS=%zu rule%s in force", count,
			 count == 1 ? "" : "s");
	begin_recheck(reload, policy->on_reload, &watch);
	return true;
}

static bool is_wanted(const struct reload_watch *watch,
		      const struct policy *policy,
		      const struct diagnostics *diags)
{
	return !watch->accepts || watch->accepts(policy, diags, watch->arg);
}

static void finish(struct reload *reload);

static void handle_output(void *arg)
{
	struct reload *reload = arg;

	if (!compile_read(reload->compile))
		finish(reload);
}

static void begin(struct reload *reload, const struct reload_watch *watch)
{
	reload->watch = *watch;
	reload->next = nobody;
	reload->again = false;
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
			 (unsigned long long)clock_monotonic_usec());
	reload->compile = compile_start(reload->path);
	if (!reload->compile) {
		log_error("cannot start a process to read %s: %s", reload->path,
			  strerror(errno));
		refuse(reload, 1);
		return;
	}
	reload->deadline = clock_now() + TIME_LIMIT;
	if (event_add_fd(reload->loop, compile_fd(reload->compile),
			 handle_output, reload) < 0)
		finish(reload);
}

static void finish(struct reload *reload)
{
	struct diagnostics diags = { 0 };
	struct policy *policy;
	bool wanted;

	event_remove_fd(reload->loop, compile_fd(reload->compile));
	policy = compile_finish(reload->compile, &diags);
	reload->compile = NULL;
	log_diagnostics(&diags);
	wanted = is_wanted(&reload->watch, policy, &diags);
	if (!policy)
		refuse(reload, diags.errors);
	else if (!wanted)
		turn_down(reload);
	else if (apply(reload, policy))
		policy = NULL;
	policy_destroy(policy);
	diagnostics_fini(&diags);
	if (reload->again)
		begin(reload, &reload->next);
}

struct reload *reload_create(const char *path, const struct policy *settings,
			     struct event_loop *loop,
			     struct dataplane *dataplane,
			     struct inforce *inforce)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (!reload)
		return NULL;
	reload->path = path;
	reload->settings = settings;
	reload->loop = loop;
	reload->dataplane = dataplane;
	reload->inforce = inforce;
	reload->watch = reload->next = reload->waits = nobody;
	reload->source_nodes =
		ruleset_limits(dataplane_rules(dataplane))->source_nodes;
	return reload;
}

void reload_destroy(struct reload *reload)
{
	struct diagnostics diags = { 0 };

	if (!reload)
		return;
	if (reload->compile) {
		event_remove_fd(reload->loop, compile_fd(reload->compile));
		policy_destroy(compile_finish(reload->compile, &diags));
		diagnostics_fini(&diags);
	}
	free(reload);
}

void reload_judge(struct reload *reload)
{
	begin_recheck(reload, reload->settings->on_reload, &nobody);
}

void reload_watched(struct reload *reload, const struct reload_watch *watch)
{
	if (!reload->compile) {
		begin(reload, watch);
		return;
	}
	/* The file may have changed behind the back of who reads it now. */
	reload->again = true;
	if (watch->done)
		reload->next = *watch;
}

void reload_request(struct reload *reload)
{
	reload_watched(reload, &nobody);
}

void reload_tick(struct reload *reload, msec_t now)
{
	if (reload->compile && now >= reload->deadline)
		finish(reload);
	if (reload->rechecking)
		continue_recheck(reload);
}
