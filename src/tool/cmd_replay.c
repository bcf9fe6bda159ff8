/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall replay: what would become of the packets of a capture?
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "tool/capture.h"
#include "tool/command.h"
#include "tool/options.h"
#include "tool/pcapng.h"
#include "tool/replay.h"
#include "tool/replay_print.h"
#include "tool/routing.h"
#include "tool/usage.h"

struct settings {
	struct common common;
	struct routing routing;
	const char *capture;
	const char *output; /* --write; NULL: none */
	bool summary;
	bool no_checksum;
};

/* What is open while a capture is replayed. */
struct session {
	const struct settings *settings;
	struct policy *policy;
	struct capture *capture;
	struct replay *replay;
	FILE *output; /* NULL: none */
};

/* The ends of the functions below: @fault is about that option. */
static bool taken(bool ok, const char *option, const char *fault)
{
	if (!ok)
		complain("replay: --%s: %s", option, fault);
	return ok;
}

static bool take_inside(void *settings, const char *value)
{
	struct routing *routing = &((struct settings *)settings)->routing;
	char fault[ROUTING_FAULT_LEN];

	return taken(routing_add_inside(routing, value, fault), "inside",
		     fault);
}

static bool take_inside_if(void *settings, const char *value)
{
	struct routing *routing = &((struct settings *)settings)->routing;
	char fault[ROUTING_FAULT_LEN];

	return taken(routing_set_interface(routing->inside_if, value, fault),
		     "inside-if", fault);
}

static bool take_outside_if(void *settings, const char *value)
{
	struct routing *routing = &((struct settings *)settings)->routing;
	char fault[ROUTING_FAULT_LEN];

	return taken(routing_set_interface(routing->outside_if, value, fault),
		     "outside-if", fault);
}

static bool take_in(void *settings, const char *value)
{
	struct routing *routing = &((struct settings *)settings)->routing;
	char fault[ROUTING_FAULT_LEN];

	return taken(routing_set_interface(routing->arrival, value, fault),
		     "in", fault);
}

static bool take_self(void *settings, const char *value)
{
	struct routing *routing = &((struct settings *)settings)->routing;
	char fault[ROUTING_FAULT_LEN];

	return taken(routing_add_self(routing, value, fault), "self", fault);
}

static bool take_write(void *settings, const char *value)
{
	if (strcmp(value, "-") == 0) {
		complain("replay: --write: name a file: the verdicts go to "
			 "standard output");
		return false;
	}
	((struct settings *)settings)->output = value;
	return true;
}

static bool take_summary(void *settings, const char *value)
{
	(void)value;
	((struct settings *)settings)->summary = true;
	return true;
}

static bool take_no_checksum(void *settings, const char *value)
{
	(void)value;
	((struct settings *)settings)->no_checksum = true;
	return true;
}

static const struct option_spec options[] = {
	OPTION_CONFIG,
	OPTION_JSON,
	{ "in", 0, "IFACE", "every packet arrives on that interface", take_in },
	{ "inside", 0, "PREFIX[,...]",
	  "packets from there arrive on the inner interface\n"
	  "and leave by the outer one, others the other way",
	  take_inside },
	{ "inside-if", 0, "IFACE", "the inner interface, default inside",
	  take_inside_if },
	{ "outside-if", 0, "IFACE", "the outer interface, default outside",
	  take_outside_if },
	{ "self", 0, "ADDR[,...]",
	  "addresses of the firewall: packets to them are\n"
	  "input, packets from them output",
	  take_self },
	{ "write", 0, "OUT.pcapng", "write a capture with the verdicts in it",
	  take_write },
	{ "summary", 0, NULL, "print totals only", take_summary },
	{ "no-checksum", 0, NULL,
	  "do not verify checksums: the capture was made\n"
	  "where the network card computes them",
	  take_no_checksum },
	{ 0 },
};

static enum exit_status no_memory(void)
{
	complain("out of memory");
	return EXIT_INTERNAL;
}

/* Writing begins only after the inputs have been opened. */
static bool open_output(struct session *s)
{
	const char *path = s->settings->output;

	if (!path)
		return true;
	if (capture_is_file(s->capture, path)) {
		complain_of(path, "this is the capture that is being read");
		return false;
	}
	s->output = fopen(path, "wbe");
	if (!s->output) {
		complain_of(path, "cannot be created: %s", strerror(errno));
		return false;
	}
	pcapng_write_header(s->output, capture_link_type(s->capture)->linktype);
	return true;
}

