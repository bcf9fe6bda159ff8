/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall explain: what would become of one packet, and why?
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/explain.h"
#include "tool/command.h"
#include "tool/explain_print.h"
#include "tool/options.h"
#include "tool/routing.h"
#include "tool/usage.h"

enum { PACKET_TEXT_LEN = 600 };

struct settings {
	struct common common;
	struct expression_self self;
	bool is_verbose;
};

static bool take_verbose(void *settings, const char *value)
{
	(void)value;
	((struct settings *)settings)->is_verbose = true;
	return true;
}

static bool take_self(void *settings, const char *value)
{
	struct expression_self *self = &((struct settings *)settings)->self;
	struct expression_fault fault;
	bool ok = expression_add_self(self, value, &fault);

	if (!ok)
		complain("explain: --self: %s", fault.text);
	return ok;
}

static const struct option_spec options[] = {
	OPTION_CONFIG,
	OPTION_JSON,
	{ NULL, 'v', NULL, "show all rules that were passed over",
	  take_verbose },
	{ "self", 0, "ADDR[,...]",
	  "addresses of the firewall; the first one is what\n"
	  "\"self\" means in PACKET",
	  take_self },
	{ 0 },
};

/* The words of the packet; they may be one operand or several. */
static bool join(int count, char *words[], char text[PACKET_TEXT_LEN])
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		size_t more = strlen(words[i]);

		if (len + more + 2 > PACKET_TEXT_LEN)
			return false;
		len += (size_t)snprintf(text + len, PACKET_TEXT_LEN - len,
					"%s%s", i > 0 ? " " : "", words[i]);
	}
	return true;
}

/* The text, and below it where the fault is. */
static void complain_packet(const char *text,
			    const struct expression_fault *fault)
{
	complain("explain: %s\n  %s\n  %*s^", fault->text, text,
		 (int)fault->column - 1, "");
}

/* What makes the answer worthless, as in a replay. */
static void advise(const struct explanation *e)
{
	const struct passage *passage = &e->played.passage;
	const struct ruleset *rules = e->policy->rules;

	if (!e->is_asked || !ruleset_zone_at(rules, 0))
		return;
	if (passage_is_open(passage))
		complain("note: it is not known by which interface the packet "
			 "leaves, so no rule matches that names a zone it goes "
			 "to; \"out IFACE\" says it");
	routing_advise_interface(rules, passage->indev, "\"in\"");
	routing_advise_interface(rules, passage->outdev, "\"out\"");
}

static enum exit_status print(const struct settings *settings,
			      const struct explanation *e)
{
	advise(e);
	if (!settings->common.json) {
		explain_print_text(e, settings->common.config,
				   settings->is_verbose, stdout);
	} else if (!explain_print_json(e, stdout)) {
		complain("out of memory");
		return EXIT_INTERNAL;
	}
	return e->played.verdict.action == ACTION_ACCEPT ? EXIT_DONE : EXIT_NO;
}

static enum exit_status explain_packet(const struct settings *settings,
				       const struct expression *expr)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = policy_load(settings->common.config, &diags);
	enum exit_status status = EXIT_INTERNAL;
	struct explanation *explanation;

	if (!policy)
		diagnostics_print(&diags, stderr);
	diagnostics_fini(&diags);
	if (!policy)
		return EXIT_NO;
	explanation = explain(policy, expr, (int64_t)time(NULL) * 1000);
	if (explanation)
		status = print(settings, explanation);
	else
		complain("out of memory");
	explanation_destroy(explanation);
	policy_destroy(policy);
	return status;
}

static enum exit_status run(int argc, char *argv[])
{
	struct settings settings = { .common = COMMON_DEFAULTS };
	struct expression_fault fault;
	struct expression expr;
	enum exit_status status;
	char text[PACKET_TEXT_LEN];

	if (!options_parse(&cmd_explain, &settings, argc, argv, &status))
		return status;
	if (!join(argc - optind, argv + optind, text)) {
		complain("explain: the packet is too long");
		return options_fault(&cmd_explain);
	}
	if (!expression_parse(&expr, text, &settings.self, &fault)) {
		complain_packet(text, &fault);
		return options_fault(&cmd_explain);
	}
	if (expr.is_handshake) {
		complain("explain: \"connect\" is three packets: ask for the "
			 "first one with S");
		return options_fault(&cmd_explain);
	}
	return explain_packet(&settings, &expr);
}

const struct command cmd_explain = {
	.name = "explain",
	.operands = "[in IFACE] [out IFACE] PROTO SRC[:PORT] '>' DST[:PORT] "
		    "[WORD]...",
	.operand_max = 64,
	.summary = "Say what would become of a packet, and why",
	.options = options,
	.run = run,
};
