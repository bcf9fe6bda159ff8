/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of settings: words, numbers and durations, and what is wrong with
 * them.
 */
#include <stdio.h>
#include <string.h>

#include "policy/duration.h"
#include "policy/loader.h"
#include "policy/name.h"

size_t loader_value_count(const struct node *node)
{
	return node_type(node) == NODE_LIST ? node_count(node) : 1;
}

const struct node *loader_value(const struct node *node, size_t index)
{
	return node_type(node) == NODE_LIST ? node_child(node, index) : node;
}

const char *loader_next_word(const char **rest, char word[LOADER_WORD_LEN])
{
	const char *at = *rest;
	size_t len;

	if (!at)
		return NULL;
	len = strcspn(at, ",");
	*rest = at[len] == ',' ? at + len + 1 : NULL;
	while (len > 0 && strchr(" \t", *at)) {
		at++;
		len--;
	}
	while (len > 0 && strchr(" \t", at[len - 1]))
		len--;
	if (len >= LOADER_WORD_LEN)
		len = LOADER_WORD_LEN - 1;
	memcpy(word, at, len);
	word[len] = '\0';
	return at;
}

static const char *nth_word(const void *context, size_t index)
{
	const struct words *words = context;

	return index < words->count ? words->list[index] : NULL;
}

bool loader_choice(struct loader *ld, const struct node *node,
		   const char *label, const struct words *words,
		   unsigned int *index)
{
	const struct choices choices = { nth_word, words };
	const char *word = node_string(node);
	char hint[SUGGESTION_LEN];

	for (unsigned int i = 0; i < words->count; i++) {
		if (strcmp(words->list[i], word) != 0)
			continue;
		*index = i;
		return true;
	}
	suggest(hint, word, &choices);
	loader_fault(ld, CODE_UNKNOWN_WORD, node,
		     "%s = \"%.60s\" is not %s\n%s", label, word, words->what,
		     hint);
	return false;
}

bool loader_log(struct loader *ld, const struct node *node, const char *label,
		enum log_amount *amount)
{
	static const struct words words = { policy_log_names, LOG_AMOUNT_COUNT,
					    "possible" };
	unsigned int index = LOG_NONE;

	if (node_type(node) == NODE_BOOL)
		index = node_bool(node) ? LOG_FIRST : LOG_NONE;
	else if (!loader_choice(ld, node, label, &words, &index))
		return false;
	*amount = (enum log_amount)index;
	return true;
}

bool loader_action(struct loader *ld, const struct node *node,
		   const char *label, enum action *action)
{
	static const struct words words = { action_names, ACTION_COUNT,
					    "an action" };
	unsigned int index;

	if (!loader_choice(ld, node, label, &words, &index))
		return false;
	*action = (enum action)index;
	return true;
}

bool loader_number(struct loader *ld, const struct node *node,
		   const char *label, struct bounds bounds, long long *value)
{
	long long number = node_integer(node);

	if (number < bounds.min || number > bounds.max) {
		loader_fault(ld, CODE_OUT_OF_RANGE, node,
			     "%s = %lld is out of range\nwrite a number from "
			     "%lld to %lld",
			     label, number, bounds.min, bounds.max);
		return false;
	}
	*value = number;
	return true;
}

static void report_duration(struct loader *ld, const struct node *node,
			    const char *label, const char *text,
			    enum duration_error error)
{
	switch (error) {
	case DURATION_OK:
		break;
	case DURATION_NO_UNIT:
		loader_fault(ld, CODE_UNIT_MISSING, node,
			     "%s = %.20s: a duration needs a unit\n\"%.20ss\" "
			     "or \"%.20sms\"?",
			     label, text, text, text);
		break;
	case DURATION_SYNTAX:
		loader_fault(ld, CODE_DURATION, node,
			     "%s = \"%.60s\" is not a duration\nwrite "
			     "\"30s\", \"5m\" or \"1h30m\"; units are w d h m "
			     "s ms",
			     label, text);
		break;
	case DURATION_TOO_LONG:
		loader_fault(ld, CODE_OUT_OF_RANGE, node,
			     "%s = \"%.60s\" is too long\nat most \"365d\"",
			     label, text);
		break;
	}
}

static bool take_duration(struct loader *ld, const struct node *node,
			  const char *label, msec_t *value)
{
	const char *text = node_string(node);
	msec_t duration = 0;
	enum duration_error error = duration_parse(&duration, text);

	report_duration(ld, node, label, text, error);
	if (error != DURATION_OK)
		return false;
	if (duration < POLICY_TIMEOUT_MIN) {
		loader_fault(ld, CODE_OUT_OF_RANGE, node,
			     "%s = \"%.60s\" is too short\nat least \"1s\"",
			     label, text);
		return false;
	}
	*value = duration;
	return true;
}

bool loader_duration(struct loader *ld, const struct node *node,
		     const char *label, msec_t *value)
{
	char text[32];

	if (node_type(node) == NODE_STRING)
		return take_duration(ld, node, label, value);
	if (node_type(node) == NODE_INTEGER) {
		(void)snprintf(text, sizeof(text), "%lld", node_integer(node));
		report_duration(ld, node, label, text, DURATION_NO_UNIT);
	} else {
		loader_fault(ld, CODE_TYPE, node,
			     "%s is %s\nwrite a duration such as \"30s\"",
			     label, loader_type_name(node));
	}
	return false;
}

bool loader_is_name(struct loader *ld, const struct node *node,
		    const char *what)
{
	const char *name = node_name(node);

	if (loader_is_mended(ld, node))
		return false;
	if (name_is_valid(name))
		return true;
	loader_fault(ld, CODE_NAME, node,
		     "\"%.60s\" cannot be the name of a %s\nuse up to 48 "
		     "letters, digits, '-' and '_'",
		     name, what);
	return false;
}

bool loader_definition(struct loader *ld, const struct node *node,
		       const char *what, const char *example)
{
	if (!loader_is_name(ld, node, what))
		return false;
	if (node_type(node) == NODE_GROUP)
		return true;
	loader_fault(ld, CODE_TYPE, node, "%s %s is not a group\nwrite %s",
		     what, node_name(node), example);
	return false;
}

void loader_strings(struct loader *ld, const struct node *node,
		    const char *wanted,
		    void (*take)(struct loader *ld, const struct spot *spot,
				 const char *word, void *object),
		    void *object)
{
	char word[LOADER_WORD_LEN];

	for (size_t i = 0; i < loader_value_count(node); i++) {
		const struct node *value = loader_value(node, i);
		struct spot spot = { .node = value };
		const char *rest;

		if (loader_is_mended(ld, value))
			continue;
		if (node_type(value) != NODE_STRING) {
			loader_fault(ld, CODE_TYPE, value, "%s", wanted);
			continue;
		}
		rest = node_string(value);
		while ((spot.part = loader_next_word(&rest, word))) {
			spot.len = strlen(word);
			take(ld, &spot, word, object);
		}
	}
}
