/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of the redirection, for people and for programs.
 */
#include "tool/redirect_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool/output.h"

static bool is_wanted(const struct redirect_report *report, unsigned int family)
{
	return report->has_family[family] && report->policy->redirect.hooks &&
	       report->policy->redirect.families >> family & 1;
}

static bool is_good(const struct redirect_report *report, unsigned int family)
{
	enum redirect_condition condition = report->states[family].condition;

	if (!report->has_family[family])
		return true;
	return is_wanted(report, family) ? condition == REDIRECT_INSTALLED
					 : condition == REDIRECT_ABSENT;
}

bool redirect_report_is_good(const struct redirect_report *report)
{
	bool good = true;

	for (unsigned int i = 0; i < FAMILY_COUNT; i++)
		good = good && is_good(report, i);
	return good;
}

static void print_words(unsigned int bits, const char *const *names)
{
	for (unsigned int i = 0; bits >> i; i++)
		if (bits >> i & 1)
			printf("%s ", names[i]);
}

static void print_queues(const struct policy *policy)
{
	if (policy->queue_first == policy->queue_last)
		printf("queue %u", policy->queue_first);
	else
		printf("queues %u-%u", policy->queue_first, policy->queue_last);
}

void redirect_summary_print(const struct policy *policy)
{
	print_words(policy->redirect.hooks, hook_names);
	printf("to ");
	print_queues(policy);
}

static const char *describe(const struct redirect_report *report,
			    unsigned int family)
{
	static const char *const words[REDIRECT_CONDITION_COUNT] = {
		[REDIRECT_INSTALLED] = "in place",
		[REDIRECT_DAMAGED] = "not as it should be",
		[REDIRECT_BEHIND] = "in place, but other rules come first",
		[REDIRECT_ABSENT] = "not there",
	};
	enum redirect_condition condition = report->states[family].condition;

	if (!report->has_family[family])
		return "this kernel does not have it";
	if (!is_wanted(report, family) && condition == REDIRECT_ABSENT)
		return "not handed over";
	return words[condition];
}

static void print_family(const struct redirect_report *report,
			 unsigned int family)
{
	const struct redirect_state *state = &report->states[family];

	printf("  %-10s%s", redirect_family_names[family],
	       describe(report, family));
	if (state->table && !is_good(report, family))
		printf(": see iptables-save -t %s", state->table);
	putchar('\n');
	if (state->rescue_passed + state->rescue_dropped > 0)
		printf("            not judged by statewalld: %" PRIu64
		       " packets passed, %" PRIu64 " dropped\n",
		       state->rescue_passed, state->rescue_dropped);
	if (state->unreached > 0)
		printf("            %zu rule%s of others in mangle behind "
		       "NFQUEUE, which ends that table\n",
		       state->unreached, state->unreached == 1 ? "" : "s");
}

static void print_conntrack(const struct redirect_report *report)
{
	if (report->conntrack_wanted == 0)
		return;
	printf("  conntrack room for %lu connections in the kernel",
	       report->conntrack_max);
	if (report->conntrack_max < report->conntrack_wanted)
		printf(": too few, set net.netfilter.nf_conntrack_max to %lu",
		       report->conntrack_wanted);
	else
		printf(", at least %lu are wanted", report->conntrack_wanted);
	putchar('\n');
}

void redirect_report_print(const struct redirect_report *report)
{
	const struct policy *policy = report->policy;

	if (policy->redirect.hooks) {
		printf("hands ");
		redirect_summary_print(policy);
		printf(", of which %u of %d %s bound; on failure: %s\n",
		       report->queues_bound,
		       policy->queue_last - policy->queue_first + 1,
		       report->queues_bound == 1 ? "is" : "are",
		       redirect_failure_names[policy->redirect.on_failure]);
	} else {
		puts("hands nothing over: redirect.hooks is empty");
	}
	for (unsigned int i = 0; i < FAMILY_COUNT; i++)
		print_family(report, i);
	print_conntrack(report);
}

static json_t *describe_family(const struct redirect_report *report,
			       unsigned int family)
{
	const struct redirect_state *state = &report->states[family];

	return json_pack("{s:s, s:b, s:b, s:s, s:o, s:I, s:I, s:I}", "family",
			 redirect_family_names[family], "wanted",
			 is_wanted(report, family), "good",
			 is_good(report, family), "condition",
			 redirect_condition_names[state->condition], "table",
			 state->table ? json_string(state->table) : json_null(),
			 "rescue_passed", (json_int_t)state->rescue_passed,
			 "rescue_dropped", (json_int_t)state->rescue_dropped,
			 "unreached", (json_int_t)state->unreached);
}

bool redirect_report_print_json(const struct redirect_report *report)
{
	const struct policy *policy = report->policy;
	json_t *hooks = json_array();
	json_t *families = json_array();

	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (policy->redirect.hooks >> i & 1)
			(void)json_array_append_new(hooks,
						    json_string(hook_names[i]));
	for (unsigned int i = 0; i < FAMILY_COUNT; i++)
		(void)json_array_append_new(families,
					    describe_family(report, i));
	return output_line(
		json_pack("{s:b, s:o, s:I, s:I, s:I, s:s, s:I, s:I, s:o}",
			  "good", redirect_report_is_good(report), "hooks",
			  hooks, "queue_first", (json_int_t)policy->queue_first,
			  "queue_last", (json_int_t)policy->queue_last,
			  "queues_bound", (json_int_t)report->queues_bound,
			  "on_failure",
			  redirect_failure_names[policy->redirect.on_failure],
			  "conntrack_max", (json_int_t)report->conntrack_max,
			  "conntrack_wanted",
			  (json_int_t)report->conntrack_wanted, "families",
			  families),
		stdout);
}
