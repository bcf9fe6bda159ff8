/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays the scenarios in *.scn: packets in, verdicts and states out, through
 * packet_parse() and engine_decide() with the octets of real packets.
 *
 * Each scenario is played over IPv4 and over IPv6, with the originator as the
 * smaller and as the larger address, and with several initial sequence
 * numbers, some of them just below the wrap.
 *
 *	scenario ID TITLE   begins one; "prelude ID TITLE" a part that many use
 *	use ID              the lines of a prelude
 *	WHO> ...            a packet: see shot.h.  Unless "expect" follows, it
 *	                    must be accepted.
 *	expect VERDICT STATE [REASON]
 *	                    what became of the last packet, and of its
 *	                    connection.  VERDICT: accept, drop, reject, or inert:
 *	                    accepted without any effect but on counters.  STATE:
 *	                    as users see it, or NONE.  REASON "*": any.
 *	expect-gone         the last packet's connection is gone
 *	expires TIME        it has so long to live
 *	opened-by WHO       who opened it
 *	connections N       so many are there
 *	after TIME          lets time pass: 5s, 300ms, 2h
 *	at TIME             the same, counted from the start of the scenario
 *	repeat N ... end    does the lines between N times
 *	deny-new WHO        from now on the rules let WHO open nothing
 *	allow-new WHO       they do (as in the beginning)
 *	set NAME VALUE...   what an administrator decides: see settings.h
 *	loss                packets may have passed unseen until now
 *	hook NAME           packets are at input, forward (if not said), output
 *	only ipv4|ipv6      the rest is for one family
 *
 * Besides, for every packet: the reason fits the verdict, a packet that is
 * dropped changes nothing that engine_list() shows, and an inert one nothing
 * but counters.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/play.h"
#include "scenarios/settings.h"

enum { WORDS_MAX = 32 };

static const char *const files[] = {
	"tests/scenarios/preludes.scn",  "tests/scenarios/flags.scn",
	"tests/scenarios/handshake.scn", "tests/scenarios/windows.scn",
	"tests/scenarios/rst.scn",       "tests/scenarios/close.scn",
	"tests/scenarios/reuse.scn",     "tests/scenarios/pickup.scn",
	"tests/scenarios/icmp.scn",      "tests/scenarios/neighbour.scn",
	"tests/scenarios/udp.scn",       "tests/scenarios/sctp.scn",
	"tests/scenarios/fragments.scn", "tests/scenarios/protocols.scn",
	"tests/scenarios/table.scn",     "tests/scenarios/policy.scn",
};

static void play_lines(struct play *play, size_t first, size_t count);

static enum who read_who(const struct play *play, const char *word)
{
	if (strcmp(word, "O") == 0)
		return WHO_O;
	if (strcmp(word, "R") == 0)
		return WHO_R;
	play_fail(play, "who? O or R");
}

static unsigned long read_count(const struct play *play, const char *word)
{
	char *end;
	unsigned long count = strtoul(word, &end, 10);

	if (end == word || *end)
		play_fail(play, "\"%s\" is not a number", word);
	return count;
}

msec_t play_read_time(const struct play *play, const char *word)
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
	play_fail(play, "\"%s\" is not a time like 300ms, 5s, 2m or 1h", word);
}

static void expect_verdict(const struct play *play, const char *word)
{
	const struct verdict *verdict = &play->verdict;
	bool wants_inert = strcmp(word, "inert") == 0;
	const char *wanted = wants_inert ? "accept" : word;

	if (strcmp(action_names[verdict->action], wanted) != 0)
		play_fail(play, "%s, for the reason %s",
			  action_names[verdict->action],
			  reason_info[verdict->reason].name);
	if (wants_inert && !play_was_inert(play))
		play_fail(play, "accepted (%s), but it had an effect",
			  reason_info[verdict->reason].name);
}

static const char *conn_state(const struct play *play)
{
	const struct conn_info *conn = play_conn(play);

	return conn ? conn->state : "NONE";
}

