/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reload: reads the configuration again and waits for what comes of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/control_change.h"
#include "daemon/control_view.h"
#include "daemon/guard.h"
#include "policy/date.h"

/* What is known already of a reload that goes on. */
struct progress {
	struct change *change;
	json_t *diagnostics; /* a list */
	size_t errors;
	size_t warnings;
	struct guard_session session; /* of who asks, with .is_guarded */
	bool is_guarded;
	json_t *guarded; /* the error, if it would be cut */
};

static json_t *describe_diagnostic(const struct diagnostic *diag)
{
	char line[DIAGNOSTIC_LINE_LEN];

	diagnostic_format(diag, line);
	return json_pack("{s:o, s:I, s:I, s:s, s:s, s:o, s:o, s:o}", "file",
			 control_text(diag->file), "line",
			 (json_int_t)diag->line, "column",
			 (json_int_t)diag->column, "severity",
			 severity_names[diagnostic_severity(diag)], "code",
			 code_info[diag->code].id, "message",
			 control_text(diag->message), "hint",
			 control_text(*diag->hint ? diag->hint : NULL), "text",
			 control_text(line));
}

static void note_session(const struct conn_info *conn, void *arg)
{
	struct guard_session *session = arg;

	if (!tuple_equal(&conn->tuple, &session->tuple))
		return;
	session->is_known = true;
	session->conn = *conn;
}

enum { CAUSE_LEN = 400 };

static void describe_cause(const struct guard_cut *cut, char text[CAUSE_LEN])
{
	char place[CAUSE_LEN / 2] = "";

	if (cut->flushes) {
		(void)snprintf(text, CAUSE_LEN,
			       "settings.on_reload = \"flush\" closes it");
		return;
	}
	if (cut->file)
		(void)snprintf(place, sizeof(place), " (%.150s:%u)", cut->file,
			       cut->line);
	(void)snprintf(text, CAUSE_LEN, "%s%s%s says %s",
		       cut->rule ? "rule " : reason_info[cut->reason].name,
		       cut->rule ? cut->rule : "", place,
		       action_names[cut->action]);
}

static json_t *refuse_cut(const struct guard_session *session,
			  const struct guard_cut *cut)
{
	const struct tuple *tuple = &session->tuple;
	char cause[CAUSE_LEN];
	char src[ADDR_TEXT_LEN];
	char dst[ADDR_TEXT_LEN];

	addr_format(&tuple->src, src);
	addr_format(&tuple->dst, dst);
	describe_cause(cut, cause);
	return control_refuse(
		"Guarded",
		"refused: the new policy would cut your session %s port %u > "
		"%s port %u: %s; --force loads it all the same",
		src, tuple->sport, dst, tuple->dport, cause);
}

/* NULL: nobody is cut off. */
static json_t *guard(struct progress *progress, const struct policy *policy)
{
	const struct control_context *context = progress->change->context;
	const msec_t now = clock_now();
	const int64_t seconds = (now + clock_wall()) / 1000;
	const struct moment when = { now, seconds, date_offset(seconds) };
	struct guard_cut cut;

	dataplane_list(context->dataplane, now, note_session,
		       &progress->session);
	if (!guard_cuts(&progress->session, policy,
			inforce_rules(context->inforce), when, &cut))
		return NULL;
	return refuse_cut(&progress->session, &cut);
}

static bool accepts(const struct policy *policy,
		    const struct diagnostics *diags, void *arg)
{
	struct progress *progress = arg;

	for (size_t i = 0; i < diags->len; i++)
		(void)json_array_append_new(
			progress->diagnostics,
			describe_diagnostic(&diags->list[i]));
	progress->errors = diags->errors;
	progress->warnings = diags->warnings;
	if (policy && progress->is_guarded)
		progress->guarded = guard(progress, policy);
	return policy && !progress->guarded;
}

static json_t *describe_closed(const struct control_context *context,
			       const struct recheck_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->listed; i++) {
		const struct closed_conn *closed = &report->list[i];
		struct control_view view;
		json_t *conn;

		control_view_make(&view, &closed->conn,
				  inforce_rules(context->inforce));
		conn = control_view_describe(&view, clock_now(), clock_wall());
		(void)json_object_set_new(conn, "refused_by",
					  closed->rule[0]
						  ? json_string(closed->rule)
						  : json_null());
		(void)json_array_append_new(list, conn);
	}
	return list;
}

static json_t *describe_loaded(const struct progress *progress,
			       const struct recheck_report *report)
{
	const struct control_context *context = progress->change->context;
	const struct inforce_info info = inforce_info(context->inforce);
	size_t conns = (size_t)dataplane_stats(context->dataplane).conns;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "generation",
			 (json_int_t)info.generation, "rules",
			 (json_int_t)info.rules, "warnings",
			 (json_int_t)progress->warnings, "kept",
			 (json_int_t)conns, "closed",
			 (json_int_t)report->closed, "connections",
			 describe_closed(context, report), "diagnostics",
			 json_incref(progress->diagnostics));
}

static json_t *describe_refused(const struct progress *progress)
{
	return json_pack("{s:s, s:I, s:I, s:o}", "message",
			 "the configuration has errors: the running policy is "
			 "unchanged",
			 "errors", (json_int_t)progress->errors, "warnings",
			 (json_int_t)progress->warnings, "diagnostics",
			 json_incref(progress->diagnostics));
}

static void done(const struct recheck_report *report, void *arg)
{
	struct progress *progress = arg;
	struct change *change = progress->change;
	json_t *reply = progress->guarded;

	if (report)
		reply = control_reply(describe_loaded(progress, report), false);
	else if (!reply)
		reply = control_error("PolicyRefused",
				      describe_refused(progress));

	change_log(change, "reload %s", report ? "done" : "refused");
	json_decref(progress->diagnostics);
	free(progress);
	change_finish(change, reply);
}

/* false: it says something that is no session. */
static bool read_session(struct progress *progress, const json_t *parameters)
{
	const char *text = control_string(parameters, "session");

	if (!text || json_is_true(json_object_get(parameters, "force")))
		return true;
	progress->is_guarded = guard_parse(&progress->session, text);
	return progress->is_guarded;
}

void control_reload(struct change *change)
{
	struct reload_watch watch = { .accepts = accepts, .done = done };
	struct progress *progress = calloc(1, sizeof(*progress));

	if (!progress) {
		change_finish(change, NULL);
		return;
	}
	if (!read_session(progress, change->parameters)) {
		free(progress);
		change_finish(change,
			      control_wrong("session",
					    "SSH_CONNECTION is not \"ADDR PORT "
					    "ADDR PORT\"; --force loads "
					    "without looking at it"));
		return;
	}
	progress->change = change;
	progress->diagnostics = json_array();
	watch.arg = progress;
	(void)snprintf(watch.author, sizeof(watch.author), "%s",
		       change->peer.text);
	reload_watched(change->reload, &watch);
}
