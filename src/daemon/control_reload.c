/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reload: reads the configuration again and waits for what comes of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/control_change.h"
#include "daemon/control_view.h"

/* What is known already of a reload that goes on. */
struct progress {
	struct change *change;
	json_t *diagnostics; /* a list */
	size_t errors;
	size_t warnings;
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
	return policy != NULL;
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
	json_t *reply =
		report ? control_reply(describe_loaded(progress, report), false)
		       : control_error("PolicyRefused",
				       describe_refused(progress));

	change_log(change, "reload %s", report ? "done" : "refused");
	json_decref(progress->diagnostics);
	free(progress);
	change_finish(change, reply);
}

void control_reload(struct change *change)
{
	struct reload_watch watch = { .accepts = accepts, .done = done };
	struct progress *progress = calloc(1, sizeof(*progress));

	if (!progress) {
		change_finish(change, NULL);
		return;
	}
	progress->change = change;
	progress->diagnostics = json_array();
	watch.arg = progress;
	(void)snprintf(watch.author, sizeof(watch.author), "%s",
		       change->peer.text);
	reload_watched(change->reload, &watch);
}
