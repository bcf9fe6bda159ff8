/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of rules.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/classifier_state.h"

/* Stored as sparse: less than a fourth of the words. */
enum { SPARSE_WORTH = 4 };

bool set_init(struct set *set, const struct classifier *c)
{
	set->words = calloc(c->words ? c->words : 1, sizeof(uint64_t));
	set->summary =
		calloc(c->summaries ? c->summaries : 1, sizeof(uint64_t));
	return set->words && set->summary;
}

void set_fini(struct set *set)
{
	free(set->words);
	free(set->summary);
	free(set->sparse);
}

void set_add(struct set *set, uint32_t rule)
{
	size_t word = rule / 64;

	set->words[word] |= (uint64_t)1 << rule % 64;
	set->summary[word / 64] |= (uint64_t)1 << word % 64;
}

void set_remove(struct set *set, uint32_t rule)
{
	size_t word = rule / 64;

	set->words[word] &= ~((uint64_t)1 << rule % 64);
	if (!set->words[word])
		set->summary[word / 64] &= ~((uint64_t)1 << word % 64);
}

static void fill_sparse(struct set *copy, const struct set *set, size_t words)
{
	for (uint32_t i = 0; i < words; i++)
		if (set->words[i])
			copy->sparse[copy->sparse_len++] =
				(struct sparse_word){ i, set->words[i] };
}

static size_t count_words(const struct set *set, size_t words)
{
	size_t count = 0;

	for (size_t i = 0; i < words; i++)
		count += set->words[i] != 0;
	return count;
}

bool set_copy(struct set *copy, const struct set *set,
	      const struct classifier *c, size_t *space)
{
	size_t used = count_words(set, c->words);
	size_t summary_size = c->summaries * sizeof(uint64_t);
	bool is_sparse = used * SPARSE_WORTH < c->words;

	copy->summary = calloc(c->summaries + 1, sizeof(uint64_t));
	if (!copy->summary)
		return false;
	memcpy(copy->summary, set->summary, summary_size);
	*space += summary_size + (is_sparse ? used * sizeof(*copy->sparse)
					    : c->words * sizeof(uint64_t));
	if (is_sparse) {
		copy->sparse = calloc(used + 1, sizeof(*copy->sparse));
		if (copy->sparse)
			fill_sparse(copy, set, c->words);
		return copy->sparse != NULL;
	}
	copy->words = calloc(c->words, sizeof(uint64_t));
	if (copy->words)
		memcpy(copy->words, set->words, c->words * sizeof(uint64_t));
	return copy->words != NULL;
}
