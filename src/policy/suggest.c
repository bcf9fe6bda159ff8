/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suggestions: the nearest word, or the word that another firewall uses.
 */
#include "policy/suggest.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 32, FAR_AWAY = 1000 };

/* The words of iptables, nftables, pf, ufw and of the kernel, and ours. */
static const struct {
	const char *word;
	const char *ours;
} synonyms[] = {
	{ "saddr", "src" },
	{ "source", "src" },
	{ "daddr", "dst" },
	{ "destination", "dst" },
	{ "iif", "from" },
	{ "iifname", "from" },
	{ "in", "from" },
	{ "oif", "to" },
	{ "oifname", "to" },
	{ "out", "to" },
	{ "port", "dport" },
	{ "ports", "dport" },
	{ "source_port", "sport" },
	{ "protocol", "proto" },
	{ "type", "icmp_type" },
	{ "target", "action" },
	{ "verdict", "action" },
	{ "label", "name" },
	{ "interface", "interfaces" },
	{ "addresses", "entries" },
	{ "elements", "entries" },
	{ "default", "policy" },
	{ "defaults", "policy" },
	{ "sets", "tables" },
	{ "queue", "queues" },
	{ "qlen", "queue_length" },
	{ "timeout", "timeouts" },
	{ "close_wait", "half_closed" },
	{ "last_ack", "closing" },
	{ "syn_received", "syn_recv" },
	{ "close", "closed" },
	{ "single", "unreplied" },
	{ "multiple", "replied" },
	{ "states", "connections" },
	{ "max_states", "connections" },
	{ "states_per_source", "connections_per_source" },
	{ "max_src_states", "connections_per_source" },
	{ "max_src_conn", "connections_per_source" },
	{ "max_per_source", "connections_per_source" },
	{ "src_nodes", "source_nodes" },
	{ "src-nodes", "source_nodes" },
	{ "halfopen", "half_open" },
	{ "generic", "other" },
	{ "icmp6", "icmpv6" },
	{ "ipv4", "inet" },
	{ "ipv6", "inet6" },
	{ "ip", "inet" },
	{ "ip6", "inet6" },
	{ "skip", "skip_interfaces" },
	{ "fail_open", "on_failure" },
	{ "allow", "accept" },
	{ "pass", "accept" },
	{ "permit", "accept" },
	{ "ping", "echo-request" },
	{ "pong", "echo-reply" },
	{ "localhost", "self" },
	{ "me", "self" },
	{ "all", "any" },
};

/* Words that have no counterpart, and what to do instead. */
static const struct {
	const char *word;
	const char *advice;
} advices[] = {
	{ "deny", "say \"drop\" (silent) or \"reject\" (answered)" },
	{ "block", "say \"drop\" (silent) or \"reject\" (answered)" },
	{ "quick", "leave it out: the first rule that matches decides" },
	{ "true", "write true, without quotes" },
	{ "yes", "write true, without quotes" },
	{ "on", "write true, without quotes" },
	{ "false", "write false, without quotes" },
	{ "no", "write false, without quotes" },
	{ "off", "write false, without quotes" },
	{ "disabled", "write enabled = false" },
	{ "description", "it is called comment" },
	{ "include", "write it outside of all groups" },
};

static uint8_t least(unsigned int a, unsigned int b)
{
	return (uint8_t)(a < b ? a : b);
}

unsigned int suggest_distance(const char *a, const char *b)
{
	uint8_t cost[WORD_MAX + 1][WORD_MAX + 1];
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return FAR_AWAY;
	for (size_t i = 0; i <= a_len; i++)
		cost[i][0] = (uint8_t)i;
	for (size_t j = 0; j <= b_len; j++)
		cost[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a_len; i++) {
		for (size_t j = 1; j <= b_len; j++) {
			unsigned int other = a[i - 1] != b[j - 1];

			cost[i][j] = least(
				cost[i - 1][j - 1] + other,
				least(cost[i - 1][j], cost[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				cost[i][j] = least(cost[i][j],
						   cost[i - 2][j - 2] + 1);
		}
	}
	return cost[a_len][b_len];
}

unsigned int suggest_limit(const char *word)
{
	/* In short words two changes leave nothing of what was meant. */
	return strlen(word) < 4 ? 1 : 2;
}

static const char *find_choice(const struct choices *choices, const char *word)
{
	const char *name;

	for (size_t i = 0; (name = choices->name(choices->context, i)); i++)
		if (strcmp(name, word) == 0)
			return name;
	return NULL;
}

static const char *find_synonym(const struct choices *choices, const char *word)
{
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
		const char *ours = NULL;

		if (strcmp(synonyms[i].word, word) == 0)
			ours = find_choice(choices, synonyms[i].ours);
		if (ours)
			return ours;
	}
	return NULL;
}

static const char *find_nearest(const struct choices *choices, const char *word)
{
	unsigned int limit = suggest_limit(word);
	const char *nearest = NULL;
	const char *name;

	for (size_t i = 0; (name = choices->name(choices->context, i)); i++) {
		unsigned int distance = suggest_distance(word, name);

		if (distance > limit || (nearest && distance == limit))
			continue;
		nearest = name;
		limit = distance;
	}
	return nearest;
}

static const char *find_advice(const char *word)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (strcmp(advices[i].word, word) == 0)
			return advices[i].advice;
	return NULL;
}

/* Whether there are two or more. */
static bool are_several(const struct choices *choices)
{
	return choices->name(choices->context, 1) != NULL;
}

static void list_choices(char text[SUGGESTION_LEN],
			 const struct choices *choices)
{
	const char *name;
	size_t used;

	(void)snprintf(text, SUGGESTION_LEN, "there %s ",
		       are_several(choices) ? "are" : "is only");
	for (size_t i = 0; (name = choices->name(choices->context, i)); i++) {
		used = strlen(text);
		if (used + strlen(name) + sizeof(", ...") > SUGGESTION_LEN) {
			(void)snprintf(text + used, SUGGESTION_LEN - used,
				       " ...");
			return;
		}
		(void)snprintf(text + used, SUGGESTION_LEN - used, "%s%s",
			       i > 0 ? ", " : "", name);
	}
}

static char to_lower(char c)
{
	if (c < 'A' || c > 'Z')
		return c;
	return (char)(c - 'A' + 'a');
}

/* Users of capitals mean the word without them. */
static void copy_lower(const char *word, char lower[WORD_MAX + 1])
{
	size_t len = 0;

	/* A longer word is like none of ours, cut or not. */
	for (; len < WORD_MAX && word[len]; len++)
		lower[len] = to_lower(word[len]);
	lower[len] = '\0';
}

void suggest(char text[SUGGESTION_LEN], const char *word,
	     const struct choices *choices)
{
	const char *ours;
	const char *advice;
	char lower[WORD_MAX + 1];

	copy_lower(word, lower);
	ours = find_synonym(choices, lower);
	advice = find_advice(lower);
	if (!ours && !advice)
		ours = find_nearest(choices, lower);
	if (ours)
		(void)snprintf(text, SUGGESTION_LEN, "did you mean \"%s\"?",
			       ours);
	else if (advice)
		(void)snprintf(text, SUGGESTION_LEN, "%s", advice);
	else if (choices->name(choices->context, 0))
		list_choices(text, choices);
	else
		(void)snprintf(text, SUGGESTION_LEN, "there is none");
}
