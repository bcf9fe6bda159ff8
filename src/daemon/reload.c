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

enum {
	TIME_LIMIT = 30000,  /* ms, to read a policy */
	RECHECK_SLICE = 100, /* ms at a time, of a tick of 250 */
};

struct reload {
	const char *path;
	const struct policy *settings;
	struct event_loop *loop;
	struct dataplane *dataplane;
	uint32_t source_nodes;   /* when it was made */
	struct compile *compile; /* NULL: nothing is being read */
	msec_t deadline;         /* of that */
	bool again;              /* asked for while it was */
	bool rechecking;         /* connections are judged again */
	enum recheck recheck;
	struct recheck_report report; /* of that */
};

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
	if (!redirect_is_same(&policy->redirect, &before->redirect) ||
	    policy->rescue.output != before->rescue.output)
		log_warn("redirect and rescue have changed: restart statewalld "
			 "and then run \"statewall redirect apply\"");
}

static void write_warning(const char *line)
{
	log_warn("%s", line);
}

/* Goes on with judging connections again, for a while. */
static void continue_recheck(struct reload *reload)
{
	msec_t now = clock_now();
	msec_t end = now + RECHECK_SLICE;

	while (reload->rechecking && now < end) {
		reload->rechecking =
			!dataplane_recheck(reload->dataplane, reload->recheck,
					   now, &reload->report);
		now = clock_now();
	}
	if (!reload->rechecking)
		report_closed(&reload->report, write_warning);
}

static void begin_recheck(struct reload *reload, enum recheck recheck)
{
	/* What the one before has closed, which does not come to its end. */
	if (reload->rechecking)
		report_closed(&reload->report, write_warning);
	reload->rechecking = true;
	reload->recheck = recheck;
	reload->report.closed = 0;
	reload->report.listed = 0;
	continue_recheck(reload);
}

static void refuse(const struct reload *reload, size_t errors)
{
	log_error("%s: %zu error%s: the running policy is unchanged",
		  reload->path, errors, errors == 1 ? "" : "s");
	(void)sd_notifyf(0,
			 "READY=1\nSTATUS=the file has %zu error%s; the "
			 "policy before it is in force",
			 errors, errors == 1 ? "" : "s");
}

static void apply(struct reload *reload, struct policy *policy)
{
	struct ruleset *rules;
	size_t count;

	keep_last_good(policy);
	rules = policy_take_rules(policy);
	count = ruleset_rule_count(rules);
	warn_of_fixed(reload, policy, rules);
	if (!dataplane_set_rules(reload->dataplane, rules)) {
		log_error("%s: no memory for its rules", reload->path);
		ruleset_destroy(rules);
		refuse(reload, 1);
		return;
	}
	log_info("%s: loaded, %zu rule%s", reload->path, count,
		 count == 1 ? "" : "s");
	(void)sd_notifyf(0, "READY=1\nSTATUS=%zu rule%s in force", count,
			 count == 1 ? "" : "s");
	begin_recheck(reload, policy->on_reload);
}

static void finish(struct reload *reload)
{
	struct diagnostics diags = { 0 };
	struct policy *policy;

	event_remove_fd(reload->loop, compile_fd(reload->compile));
	policy = compile_finish(reload->compile, &diags);
	reload->compile = NULL;
	log_diagnostics(&diags);
	if (policy)
		apply(reload, policy);
	else
		refuse(reload, diags.errors);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	if (reload->again)
		reload_request(reload);
}

static void handle_output(void *arg)
{
	struct reload *reload = arg;

	if (!compile_read(reload->compile))
		finish(reload);
}

struct reload *reload_create(const char *path, const struct policy *settings,
			     struct event_loop *loop,
			     struct dataplane *dataplane)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (!reload)
		return NULL;
	reload->path = path;
	reload->settings = settings;
	reload->loop = loop;
	reload->dataplane = dataplane;
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
	begin_recheck(reload, reload->settings->on_reload);
}

void reload_request(struct reload *reload)
{
	/* The file may have changed behind the back of who reads it now. */
	reload->again = reload->compile != NULL;
	if (reload->compile)
		return;
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

void reload_tick(struct reload *reload, msec_t now)
{
	if (reload->compile && now >= reload->deadline)
		finish(reload);
	if (reload->rechecking)
		continue_recheck(reload);
}
