/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By the programs of iptables, one run for all tables of a family.
 */
#include "tool/redirect.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tool/program.h"
#include "tool/redirect_plan.h"
#include "tool/redirect_rules.h"
#include "tool/usage.h"

/*
 * Two of us at once would both put jumps where there are none.  It is empty
 * unless the redirection was removed on purpose.
 */
static const char lock_path[] = "/run/statewall-redirect.lock";
static const char queues_path[] =
	"/proc/thread-self/net/netfilter/nfnetlink_queue";
static const char conntrack_max_path[] =
	"/proc/sys/net/netfilter/nf_conntrack_max";

enum {
	DRAIN_STEP = 10 /* ms */,
	DRAIN_STEPS = 100,
	CONNTRACK_FACTOR = 2, /* that it never fills before our table */
};

static const struct {
	const char *save;
	const char *restore;
} programs[FAMILY_COUNT] = {
	[FAMILY_INET] = { "iptables-save", "iptables-restore" },
	[FAMILY_INET6] = { "ip6tables-save", "ip6tables-restore" },
};

enum exit_status redirect_check_permission(void)
{
	if (capng_get_caps_process() == 0 &&
	    capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN))
		return EXIT_DONE;
	complain("redirect: not permitted: CAP_NET_ADMIN is missing: run it as "
		 "root");
	return EXIT_NOT_PERMITTED;
}

/* -1: it is left out, where nothing can be written. */
static int take_lock(void)
{
	int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		      0600);

	if (fd >= 0)
		(void)flock(fd, LOCK_EX);
	return fd;
}

static void drop_lock(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

static void note_removed(int lock, bool removed)
{
	if (lock >= 0)
		(void)!ftruncate(lock, removed);
}

bool redirect_was_removed(void)
{
	struct stat st;

	return lstat(lock_path, &st) == 0 && st.st_size > 0;
}

static enum exit_status out_of_memory(void)
{
	complain("out of memory");
	return EXIT_INTERNAL;
}

static enum exit_status tell_not_started(const char *program, int error)
{
	if (error == ENOENT)
		complain("%s is not in PATH: install the package iptables",
			 program);
	else
		complain("%s cannot be started: %s", program, strerror(error));
	return EXIT_NO;
}

/* A line of what we gave to the program, or NULL. */
static const char *find_line(const char *text, unsigned long number)
{
	while (text && number > 1) {
		text = strchr(text, '\n');
		if (text)
			text++;
		number--;
	}
	return number == 1 ? text : NULL;
}

static void tell_failure(const char *program, const char *input,
			 const struct program_result *result)
{
	const char *where = strstr(result->errors, "line ");
	size_t len = strlen(result->errors);
	const char *line = NULL;

	while (len > 0 && result->errors[len - 1] == '\n')
		len--;
	complain("%s: exit status %d: %.*s", program, result->status, (int)len,
		 result->errors);
	if (where)
		line = find_line(input, strtoul(where + 5, NULL, 10));
	if (line && *line)
		fprintf(stderr, "It is about: %.*s\n", (int)strcspn(line, "\n"),
			line);
	fputs("If something is not known there, modules of the kernel may be "
	      "missing:\nmodprobe -a nfnetlink_queue xt_NFQUEUE xt_mark "
	      "xt_conntrack xt_socket\n",
	      stderr);
}

static enum exit_status read_rules(enum family family, struct saved *saved)
{
	const char *const argv[] = { programs[family].save, "-c", NULL };
	enum exit_status status = EXIT_DONE;
	struct program_result result;
	int r = program_run(argv, "", &result);

	if (r < 0)
		return tell_not_started(argv[0], -r);
	if (result.status != 0) {
		tell_failure(argv[0], "", &result);
		status = EXIT_NO;
	} else if (!saved_parse(saved, result.output)) {
		status = out_of_memory();
	}
	program_result_fini(&result);
	return status;
}

static enum exit_status write_rules(enum family family, const char *text)
{
	const char *const argv[] = { programs[family].restore, "--noflush",
				     "-w", "10", NULL };
	enum exit_status status = EXIT_DONE;
	struct program_result result;
	int r;

	if (!*text)
		return EXIT_DONE;
	r = program_run(argv, text, &result);
	if (r < 0)
		return tell_not_started(argv[0], -r);
	if (result.status != 0) {
		tell_failure(argv[0], text, &result);
		status = EXIT_NO;
	}
	program_result_fini(&result);
	return status;
}

/* The rules that there should be; @policy is NULL: none. */
static bool make_wanted(const struct policy *policy, enum family family,
			struct saved *wanted)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool ok = out != NULL;

	if (out && policy)
		redirect_rules_print(policy, family, out);
	if (out)
		ok = fclose(out) == 0;
	ok = ok && saved_parse(wanted, text);
	free(text);
	return ok;
}

