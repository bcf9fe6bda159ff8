/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy in force.
 */
#include "daemon/inforce.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"

struct inforce {
	pthread_mutex_t lock;
	struct dataplane *dataplane;
	const struct policy *policy;
	struct policy *owned; /* .policy, unless that is the first one */
	struct inforce_info info;
};

static void note_loaded(struct inforce *inforce, const char *author)
{
	struct inforce_info *info = &inforce->info;

	info->generation++;
	info->loaded = clock_now() + clock_wall();
	info->faults = 0;
	info->rules = ruleset_rule_count(dataplane_rules(inforce->dataplane));
	(void)snprintf(info->author, sizeof(info->author), "%s", author);
}

struct inforce *inforce_create(struct dataplane *dataplane,
			       const struct policy *first, bool fallen_back)
{
	struct inforce *inforce = calloc(1, sizeof(*inforce));

	if (!inforce)
		return NULL;
	pthread_mutex_init(&inforce->lock, NULL);
	inforce->dataplane = dataplane;
	inforce->policy = first;
	note_loaded(inforce, "the start");
	inforce->info.fallen_back = fallen_back;
	return inforce;
}

void inforce_destroy(struct inforce *inforce)
{
	if (!inforce)
		return;
	pthread_mutex_destroy(&inforce->lock);
	policy_destroy(inforce->owned);
	free(inforce);
}

void inforce_hold(struct inforce *inforce)
{
	pthread_mutex_lock(&inforce->lock);
}

void inforce_release(struct inforce *inforce)
{
	pthread_mutex_unlock(&inforce->lock);
}

const struct policy *inforce_policy(const struct inforce *inforce)
{
	return inforce->policy;
}

const struct ruleset *inforce_rules(const struct inforce *inforce)
{
	return dataplane_rules(inforce->dataplane);
}

bool inforce_exchange(struct inforce *inforce, struct policy *policy,
		      const char *author)
{
	struct policy *before = inforce->owned;
	bool ok;

	inforce_hold(inforce);
	ok = dataplane_set_rules(inforce->dataplane, policy->rules);
	if (ok) {
		/* They are the data plane's now. */
		(void)policy_take_rules(policy);
		inforce->policy = inforce->owned = policy;
		note_loaded(inforce, author);
		inforce->info.fallen_back = false;
	}
	inforce_release(inforce);
	if (ok)
		policy_destroy(before);
	return ok;
}

void inforce_note_faults(struct inforce *inforce, size_t faults)
{
	inforce_hold(inforce);
	inforce->info.faults = faults;
	inforce_release(inforce);
}

struct inforce_info inforce_info(struct inforce *inforce)
{
	struct inforce_info info;

	inforce_hold(inforce);
	info = inforce->info;
	inforce_release(inforce);
	return info;
}
