/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy in force, with what people want to know of it: where its rules
 * stand, which generation it is, who loaded it and when.
 *
 * The main thread alone exchanges it and changes its tables, and holds it while
 * it does.  Another thread that looks at it holds it as well, for as long as a
 * small part of its work takes; the workers never do.  Whoever holds it may
 * take the lock of a shard, not the other way round.
 */
#ifndef DAEMON_INFORCE_H
#define DAEMON_INFORCE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/dataplane.h"
#include "policy/policy.h"

struct inforce;

enum { INFORCE_AUTHOR_LEN = 96 };

/* A copy, for anybody. */
struct inforce_info {
	uint64_t generation; /* from 1; one more with each exchange */
	int64_t loaded;      /* Unix time in ms */
	char author[INFORCE_AUTHOR_LEN]; /* "anna (uid 1000, pid 4711)" */
	bool fallen_back; /* it is the last good one, not that of the file */
	size_t faults;    /* errors of the last reading; 0: it is in force */
	size_t rules;
};

/*
 * @first is what the daemon has started with, its rules are those of @dataplane;
 * neither is owned.  NULL: no memory.
 */
struct inforce *inforce_create(struct dataplane *dataplane,
			       const struct policy *first, bool fallen_back);
void inforce_destroy(struct inforce *inforce);

/* See above. */
void inforce_hold(struct inforce *inforce);
void inforce_release(struct inforce *inforce);

/* While it is held: its notes and settings, and its rules. */
const struct policy *inforce_policy(const struct inforce *inforce);
const struct ruleset *inforce_rules(const struct inforce *inforce);

/*
 * Puts @policy in force and owns it, rules and all.  false: no memory; nothing
 * has changed, and @policy is still the caller's.
 */
bool inforce_exchange(struct inforce *inforce, struct policy *policy,
		      const char *author);
/* A policy with so many errors was read, and not put in force. */
void inforce_note_faults(struct inforce *inforce, size_t faults);

struct inforce_info inforce_info(struct inforce *inforce);

#endif
