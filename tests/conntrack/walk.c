/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Goes through a scenario.  The language: scenarios/test_scenarios.c.
 */
#include "conntrack/walk.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 32 };

static void walk_lines(struct walk *walk, size_t first, size_t count);

static _Noreturn void fail(const struct walk *walk, const char *why)
{
	errx(EXIT_FAILURE, "%s:%u: \"%s\": %s", walk->line->file,
	     walk->line->number, walk->line->text, why);
}

static msec_t read_time(const struct walk *walk, const char *word)
{
	static const struct {
		const char *unit;
		msec_t factor;
	} units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60000 },
		{ "h", 3600000 },
	};
	char *end;
	msec_t number = strtoll(word, &end, 10);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end != word && strcmp(end, units[i].unit) == 0)
			return number * units[i].factor;
	fail(walk, "a time like 300ms, 5s, 2m or 1h should follow");
}

static void wait_until(struct walk *walk, msec_t then)
{
	walk->now = then;
	walk->is_cut = then > walk->wait_max;
}

static void cmd_after(struct walk *walk, const char *const *words)
{
	wait_until(walk, walk->now + read_time(walk, words[0]));
}

static void cmd_at(struct walk *walk, const char *const *words)
{
	wait_until(walk, read_time(walk, words[0]));
}

static void cmd_cut(struct walk *walk, const char *const *words)
{
	(void)words;
	walk->is_cut = true;
}

static void cmd_ignore(struct walk *walk, const char *const *words)
{
	(void)walk;
	(void)words;
}

static void cmd_set(struct walk *walk, const char *const *words)
{
	bool is_pickup = strcmp(words[0], "pickup") == 0;
	bool is_tracking = strcmp(words[0], "tracking") == 0;

	if (is_pickup && strcmp(words[1], "loose") == 0)
		walk->terms.is_loose = true;
	else if (is_tracking && strcmp(words[1], "liberal") == 0)
		walk->terms.is_liberal = true;
	else
		walk->is_cut = true;
	walk->terms_changed(walk);
}

/* @word: O, who is inside, or R. */
static void permit(struct walk *walk, const char *word, bool denies)
{
	if (strcmp(word, "O") == 0)
		walk->terms.denies_inside = denies;
	else if (strcmp(word, "R") == 0)
		walk->terms.denies_outside = denies;
	else
		fail(walk, "who? O or R");
	walk->terms_changed(walk);
}

static void cmd_deny_new(struct walk *walk, const char *const *words)
{
	permit(walk, words[0], true);
}

static void cmd_allow_new(struct walk *walk, const char *const *words)
{
	permit(walk, words[0], false);
}

static void cmd_only(struct walk *walk, const char *const *words)
{
	bool is_for_ipv4 = strcmp(words[0], "ipv4") == 0;

	if (is_for_ipv4 != (walk->cast.version == 4))
		walk->is_over = true;
}

static void cmd_use(struct walk *walk, const char *const *words)
{
	const struct block *prelude = script_prelude(walk->script, words[0]);
	const struct line *line = walk->line;

	if (!prelude)
		fail(walk, "there is no prelude of that name");
	walk_lines(walk, prelude->head + 1, prelude->count);
	walk->line = line;
}

static const struct command {
	const char *name;
	void (*run)(struct walk *walk, const char *const *words);
	int values;
} commands[] = {
	{ "expect", cmd_ignore, 0 },
	{ "expect-gone", cmd_ignore, 0 },
	{ "expires", cmd_ignore, 0 },
	{ "opened-by", cmd_ignore, 0 },
	{ "connections", cmd_ignore, 0 },
	{ "after", cmd_after, 1 },
	{ "at", cmd_at, 1 },
	{ "set", cmd_set, 2 },
	{ "loss", cmd_cut, 0 },
	{ "deny-new", cmd_deny_new, 1 },
	{ "allow-new", cmd_allow_new, 1 },
	{ "hook", cmd_cut, 0 },
	{ "only", cmd_only, 1 },
	{ "use", cmd_use, 1 },
};

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, word) == 0)
			return &commands[i];
	return NULL;
}

static void send_packet(struct walk *walk, const char *const *words)
{
	const char *fault;
	const char *wrong = shot_make(&walk->shot, &walk->cast, words, &fault);

	if (wrong)
		fail(walk, wrong);
	walk->packet(walk, &walk->shot);
}

static void walk_line(struct walk *walk)
{
	const char *words[WORDS_MAX + 1] = { NULL };
	char *copy = strdup(walk->line->text);
	const struct command *command;
	char *rest = copy;
	int count = 0;

	if (!copy)
		fail(walk, "no memory");
	for (char *word;
	     count < WORDS_MAX && (word = strtok_r(rest, " \t", &rest));)
		words[count++] = word;
	command = find_command(copy);
	if (!command)
		send_packet(walk, words);
	else if (count <= command->values)
		fail(walk, "a value should follow");
	else
		command->run(walk, words + 1);
	free(copy);
}

static bool is_word(const struct line *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line->text, word, len) == 0 &&
	       (!line->text[len] || line->text[len] == ' ');
}

/* The index of the "end" of the "repeat" at @first. */
static size_t find_end(const struct walk *walk, size_t first, size_t limit)
{
	for (size_t i = first + 1; i < limit; i++)
		if (is_word(&walk->script->lines[i], "end"))
			return i;
	fail(walk, "\"end\" is missing");
}

static bool has_ended(const struct walk *walk)
{
	return walk->is_over || walk->is_cut;
}

static size_t walk_repeat(struct walk *walk, size_t first, size_t limit)
{
	long count = strtol(walk->line->text + strlen("repeat "), NULL, 10);
	size_t end = find_end(walk, first, limit);

	for (long i = 0; i < count && !has_ended(walk); i++) {
		walk->cast.round = i;
		walk_lines(walk, first + 1, end - first - 1);
	}
	walk->cast.round = 0;
	return end;
}

static void walk_lines(struct walk *walk, size_t first, size_t count)
{
	const struct line *lines = walk->script->lines;
	size_t limit = first + count;

	for (size_t i = first; i < limit && !has_ended(walk); i++) {
		walk->line = &lines[i];
		if (is_word(&lines[i], "repeat"))
			i = walk_repeat(walk, i, limit);
		else
			walk_line(walk);
	}
}

void walk_through(struct walk *walk)
{
	walk->terms = (struct terms){ 0 };
	walk->now = 0;
	walk->is_over = false;
	walk->is_cut = false;
	walk_lines(walk, walk->block->head + 1, walk->block->count);
}