static void cmd_expect(struct play *play, const char *const *words)
{
	const char *reason = reason_info[play->verdict.reason].name;

	expect_verdict(play, words[0]);
	if (!words[1])
		play_fail(play, "which state? SYN_SENT ..., NONE");
	if (strcmp(words[1], conn_state(play)) != 0)
		play_fail(play, "the state is %s (%s)", conn_state(play),
			  reason);
	if (words[2] && strcmp(words[2], "*") != 0 &&
	    strcmp(words[2], reason) != 0)
		play_fail(play, "the reason is %s", reason);
}

static void cmd_expect_gone(struct play *play, const char *const *words)
{
	(void)words;
	play_snapshot(play, &play->after);
	if (play_conn(play))
		play_fail(play, "it is in state %s", conn_state(play));
}

static const struct conn_info *need_conn(struct play *play)
{
	const struct conn_info *conn;

	play_snapshot(play, &play->after);
	conn = play_conn(play);
	if (!conn)
		play_fail(play, "there is no connection");
	return conn;
}

static void cmd_expires(struct play *play, const char *const *words)
{
	msec_t left = need_conn(play)->expires - play->now;

	if (left != play_read_time(play, words[0]))
		play_fail(play, "it expires in %lld ms", (long long)left);
}

static void cmd_opened_by(struct play *play, const char *const *words)
{
	enum who who = read_who(play, words[0]);
	struct addr addr;

	(void)addr_parse(&addr, play->cast.addresses[who]);
	if (!addr_equal(&need_conn(play)->tuple.src, &addr))
		play_fail(play, "the other one has opened it");
}

static void cmd_connections(struct play *play, const char *const *words)
{
	play_snapshot(play, &play->after);
	if (play->after.count != read_count(play, words[0]))
		play_fail(play, "there are %zu", play->after.count);
}

static void cmd_after(struct play *play, const char *const *words)
{
	play->now += play_read_time(play, words[0]);
}

static void cmd_at(struct play *play, const char *const *words)
{
	msec_t then = play->start + play_read_time(play, words[0]);

	if (then < play->now)
		play_fail(play, "time does not run backwards");
	play->now = then;
}

static void cmd_set(struct play *play, const char *const *words)
{
	settings_change(play, words);
}

static void cmd_loss(struct play *play, const char *const *words)
{
	(void)words;
	engine_note_loss(play->eng, play->now);
}

static void cmd_deny_new(struct play *play, const char *const *words)
{
	play_deny(play, play->denied | 1U << read_who(play, words[0]));
}

static void cmd_allow_new(struct play *play, const char *const *words)
{
	play_deny(play, play->denied & ~(1U << read_who(play, words[0])));
}

static void cmd_hook(struct play *play, const char *const *words)
{
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		if (strcmp(words[0], hook_names[hook]) == 0) {
			play->hook = hook;
			return;
		}
	play_fail(play, "which hook? input, forward or output");
}

static void cmd_only(struct play *play, const char *const *words)
{
	if (strcmp(words[0], "ipv4") == 0)
		play->is_over = play->cast.version != 4;
	else if (strcmp(words[0], "ipv6") == 0)
		play->is_over = play->cast.version != 6;
	else
		play_fail(play, "which family? ipv4 or ipv6");
}

static void cmd_use(struct play *play, const char *const *words)
{
	const struct block *prelude = script_prelude(play->script, words[0]);
	const struct line *line = play->line;

	if (!prelude)
		play_fail(play, "there is no prelude of that name");
	play_lines(play, prelude->head + 1, prelude->count);
	play->line = line;
}