static bool close_output(struct session *s)
{
	bool failed = false;

	if (!s->output)
		return true;
	failed = ferror(s->output) != 0;
	if (fclose(s->output) != 0)
		failed = true;
	s->output = NULL;
	if (failed)
		complain_of(s->settings->output, "cannot be written: %s",
			    errno ? strerror(errno) : "write error");
	return !failed;
}

static enum exit_status open_session(struct session *s)
{
	const struct settings *settings = s->settings;
	char problem[CAPTURE_PROBLEM_LEN];
	struct diagnostics diags = { 0 };

	s->policy = policy_load(settings->common.config, &diags);
	if (!s->policy)
		diagnostics_print(&diags, stderr);
	diagnostics_fini(&diags);
	if (!s->policy)
		return EXIT_NO;
	s->capture = capture_open(settings->capture, problem);
	if (!s->capture) {
		complain_of(settings->capture, "%s", problem);
		return EXIT_NO;
	}
	s->replay = replay_create(&(struct replay_params){
		.rules = s->policy->rules,
		.max_conns = s->policy->max_conns,
		.link_type = capture_link_type(s->capture),
		.routing = &settings->routing,
		.verify_checksum = !settings->no_checksum,
		.measure = settings->summary,
	});
	if (!s->replay)
		return no_memory();
	return open_output(s) ? EXIT_DONE : EXIT_NO;
}

static void close_session(struct session *s)
{
	replay_destroy(s->replay);
	capture_close(s->capture);
	policy_destroy(s->policy);
}

static void write_frame(struct session *s, const struct capture_frame *frame,
			const struct judged *judged)
{
	char comment[REPLAY_COMMENT_LEN];

	if (!s->output)
		return;
	replay_comment(judged, comment);
	pcapng_write_frame(s->output, frame, comment);
}

/* false: no memory. */
static bool print_frame(const struct session *s,
			const struct capture_frame *frame,
			const struct judged *judged)
{
	if (s->settings->summary)
		return true;
	if (s->settings->common.json)
		return replay_print_json(frame, judged, stdout);
	replay_print_text(frame, judged, stdout);
	return true;
}

/* There is no use in going on if the result gets nowhere. */
static bool can_write(const struct session *s)
{
	return !ferror(stdout) && !(s->output && ferror(s->output));
}

static enum exit_status replay_all(struct session *s)
{
	struct capture_frame frame;
	struct judged judged;
	enum capture_result result = CAPTURE_END;

	while (can_write(s) &&
	       (result = capture_next(s->capture, &frame)) == CAPTURE_FRAME) {
		replay_frame(s->replay, &frame, &judged);
		write_frame(s, &frame, &judged);
		if (!print_frame(s, &frame, &judged))
			return no_memory();
	}
	if (result != CAPTURE_BROKEN)
		return EXIT_DONE;
	complain_of(s->settings->capture, "%s", capture_problem(s->capture));
	return EXIT_NO;
}

static enum exit_status print_summary(const struct session *s)
{
	struct replay_stats stats = replay_stats(s->replay);

	if (!s->settings->summary || !can_write(s))
		return EXIT_DONE;
	if (!s->settings->common.json)
		replay_print_totals_text(&stats, stdout);
	else if (!replay_print_totals_json(&stats, stdout))
		return no_memory();
	return EXIT_DONE;
}

/* The first thing that went wrong decides. */
static enum exit_status first(enum exit_status status, enum exit_status other)
{
	return status != EXIT_DONE ? status : other;
}

static enum exit_status replay(const struct settings *settings)
{
	struct session s = { .settings = settings };
	enum exit_status status = open_session(&s);

	if (status == EXIT_DONE) {
		routing_advise(&settings->routing, s.policy->rules);
		status = replay_all(&s);
		status = first(status, print_summary(&s));
		status = first(status, close_output(&s) ? EXIT_DONE : EXIT_NO);
	}
	close_session(&s);
	return status;
}

static enum exit_status run(int argc, char *argv[])
{
	struct settings settings = { .common = COMMON_DEFAULTS };
	enum exit_status status;

	if (!options_parse(&cmd_replay, &settings, argc, argv, &status))
		return status;
	if (optind == argc) {
		complain("replay: no capture is given; \"-\" is standard "
			 "input");
		return options_fault(&cmd_replay);
	}
	settings.capture = argv[optind];
	routing_set_defaults(&settings.routing);
	return replay(&settings);
}

const struct command cmd_replay = {
	.name = "replay",
	.operands = "CAPTURE",
	.operand_max = 1,
	.summary = "Judge the packets of a capture",
	.options = options,
	.run = run,
};
