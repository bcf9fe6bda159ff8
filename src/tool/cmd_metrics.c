/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall metrics: what the daemon counts, for Prometheus.
 */
#include <stdio.h>

#include "tool/client.h"
#include "tool/command.h"
#include "tool/live.h"
#include "tool/metrics.h"
#include "tool/usage.h"

/* None of these methods goes through connections or entries of tables. */
static enum exit_status take_status(const json_t *status, void *arg)
{
	(void)json_object_set_new(arg, "status", json_deep_copy(status));
	return EXIT_DONE;
}

static enum exit_status take_tables(const json_t *reply, void *arg)
{
	(void)json_object_set(arg, "tables", json_object_get(reply, "tables"));
	return EXIT_DONE;
}

static enum exit_status take_rule(const json_t *rule, void *arg)
{
	(void)json_array_append_new(json_object_get(arg, "rules"),
				    json_deep_copy(rule));
	return EXIT_DONE;
}

static enum exit_status ask_all(const char *runtime, json_t *told)
{
	const struct question questions[] = {
		{ .method = "Status", .take = take_status },
		{ .method = "Tables", .take = take_tables },
		{ .method = "Rules", .take = take_rule, .more = true },
	};
	enum exit_status status = EXIT_DONE;

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct question question = questions[i];

		question.runtime = runtime;
		question.arg = told;
		if (status == EXIT_DONE)
			status = client_ask(&question);
	}
	return status;
}

static enum exit_status run_metrics(int argc, char *argv[])
{
	struct live live = { .common = COMMON_DEFAULTS };
	enum exit_status status;
	json_t *told;

	if (!options_parse(&cmd_metrics, &live, argc, argv, &status))
		return status;
	told = json_pack("{s:[]}", "rules");
	if (!told) {
		complain("out of memory");
		return EXIT_INTERNAL;
	}
	status = ask_all(live.runtime, told);
	if (status == EXIT_DONE)
		metrics_print(told, stdout);
	json_decref(told);
	return status;
}

static const struct option_spec options[] = {
	OPTION_RUNTIME,
	{ 0 },
};

const struct command cmd_metrics = {
	.name = "metrics",
	.operands = "",
	.summary = "Print what the daemon counts, for Prometheus",
	.options = options,
	.run = run_metrics,
};
