/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holds our verdict against the kernel's.
 */
#include "conntrack/contest.h"

#include <stdio.h>

enum { COMPLAINTS_MAX = 20 };

void contest_begin(struct contest *contest)
{
	const struct terms terms = { 0 };

	kernel_set_terms(contest->kernel, &terms);
	ours_restart(contest->ours);
}

void contest_set_terms(struct contest *contest, const struct terms *terms)
{
	kernel_set_terms(contest->kernel, terms);
	ours_set_terms(contest->ours, terms);
}

/* As a line of the list would have it. */
static void complain(struct contest *contest, const struct dispute *dispute)
{
	if (++contest->unexplained <= COMPLAINTS_MAX)
		printf("not in %s: %s %s %s %s\n", contest->known.file,
		       dispute->scenario,
		       dispute->kernel_accepts ? "accept drop" : "drop accept",
		       dispute->reason, dispute->packet);
}

struct outcome contest_judge(struct contest *contest, const struct trial *trial)
{
	const struct outcome outcome = {
		.kernel_accepts =
			kernel_forwards(contest->kernel, trial->from_inside,
					trial->packet, trial->len),
		.ours = ours_judge(contest->ours, trial->from_inside,
				   trial->packet, trial->len, trial->now),
	};
	const struct dispute dispute = {
		.scenario = trial->scenario,
		.packet = trial->name,
		.kernel_accepts = outcome.kernel_accepts,
		.reason = reason_info[outcome.ours.reason].name,
	};
	bool ours_accepts = outcome.ours.action == ACTION_ACCEPT;

	contest->packets++;
	if (ours_accepts == outcome.kernel_accepts)
		return outcome;
	if (differences_explain(&contest->known, &dispute))
		contest->explained++;
	else
		complain(contest, &dispute);
	return outcome;
}

void contest_object(struct contest *contest, const struct trial *trial,
		    const struct outcome *outcome)
{
	if (++contest->wrong <= COMPLAINTS_MAX)
		printf("we judge wrongly: %s %s: %s, %s\n", trial->scenario,
		       trial->name, action_names[outcome->ours.action],
		       reason_info[outcome->ours.reason].name);
}

/* @unknown: what the list has not, or has in vain. */
static const char *result(struct contest *contest, size_t unknown)
{
	if (!contest->wrong && !unknown)
		return "ok";
	if (!contest->wrong && !contest->known.is_for_this_kernel)
		return "skip";
	contest->has_failed = true;
	return "FAIL";
}

void contest_report(struct contest *contest, const char *name)
{
	printf("%s conntrack: %s: %zu packets, %zu judged otherwise for a "
	       "reason, %zu for none, %zu wrongly\n",
	       result(contest, contest->unexplained), name, contest->packets,
	       contest->explained, contest->unexplained, contest->wrong);
	contest->packets = 0;
	contest->explained = 0;
	contest->unexplained = 0;
	contest->wrong = 0;
}

void contest_finish(struct contest *contest)
{
	size_t needless = differences_find_needless(&contest->known);

	printf("%s conntrack: the list of differences: %zu lines, %zu "
	       "needless\n",
	       result(contest, needless), contest->known.count, needless);
}