static const struct command {
	const char *name;
	void (*run)(struct play *play, const char *const *words);
	bool has_value;
} commands[] = {
	{ "expect", cmd_expect, true },
	{ "expect-gone", cmd_expect_gone, false },
	{ "expires", cmd_expires, true },
	{ "opened-by", cmd_opened_by, true },
	{ "connections", cmd_connections, true },
	{ "after", cmd_after, true },
	{ "at", cmd_at, true },
	{ "set", cmd_set, true },
	{ "loss", cmd_loss, false },
	{ "deny-new", cmd_deny_new, true },
	{ "allow-new", cmd_allow_new, true },
	{ "hook", cmd_hook, true },
	{ "only", cmd_only, true },
	{ "use", cmd_use, true },
};

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, word) == 0)
			return &commands[i];
	return NULL;
}

static bool is_word(const struct line *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line->text, word, len) == 0 &&
	       (!line->text[len] || line->text[len] == ' ');
}

static void send_packet(struct play *play, const char *const *words,
			bool is_judged)
{
	const char *fault;
	const char *wrong = shot_make(&play->shot, &play->cast, words, &fault);

	if (wrong)
		play_fail(play, "\"%s\": %s", fault, wrong);
	play_send(play);
	if (!is_judged)
		expect_verdict(play, "accept");
}

static void play_line(struct play *play, bool is_judged)
{
	const char *words[WORDS_MAX + 1] = { NULL };
	char *copy = strdup(play->line->text);
	const struct command *command;
	char *rest = copy;
	size_t count = 0;

	ck_assert_ptr_nonnull(copy);
	for (char *word; (word = strtok_r(rest, " \t", &rest));) {
		if (count == WORDS_MAX)
			play_fail(play, "too many words");
		words[count++] = word;
	}
	if (!words[0])
		play_fail(play, "nothing but blanks");
	command = find_command(words[0]);
	if (!command)
		send_packet(play, words, is_judged);
	else if (command->has_value && !words[1])
		play_fail(play, "a value should follow");
	else
		command->run(play, words + 1);
	free(copy);
}

/* The index of the "end" of the "repeat" at @first. */
static size_t find_end(const struct play *play, size_t first, size_t limit)
{
	for (size_t i = first + 1; i < limit; i++)
		if (is_word(&play->script->lines[i], "end"))
			return i;
	play_fail(play, "\"end\" is missing");
}

static size_t play_repeat(struct play *play, size_t first, size_t limit)
{
	unsigned long count =
		read_count(play, play->line->text + strlen("repeat "));
	size_t end = find_end(play, first, limit);

	for (unsigned long i = 0; i < count; i++) {
		play->cast.round = (int64_t)i;
		play_lines(play, first + 1, end - first - 1);
	}
	play->cast.round = 0;
	return end;
}

static void play_lines(struct play *play, size_t first, size_t count)
{
	const struct line *lines = play->script->lines;
	size_t limit = first + count;

	for (size_t i = first; i < limit && !play->is_over; i++) {
		play->line = &lines[i];
		if (is_word(&lines[i], "repeat"))
			i = play_repeat(play, i, limit);
		else
			play_line(play, i + 1 < limit && is_word(&lines[i + 1],
								 "expect"));
	}
}

static bool read_all(struct script *script)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!script_read(script, files[i]))
			return false;
	return true;
}

/* check gives a test nothing but a number, so each reads the files again. */
START_TEST(plays)
{
	struct script script = { 0 };

	ck_assert(read_all(&script));
	for (int variant = 0; variant < PLAY_VARIANTS; variant++) {
		const struct block *block = &script.blocks[_i];
		struct play *play = play_create(&script, block, variant);

		play_lines(play, block->head + 1, block->count);
		play_destroy(play);
	}
	script_fini(&script);
}
END_TEST

static void add_scenario(Suite *suite, const struct script *script, int number)
{
	TCase *tc = tcase_create(script->blocks[number].id);

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, plays, number, number + 1);
}

int main(void)
{
	struct script script = { 0 };
	Suite *suite = suite_create("scenarios");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (!read_all(&script))
		return EXIT_FAILURE;
	for (size_t i = 0; i < script.block_count; i++)
		if (!script.blocks[i].is_prelude)
			add_scenario(suite, &script, (int)i);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	script_fini(&script);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