/* NULL: no memory. */
static char *make_plan(const struct saved *current, const struct saved *wanted)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	if (wanted)
		redirect_plan_print(current, wanted, out);
	else
		redirect_plan_print_unhook(current, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Makes one family what it should be; @wanted is NULL: unhooks it. */
static enum exit_status change(enum family family, const struct saved *wanted,
			       bool *changed)
{
	enum exit_status status;
	struct saved current;
	char *plan;

	status = read_rules(family, &current);
	if (status != EXIT_DONE)
		return status;
	plan = make_plan(&current, wanted);
	status = plan ? write_rules(family, plan) : out_of_memory();
	*changed = *changed || (plan && *plan);
	free(plan);
	saved_fini(&current);
	return status;
}

bool redirect_has_family(enum family family)
{
	return family != FAMILY_INET6 ||
	       access("/proc/net/if_inet6", F_OK) == 0;
}

static enum exit_status make_family(const struct policy *policy,
				    enum family family, bool *changed)
{
	enum exit_status status;
	struct saved wanted;

	if (!redirect_has_family(family))
		return EXIT_DONE;
	if (!make_wanted(policy, family, &wanted))
		return out_of_memory();
	status = change(family, &wanted, changed);
	saved_fini(&wanted);
	return status;
}

static enum exit_status make_all(const struct policy *policy, bool *changed)
{
	enum exit_status status = EXIT_DONE;

	for (unsigned int i = 0; i < FAMILY_COUNT && status == EXIT_DONE; i++)
		status = make_family(policy, (enum family)i, changed);
	return status;
}

/* conntrack */

unsigned long redirect_conntrack_max(void)
{
	FILE *in = fopen(conntrack_max_path, "re");
	unsigned long max = 0;
	char line[32];

	if (!in)
		return 0;
	if (fgets(line, sizeof(line), in))
		max = strtoul(line, NULL, 10);
	(void)fclose(in);
	return max;
}

unsigned long redirect_conntrack_wanted(const struct policy *policy)
{
	if (!policy->redirect.hooks || !policy->rescue.established)
		return 0;
	return CONNTRACK_FACTOR * policy->max_conns;
}

/*
 * The kernel tracks what it has yet to hand over, and drops what finds no room.
 * Who has a table that is too small is told by redirect status.
 */
static void raise_conntrack_max(const struct policy *policy)
{
	unsigned long wanted = redirect_conntrack_wanted(policy);
	FILE *out;

	if (redirect_conntrack_max() >= wanted)
		return;
	out = fopen(conntrack_max_path, "we");
	if (!out)
		return;
	fprintf(out, "%lu\n", wanted);
	(void)fclose(out);
}

/* With the lock. */
static enum exit_status apply(const struct policy *policy, bool *changed)
{
	enum exit_status status = make_all(policy, changed);

	if (status == EXIT_DONE)
		raise_conntrack_max(policy);
	return status;
}

enum exit_status redirect_apply(const struct policy *policy, bool *changed)
{
	int lock = take_lock();
	enum exit_status status;

	*changed = false;
	note_removed(lock, false);
	status = apply(policy, changed);
	drop_lock(lock);
	return status;
}

enum exit_status redirect_mend(const struct policy *policy, bool *changed)
{
	int lock = take_lock();
	enum exit_status status = EXIT_DONE;

	*changed = false;
	if (!redirect_was_removed())
		status = apply(policy, changed);
	drop_lock(lock);
	return status;
}

/* queues */

/* Packets that wait in any queue of this network namespace. */
static unsigned long count_waiting(void)
{
	FILE *list = fopen(queues_path, "re");
	unsigned long sum = 0;
	unsigned long waiting;

	if (!list)
		return 0;
	/* The kernel's numbers fit. */
	/* NOLINTNEXTLINE(cert-err34-c) */
	while (fscanf(list, "%*u %*u %lu%*[^\n]", &waiting) == 1)
		sum += waiting;
	(void)fclose(list);
	return sum;
}

unsigned int redirect_queues_bound(const struct policy *policy)
{
	FILE *list = fopen(queues_path, "re");
	unsigned int bound = 0;
	unsigned int number;

	if (!list)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c) */
	while (fscanf(list, "%u%*[^\n]", &number) == 1)
		bound += number >= policy->queue_first &&
			 number <= policy->queue_last;
	(void)fclose(list);
	return bound;
}

/* A daemon that hangs does not keep us for ever. */
static void wait_until_judged(void)
{
	const struct timespec step = { .tv_nsec = DRAIN_STEP * 1000000L };

	for (int i = 0; i < DRAIN_STEPS && count_waiting() > 0; i++)
		(void)nanosleep(&step, NULL);
}

enum exit_status redirect_remove(bool *changed)
{
	enum exit_status status = EXIT_DONE;
	int lock = take_lock();

	*changed = false;
	note_removed(lock, true);
	for (unsigned int i = 0; i < FAMILY_COUNT && status == EXIT_DONE; i++)
		if (redirect_has_family((enum family)i))
			status = change((enum family)i, NULL, changed);
	if (*changed)
		wait_until_judged();
	if (status == EXIT_DONE)
		status = make_all(NULL, changed);
	drop_lock(lock);
	return status;
}

enum exit_status redirect_look(const struct policy *policy, enum family family,
			       struct redirect_state *state)
{
	enum exit_status status;
	struct saved current;
	struct saved wanted;

	status = read_rules(family, &current);
	if (status != EXIT_DONE)
		return status;
	if (make_wanted(policy, family, &wanted)) {
		*state = redirect_state(&current, &wanted);
		saved_fini(&wanted);
	} else {
		status = out_of_memory();
	}
	saved_fini(&current);
	return status;
}
