/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring.  Each slot says which decision it holds, and the reader looks
 * before and after it has copied: a sequence lock.  All words are atomic, so
 * that a copy which is overwritten meanwhile is thrown away, and no data race.
 * Stores release and loads acquire, which costs nothing on x86.
 */
#include "daemon/recorder.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = (sizeof(struct decision) + 7) / 8 };

struct slot {
	/* Number of the decision plus 1; 0: none, or it is being written. */
	_Atomic uint64_t holds;
	_Atomic uint64_t words[WORDS];
};

/* All written by the worker. */
struct recorder {
	_Atomic uint64_t count;
	struct slot slots[RECORDER_LEN];
};

struct recorder *recorder_create(void)
{
	return calloc(1, sizeof(struct recorder));
}

void recorder_destroy(struct recorder *recorder)
{
	free(recorder);
}

void recorder_put(struct recorder *recorder, const struct packet *pkt,
		  const struct judged *judged, msec_t now)
{
	uint64_t number =
		atomic_load_explicit(&recorder->count, memory_order_relaxed);
	struct slot *slot = &recorder->slots[number % RECORDER_LEN];
	struct decision decision = {
		.when = now,
		.tuple = pkt->tuple,
		.hook = (uint8_t)pkt->hook,
		.action = (uint8_t)judged->verdict.action,
		.reason = (uint8_t)judged->verdict.reason,
	};
	uint64_t words[WORDS] = { 0 };

	memcpy(decision.rule, judged->decider, sizeof(decision.rule));
	memcpy(words, &decision, sizeof(decision));
	atomic_store_explicit(&slot->holds, 0, memory_order_relaxed);
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&slot->words[i], words[i],
				      memory_order_release);
	atomic_store_explicit(&slot->holds, number + 1, memory_order_release);
	atomic_store_explicit(&recorder->count, number + 1,
			      memory_order_release);
}

uint64_t recorder_count(const struct recorder *recorder)
{
	return atomic_load_explicit(&recorder->count, memory_order_acquire);
}

bool recorder_get(const struct recorder *recorder, uint64_t number,
		  struct decision *decision)
{
	const struct slot *slot = &recorder->slots[number % RECORDER_LEN];
	uint64_t words[WORDS];

	if (atomic_load_explicit(&slot->holds, memory_order_acquire) !=
	    number + 1)
		return false;
	for (size_t i = 0; i < WORDS; i++)
		words[i] = atomic_load_explicit(&slot->words[i],
						memory_order_acquire);
	if (atomic_load_explicit(&slot->holds, memory_order_relaxed) !=
	    number + 1)
		return false;
	memcpy(decision, words, sizeof(*decision));
	return true;
}
