/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall redirect: has the kernel hand packets to the daemon.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/match_item.h"
#include "tool/options.h"
#include "tool/output.h"
#include "tool/redirect.h"
#include "tool/redirect_policy.h"
#include "tool/redirect_print.h"
#include "tool/redirect_watch.h"
#include "tool/usage.h"

enum { EVERY_DEFAULT = 10, EVERY_MAX = 3600 /* seconds */ };

struct settings {
	struct common common;
	bool falls_back;
	bool yes;
	unsigned int every;
};

static bool take_fall_back(void *settings, const char *value)
{
	(void)value;
	((struct settings *)settings)->falls_back = true;
	return true;
}

static bool take_yes(void *settings, const char *value)
{
	(void)value;
	((struct settings *)settings)->yes = true;
	return true;
}

static bool take_every(void *settings, const char *value)
{
	unsigned long seconds;

	if (!match_number(value, EVERY_MAX, &seconds) || seconds == 0) {
		complain("redirect: --every %s: write seconds, from 1 to %d",
			 value, EVERY_MAX);
		return false;
	}
	((struct settings *)settings)->every = (unsigned int)seconds;
	return true;
}

static const struct option_spec options[] = {
	OPTION_CONFIG,
	OPTION_JSON,
	{ "fall-back", 0, NULL,
	  "apply: if the file has errors, take the last\n"
	  "good policy, or the defaults",
	  take_fall_back },
	{ "yes", 'y', NULL, "remove: do not ask", take_yes },
	{ "every", 0, "SECONDS", "watch: how often to look, default 10",
	  take_every },
	{ 0 },
};

static enum exit_status print_changed(const struct settings *settings,
				      bool changed, const char *text)
{
	if (!settings->common.json) {
		puts(text);
		return EXIT_DONE;
	}
	if (output_line(json_pack("{s:b}", "changed", changed), stdout))
		return EXIT_DONE;
	complain("out of memory");
	return EXIT_INTERNAL;
}

static void warn_of_open(const struct policy *policy)
{
	if (policy->redirect.hooks &&
	    policy->redirect.on_failure == FAILURE_OPEN)
		complain("warning: redirect.on_failure is \"open\": while "
			 "statewalld is away everything passes");
}

static enum exit_status apply(const struct settings *settings)
{
	struct policy *policy =
		redirect_policy(settings->common.config, settings->falls_back);
	enum exit_status status;
	bool changed = false;

	if (!policy)
		return EXIT_NO;
	status = redirect_apply(policy, &changed);
	if (status == EXIT_DONE) {
		warn_of_open(policy);
		status = print_changed(
			settings, changed,
			!changed ? "nothing to be done: it is in place"
			: policy->redirect.hooks
				? "the redirection is in place"
				: "the redirection is removed: redirect.hooks "
				  "is empty");
	}
	policy_destroy(policy);
	return status;
}

/* Only a person can be asked; a script has said what it wants. */
static bool is_confirmed(const struct settings *settings)
{
	char answer[8] = "";

	if (settings->yes || !isatty(STDIN_FILENO))
		return true;
	printf("No packet of this machine will be filtered by statewalld any "
	       "more.  Remove? [y/N] ");
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

static enum exit_status remove_all(const struct settings *settings)
{
	enum exit_status status;
	bool changed;

	if (!is_confirmed(settings)) {
		complain("redirect: not confirmed, nothing is changed");
		return EXIT_TIMED_OUT;
	}
	status = redirect_remove(&changed);
	if (status != EXIT_DONE)
		return status;
	return print_changed(settings, changed,
			     changed ? "the redirection is removed: this "
				       "machine is not filtered by statewalld"
				     : "nothing to be done: it is not there");
}

static enum exit_status print_report(const struct settings *settings,
				     const struct redirect_report *report)
{
	if (!settings->common.json) {
		redirect_report_print(report);
	} else if (!redirect_report_print_json(report)) {
		complain("out of memory");
		return EXIT_INTERNAL;
	}
	return redirect_report_is_good(report) ? EXIT_DONE : EXIT_NO;
}

static enum exit_status print_status(const struct settings *settings)
{
	struct policy *policy = redirect_policy(settings->common.config, false);
	struct redirect_report report = { .policy = policy };
	enum exit_status status = EXIT_DONE;

	if (!policy)
		return EXIT_NO;
	for (unsigned int i = 0; i < FAMILY_COUNT && status == EXIT_DONE; i++) {
		report.has_family[i] = redirect_has_family((enum family)i);
		if (report.has_family[i])
			status = redirect_look(policy, (enum family)i,
					       &report.states[i]);
	}
	report.queues_bound = redirect_queues_bound(policy);
	report.conntrack_max = redirect_conntrack_max();
	report.conntrack_wanted = redirect_conntrack_wanted(policy);
	if (status == EXIT_DONE)
		status = print_report(settings, &report);
	policy_destroy(policy);
	return status;
}

static enum exit_status watch(const struct settings *settings)
{
	const struct redirect_watch params = {
		.config = settings->common.config,
		.every = settings->every,
	};

	return redirect_watch(&params);
}

static const struct subcommand {
	const char *name;
	enum exit_status (*run)(const struct settings *settings);
} subcommands[] = {
	{ "apply", apply },
	{ "remove", remove_all },
	{ "status", print_status },
	{ "watch", watch },
};

static const struct subcommand *find_subcommand(const char *word)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]);
	     i++)
		if (word && strcmp(subcommands[i].name, word) == 0)
			return &subcommands[i];
	if (word)
		complain("redirect: \"%s\" is not one of apply, remove, status "
			 "and watch",
			 word);
	else
		complain("redirect: say what to do: apply, remove, status or "
			 "watch");
	return NULL;
}

static enum exit_status run(int argc, char *argv[])
{
	struct settings settings = { .common = COMMON_DEFAULTS,
				     .every = EVERY_DEFAULT };
	const struct subcommand *subcommand;
	enum exit_status status;

	if (!options_parse(&cmd_redirect, &settings, argc, argv, &status))
		return status;
	subcommand = find_subcommand(argv[optind]);
	if (!subcommand)
		return options_fault(&cmd_redirect);
	status = redirect_check_permission();
	return status == EXIT_DONE ? subcommand->run(&settings) : status;
}

const struct command cmd_redirect = {
	.name = "redirect",
	.operands = "apply|remove|status|watch",
	.operand_max = 1,
	.summary = "Have the kernel hand packets to statewalld",
	.options = options,
	.run = run,
};
