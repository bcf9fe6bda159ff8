/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings in scenarios.
 */
#include "scenarios/settings.h"

#include <stdlib.h>
#include <string.h>

#include "engine/match.h"

/* The place of @word among @choices, which NULL ends. */
static int choose(const struct play *play, const char *word,
		  const char *const *choices)
{
	for (int i = 0; word && choices[i]; i++)
		if (strcmp(choices[i], word) == 0)
			return i;
	play_fail(play, "\"%s\" is none of those that can be set",
		  word ? word : "");
}

static void set_pickup(struct play *play, struct tcp_settings *tcp,
		       const char *const *words)
{
	static const char *const choices[] = { "strict", "grace", "loose",
					       NULL };

	tcp->pickup = (enum tcp_pickup)choose(play, words[0], choices);
	if (tcp->pickup != TCP_PICKUP_GRACE)
		return;
	if (!words[1])
		play_fail(play, "grace for how long?");
	tcp->pickup_grace = play_read_time(play, words[1]);
}

static void set_syn_data(struct play *play, struct tcp_settings *tcp,
			 const char *const *words)
{
	static const char *const choices[] = { "allow", "tfo", "deny", NULL };

	tcp->syn_data = (enum tcp_syn_data)choose(play, words[0], choices);
}

static void set_simultaneous_open(struct play *play, struct tcp_settings *tcp,
				  const char *const *words)
{
	static const char *const choices[] = { "off", "on", NULL };

	tcp->simultaneous_open = choose(play, words[0], choices) == 1;
}

static void set_syn_urg(struct play *play, struct tcp_settings *tcp,
			const char *const *words)
{
	static const char *const choices[] = { "off", "on", NULL };

	tcp->syn_urg = choose(play, words[0], choices) == 1;
}

static const struct {
	const char *name;
	void (*set)(struct play *play, struct tcp_settings *tcp,
		    const char *const *words);
} settings[] = {
	{ "pickup", set_pickup },
	{ "syn-data", set_syn_data },
	{ "simultaneous-open", set_simultaneous_open },
	{ "syn-urg", set_syn_urg },
};

static void set_tracking(const struct play *play, struct rule_options *options,
			 const char *const *words)
{
	static const char *const choices[] = { "full", "liberal", "sloppy",
					       "none", NULL };

	options->tracking = (enum tracking)choose(play, words[0], choices);
}

static uint32_t read_number(const char *word)
{
	return (uint32_t)strtoul(word ? word : "0", NULL, 10);
}

static void set_max(const struct play *play, struct rule_options *options,
		    const char *const *words)
{
	(void)play;
	options->max = read_number(words[0]);
}

static void set_limit(const struct play *play, struct rule_options *options,
		      const char *const *words)
{
	static const char *const units[] = { "none", "new", "packets", "bytes",
					     NULL };

	options->limit.unit = (enum limit_unit)choose(play, words[0], units);
	if (!words[1] || !words[2])
		play_fail(play, "a limit is so much in how long?");
	options->limit.rate = (struct rate){
		.amount = read_number(words[1]),
		.period = (uint32_t)play_read_time(play, words[2]),
	};
}

static const struct {
	const char *name;
	void (*set)(const struct play *play, struct rule_options *options,
		    const char *const *words);
} rule_settings[] = {
	{ "tracking", set_tracking },
	{ "max", set_max },
	{ "limit", set_limit },
};

/* Of every rule that there is; false: it is no setting of rules. */
static bool change_rules(struct play *play, const char *const *words)
{
	size_t count = sizeof(rule_settings) / sizeof(rule_settings[0]);
	size_t which = 0;

	while (which < count &&
	       strcmp(rule_settings[which].name, words[0]) != 0)
		which++;
	if (which == count)
		return false;
	for (int i = 0; i < PLAY_RULE_SETS; i++) {
		for (int who = WHO_O; who <= WHO_R; who++) {
			struct rule *rule = play->openers[i][who];
			struct rule_options options;

			if (!rule)
				continue;
			options = *rule_options(rule);
			rule_settings[which].set(play, &options, words + 1);
			ruleset_set_rule_options(play->rules[i], rule,
						 &options);
		}
	}
	/* The engine learns of it. */
	play_deny(play, play->denied);
	return true;
}

static void set_mode(struct play *play, const char *word)
{
	static const char *const choices[] = { "enforce", "audit", NULL };
	bool audit = choose(play, word, choices) == 1;

	for (int i = 0; i < PLAY_RULE_SETS; i++)
		ruleset_set_audit(play->rules[i], audit);
}

/* Both who may open connections may open only such. */
static void add_condition(struct play *play, const char *key, const char *text)
{
	const struct match_type *type = key ? match_type_find(key) : NULL;
	struct match_fault fault;

	if (!type || !text)
		play_fail(play,
			  "a condition of a rule and its value: proto tcp");
	for (int i = 0; i < PLAY_RULE_SETS; i++)
		for (int who = WHO_O; who <= WHO_R; who++)
			if (play->openers[i][who] &&
			    !ruleset_add_match(play->rules[i],
					       play->openers[i][who], type,
					       text, &fault))
				play_fail(play, "\"%s\": %s", text,
					  fault.expected);
}

/* false: it is none. */
static bool set_bound(struct play *play, const char *name, const char *number)
{
	struct limits limits = *ruleset_limits(play->rules[0]);
	const struct {
		const char *name;
		uint32_t *limit;
	} list[] = {
		{ "connections-per-source", &limits.connections_per_source },
		{ "half-open", &limits.half_open },
		{ "half-open-per-source", &limits.half_open_per_source },
		{ "half-open-per-destination",
		  &limits.half_open_per_destination },
		{ "adaptive-start", &limits.adaptive_start },
		{ "adaptive-end", &limits.adaptive_end },
	};

	size_t which = 0;

	while (which < sizeof(list) / sizeof(list[0]) &&
	       strcmp(name, list[which].name) != 0)
		which++;
	if (which == sizeof(list) / sizeof(list[0]))
		return false;
	*list[which].limit = read_number(number);
	for (int i = 0; i < PLAY_RULE_SETS; i++)
		ruleset_set_limits(play->rules[i], &limits);
	return true;
}

static void set_zero_checksum(struct play *play, const char *ports)
{
	struct match_fault fault;

	for (int i = 0; i < PLAY_RULE_SETS; i++)
		if (!ports ||
		    !ruleset_set_zero_checksum(play->rules[i], ports, &fault))
			play_fail(play, "ports such as 4789,6081");
}

void settings_change(struct play *play, const char *const *words)
{
	struct tcp_settings tcp = *ruleset_tcp(play->rules[0]);

	if (change_rules(play, words))
		return;
	if (strcmp(words[0], "mode") == 0) {
		set_mode(play, words[1]);
		return;
	}
	if (strcmp(words[0], "rule") == 0) {
		add_condition(play, words[1], words[1] ? words[2] : NULL);
		return;
	}
	if (strcmp(words[0], "zero-checksum-ports") == 0) {
		set_zero_checksum(play, words[1]);
		return;
	}
	if (set_bound(play, words[0], words[1]))
		return;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].name, words[0]) != 0)
			continue;
		settings[i].set(play, &tcp, words + 1);
		for (int j = 0; j < PLAY_RULE_SETS; j++)
			ruleset_set_tcp(play->rules[j], &tcp);
		return;
	}
	play_fail(play, "there is no setting of that name");
}
