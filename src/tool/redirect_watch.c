/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts back what somebody has taken away: an "iptables -F", another program
 * that thinks the tables are its own.
 *
 * It looks every few seconds, and at once when the kernel says that rules of
 * nf_tables have changed, of which iptables-nft makes its own.  Those of
 * iptables-legacy change in silence.  Rules in front of ours are told and left:
 * two programs that both want to be first would never come to an end.
 */
#include "tool/redirect_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tool/redirect.h"
#include "tool/redirect_policy.h"
#include "tool/usage.h"

enum {
	SETTLE = 200 /* ms: changes come in many pieces */,
	TELL_OVERLOAD = 60 /* seconds between two lines about it */,
};

/* What was told, and need not be again. */
struct watcher {
	const struct redirect_watch *params;
	struct policy
		*policy; /* what is in force, whatever the file says now */
	struct redirect_state before[FAMILY_COUNT];
	bool has_looked;
	time_t overload_told;
};

/* The journal takes the level from the beginning of a line. */
__attribute__((format(printf, 2, 3))) static void say(const char *level,
						      const char *format, ...)
{
	va_list args;

	if (getenv("JOURNAL_STREAM"))
		printf("<%s>", level);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	putchar('\n');
	(void)fflush(stdout);
}

#define ALERT   "1"
#define WARNING "4"
#define NOTICE  "5"

/* -1: there is none, and we only look every few seconds. */
static int open_events(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1U << (NFNLGRP_NFTABLES - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_NETFILTER);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* What they say does not matter; that some were lost does not, either. */
static void pass_over(int fd)
{
	char buffer[256];

	while (recv(fd, buffer, sizeof(buffer), 0) > 0 || errno == ENOBUFS)
		;
}

static void wait_for_change(int events, unsigned int seconds)
{
	const struct timespec settle = { .tv_nsec = SETTLE * 1000000L };
	struct pollfd pollfd = { .fd = events, .events = POLLIN };

	if (poll(&pollfd, 1, (int)seconds * 1000) <= 0)
		return;
	(void)nanosleep(&settle, NULL);
	pass_over(events);
}

static bool is_missing(const struct redirect_state *state)
{
	return state->condition == REDIRECT_DAMAGED ||
	       state->condition == REDIRECT_ABSENT;
}

static void tell_behind(const struct redirect_state *state,
			const struct redirect_state *before, const char *family)
{
	if (state->condition == REDIRECT_BEHIND &&
	    before->condition != REDIRECT_BEHIND)
		say(WARNING,
		    "%s: other rules of table %s stand before ours and are "
		    "asked first; \"statewall redirect apply\" puts ours first",
		    family, state->table);
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* Their counters are the only place where it shows. */
static void tell_overload(struct watcher *watcher,
			  const struct redirect_state *state,
			  struct redirect_state *before, const char *family)
{
	uint64_t passed = grown(state->rescue_passed, before->rescue_passed);
	uint64_t dropped = grown(state->rescue_dropped, before->rescue_dropped);
	time_t now = time(NULL);

	if (passed + dropped == 0 ||
	    now - watcher->overload_told < TELL_OVERLOAD)
		return;
	say(WARNING,
	    "%s: overload: %" PRIu64 " packets were not judged by statewalld, "
	    "which is away or cannot keep up: the rescue rules let %" PRIu64
	    " pass and dropped %" PRIu64,
	    family, passed + dropped, passed, dropped);
	watcher->overload_told = now;
	before->rescue_passed = state->rescue_passed;
	before->rescue_dropped = state->rescue_dropped;
}

/* Counters that went back were begun anew. */
static void remember(struct redirect_state *before,
		     const struct redirect_state *state, bool first)
{
	before->condition = state->condition;
	before->table = state->table;
	if (first || state->rescue_passed < before->rescue_passed ||
	    state->rescue_dropped < before->rescue_dropped) {
		before->rescue_passed = state->rescue_passed;
		before->rescue_dropped = state->rescue_dropped;
	}
}

/* Tells what is new. */
static void take(struct watcher *watcher, enum family family,
		 const struct redirect_state *state)
{
	struct redirect_state *before = &watcher->before[family];
	const char *name = redirect_family_names[family];

	if (is_missing(state) && !is_missing(before) && !redirect_was_removed())
		say(ALERT,
		    "%s: rules of the redirection are missing or changed%s%s",
		    name, state->table ? ", in table " : "",
		    state->table ? state->table : "");
	tell_behind(state, before, name);
	if (watcher->has_looked)
		tell_overload(watcher, state, before, name);
	remember(before, state, !watcher->has_looked);
}

static bool is_watched(const struct policy *policy, enum family family)
{
	return policy->redirect.hooks && redirect_has_family(family) &&
	       policy->redirect.families >> family & 1;
}

static void mend(struct watcher *watcher)
{
	bool changed;

	if (!watcher->policy->redirect.self_heal) {
		say(NOTICE, "redirect.self_heal is false: it is left so");
		return;
	}
	if (redirect_mend(watcher->policy, &changed) != EXIT_DONE)
		return;
	if (changed)
		say(NOTICE, "the redirection is in place again");
	for (unsigned int i = 0; i < FAMILY_COUNT; i++)
		watcher->before[i] = (struct redirect_state){ 0 };
}

/* false: it cannot be looked at. */
static bool look_at_all(const struct policy *policy,
			struct redirect_state states[FAMILY_COUNT],
			bool *missing)
{
	*missing = false;
	for (unsigned int i = 0; i < FAMILY_COUNT; i++) {
		if (!is_watched(policy, (enum family)i))
			continue;
		if (redirect_look(policy, (enum family)i, &states[i]) !=
		    EXIT_DONE)
			return false;
		*missing = *missing || is_missing(&states[i]);
	}
	return true;
}

/* "statewall redirect apply" with another file is no damage. */
static bool adopt(struct watcher *watcher)
{
	struct redirect_state states[FAMILY_COUNT] = { 0 };
	struct policy *policy = redirect_policy(watcher->params->config, false);
	bool missing;

	if (!policy || !look_at_all(policy, states, &missing) || missing) {
		policy_destroy(policy);
		return false;
	}
	policy_destroy(watcher->policy);
	watcher->policy = policy;
	return true;
}

/* false: it cannot be looked at. */
static bool look(struct watcher *watcher)
{
	struct redirect_state states[FAMILY_COUNT] = { 0 };
	bool missing;

	if (redirect_was_removed())
		return true;
	if (!look_at_all(watcher->policy, states, &missing))
		return false;
	if (missing && adopt(watcher))
		return true;
	for (unsigned int i = 0; i < FAMILY_COUNT; i++)
		if (is_watched(watcher->policy, (enum family)i))
			take(watcher, (enum family)i, &states[i]);
	watcher->has_looked = true;
	if (missing)
		mend(watcher);
	return true;
}

enum exit_status redirect_watch(const struct redirect_watch *params)
{
	struct watcher watcher = { .params = params };
	int events = open_events();

	watcher.policy = redirect_policy(params->config, true);
	while (watcher.policy && look(&watcher))
		wait_for_change(events, params->every);
	policy_destroy(watcher.policy);
	if (events >= 0)
		(void)close(events);
	return EXIT_NO;
}
