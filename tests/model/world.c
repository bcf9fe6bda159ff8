/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world, from event to event.
 */
#include "model/world.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/line.h"
#include "model/oracle.h"
#include "model/setting.h"
#include "model/trace.h"
#include "model/witness.h"
#include "unit/random.h"

enum {
	LINES_MAX = 16,
	PORT_FIRST = 40000,
	PATIENCE = 12 * 3600 * 1000, /* ms, after the network is good again */
	SWEEP_PAUSE = 700,           /* ms */
};

struct world {
	const struct scene *scene;
	const struct world_options *options;
	struct tally *tally;
	uint64_t first_seed;
	uint64_t seed;
	struct setting setting; /* what has happened is END_NEVER in it */
	msec_t now;
	msec_t sweep_at;
	bool is_calm;
	bool has_failed;
	struct channel *channel;
	struct firewall *firewall;
	struct firewall *twin; /* it is not attacked; NULL: there is none */
	struct attacker attacker;
	struct trace trace;
	struct line lines[LINES_MAX];
};

static uint64_t draw_seed(struct world *world)
{
	return (uint64_t)random_next(&world->seed) << 32 |
	       random_next(&world->seed) | 1;
}

static struct world *world_create(const struct scene *scene, uint64_t seed,
				  const struct world_options *options)
{
	struct world *world = calloc(1, sizeof(*world));
	struct setting *setting;

	assert(world && scene->lines_max <= LINES_MAX);
	setting = &world->setting;
	world->scene = scene;
	world->options = options;
	world->first_seed = seed;
	world->seed = seed * 0x9e3779b97f4a7c15 | 1;
	world->trace.is_loud = options->is_loud;
	setting_draw(setting, scene, &world->seed);
	world->channel = channel_create(&setting->weather, draw_seed(world));
	world->firewall = firewall_create(&scene->setup);
	if (scene->attack == ATTACK_UNHEARD || scene->attack == ATTACK_WINDOW)
		world->twin = firewall_create(&scene->setup);
	attacker_init(&world->attacker,
		      options->is_unwalled ? ATTACK_NONE : scene->attack,
		      draw_seed(world));
	for (size_t i = 0; i < setting->line_count; i++)
		line_init(&world->lines[i], scene, draw_seed(world));
	return world;
}

static void world_destroy(struct world *world)
{
	firewall_destroy(world->firewall);
	firewall_destroy(world->twin);
	channel_destroy(world->channel);
	free(world);
}

static void print_end(const struct endpoint *ep, char name)
{
	printf("# %c: %s life %u una %u next %u max %u written %u window %u "
	       "fin %d retries %u; received to %u edge %u fin %d\n",
	       name, end_state_names[ep->state], ep->life,
	       ep->snd.una - ep->snd.iss, ep->snd.next - ep->snd.iss,
	       ep->snd.max - ep->snd.iss, ep->snd.written - ep->snd.iss,
	       ep->snd.window, ep->snd.has_fin, ep->snd.retries,
	       ep->rcv.next - ep->rcv.irs, ep->rcv.edge - ep->rcv.irs,
	       ep->rcv.has_fin);
}

static void fail(struct world *world, uint8_t number, const char *what)
{
	const struct line *line = &world->lines[number];

	if (world->has_failed)
		return;
	world->has_failed = true;
	if (!world->options->is_loud)
		trace_print(&world->trace, stdout, number, 50);
	print_end(&line->ends[SIDE_O], 'O');
	print_end(&line->ends[SIDE_R], 'R');
	printf("scene %s, seed %" PRIu64 ", line %u, at %" PRId64
	       " ms (calm from %" PRId64 " on): %s\n",
	       world->scene->name, world->first_seed, number, world->now,
	       world->setting.calm_at, what);
}

static struct line *line_of(struct world *world, const struct parcel *parcel)
{
	return &world->lines[parcel->line];
}

static struct endpoint *sender_of(struct world *world,
				  const struct parcel *parcel)
{
	return &line_of(world, parcel)->ends[parcel->from];
}

static enum side other(enum side side)
{
	return side == SIDE_O ? SIDE_R : SIDE_O;
}

static void send_burst(struct world *world, uint8_t number, enum side from,
		       const struct burst *out)
{
	const struct endpoint *ep = &world->lines[number].ends[from];
	struct parcel parcel = { .line = number, .from = from };

	for (size_t i = 0; i < out->count; i++) {
		parcel.seg = out->list[i];
		parcel.life = ep->life;
		/* The SYN-ACK of a listener that forgets SYNs. */
		if (ep->state == END_LISTEN &&
		    parcel.seg.flags == (TCP_SYN | TCP_ACK))
			parcel.life++;
		channel_send(world->channel, &parcel, world->now);
	}
}

static void check_line(struct world *world, uint8_t number)
{
	struct line *line = &world->lines[number];
	const char *wrong;

	line_step(line, world->now);
	wrong = line_fault(line);
	if (wrong)
		fail(world, number, wrong);
}

static void run_side(struct world *world, uint8_t number, enum side side)
{
	struct burst out = { .count = 0 };

	line_run(&world->lines[number], side, world->now, &out);
	send_burst(world, number, side, &out);
	check_line(world, number);
}

static void fail_at(struct world *world, const struct parcel *parcel,
		    const char *what)
{
	const uint32_t *base = world->trace.base[parcel->line];

	if (world->has_failed)
		return;
	fail(world, parcel->line, what);
	printf("the segment was ");
	segment_print(stdout, &parcel->seg, parcel->from, base);
	printf(" (%s)\n", reason_info[parcel->reason].name);
}

static void deliver(struct world *world, const struct parcel *parcel)
{
	enum side to = other(parcel->from);
	struct endpoint *ep = &line_of(world, parcel)->ends[to];
	struct burst out = { .count = 0 };
	const char *wrong = NULL;

	if (parcel->is_ghost)
		wrong = oracle_judge_drop(parcel, sender_of(world, parcel), ep,
					  world->now);
	else if (parcel->is_forged)
		wrong = oracle_judge_hit(ep, &parcel->seg, world->now);
	if (wrong)
		fail_at(world, parcel, wrong);
	if (parcel->is_ghost) {
		world->tally->ghosts++;
		return;
	}
	endpoint_receive(ep, &parcel->seg, world->now, &out);
	send_burst(world, parcel->line, to, &out);
	run_side(world, parcel->line, to);
}

static struct route route_of(const struct world *world, uint8_t number,
			     enum side from)
{
	return (struct route){ .version = world->setting.version,
			       .port = (uint16_t)(PORT_FIRST + number),
			       .from = from };
}

static void note(struct world *world, const struct parcel *parcel,
		 const struct verdict *verdict)
{
	struct trace_entry entry = { .at = world->now,
				     .seg = parcel->seg,
				     .line = parcel->line,
				     .is_forged = parcel->is_forged,
				     .from = parcel->from,
				     .verdict = *verdict };

	trace_add(&world->trace, &entry);
	world->tally->judged++;
	if (parcel->is_forged)
		world->tally->forged++;
	else if (verdict->action != ACTION_ACCEPT)
		world->tally->dropped[verdict->reason]++;
}

/* The twin goes its own way from now on: there is nothing to compare any more. */
static void part(struct world *world)
{
	firewall_destroy(world->twin);
	world->twin = NULL;
}

static void compare(struct world *world, const struct parcel *parcel,
		    const struct verdict *verdict)
{
	struct route route = route_of(world, parcel->line, parcel->from);
	struct verdict twin;

	if (!world->twin || parcel->is_forged)
		return;
	twin = firewall_judge(world->twin, &parcel->seg, &route, world->now);
	switch (oracle_compare(verdict, &twin)) {
	case HARM_NONE:
		return;
	case HARM_EXCUSED:
		part(world);
		return;
	case HARM_DONE:
		fail_at(world, parcel, "an attack has changed the verdict");
		printf("without the attack: %s %s %s\n",
		       action_names[twin.action],
		       twin.conn.state ? twin.conn.state : "NONE",
		       reason_info[twin.reason].name);
	}
}

static bool is_unseen(const struct world *world, const struct parcel *parcel)
{
	if (world->options->is_unwalled)
		return true;
	if (world->scene->hides_replies && parcel->from == SIDE_R)
		return true;
	return world->now >= world->setting.overlook_at &&
	       world->now < world->setting.overlook_end;
}

/* Judges the segment; one that is dropped goes on as a ghost. */
static void pass(struct world *world, struct parcel *parcel)
{
	struct route route = route_of(world, parcel->line, parcel->from);
	struct verdict verdict;

	parcel->is_behind = true;
	if (is_unseen(world, parcel)) {
		verdict = (struct verdict){ .action = ACTION_ACCEPT };
		note(world, parcel, &verdict);
		if (world->scene->overlooks)
			witness_miss(line_of(world, parcel), parcel);
	} else {
		verdict = firewall_judge(world->firewall, &parcel->seg, &route,
					 world->now);
		note(world, parcel, &verdict);
		parcel->is_ghost = verdict.action != ACTION_ACCEPT;
		parcel->reason = verdict.reason;
		compare(world, parcel, &verdict);
		witness_note(line_of(world, parcel), parcel);
	}
	if (parcel->is_forged &&
	    (parcel->is_ghost || world->scene->attack != ATTACK_HEARD))
		return;
	channel_send(world->channel, parcel, world->now);
}

static struct view look(const struct world *world, uint8_t number)
{
	struct view view;

	view.exists =
		firewall_find(world->firewall, (uint16_t)(PORT_FIRST + number),
			      world->now, &view.info);
	return view;
}

static void judge_strike(struct world *world, const struct parcel *parcel,
			 const struct forgery *forgery,
			 const struct view *before)
{
	struct view after = look(world, parcel->line);

	switch (oracle_judge_forgery(forgery, before, &after)) {
	case HARM_NONE:
		return;
	case HARM_EXCUSED:
		if (forgery->seg.flags == TCP_SYN)
			witness_dismiss(line_of(world, parcel));
		part(world);
		return;
	case HARM_DONE:
		fail_at(world, parcel, "forged, and something has changed");
		printf("before it: %s\n",
		       before->exists ? before->info.state : "NONE");
	}
}

static void strike(struct world *world)
{
	uint8_t number =
		(uint8_t)random_below(&world->seed, world->setting.line_count);
	struct view before = look(world, number);
	struct parcel parcel = { .line = number, .is_forged = true };
	struct forgery forgery;

	attacker_forge(&world->attacker, &world->lines[number], world->now,
		       &forgery);
	/* A SYN of anybody opens a connection; that is no attack on one. */
	if (!before.exists && forgery.seg.flags == TCP_SYN)
		return;
	parcel.seg = forgery.seg;
	parcel.from = forgery.from;
	pass(world, &parcel);
	judge_strike(world, &parcel, &forgery, &before);
}

static msec_t earlier(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

static msec_t next_event(const struct world *world)
{
	msec_t next = channel_next(world->channel);

	for (size_t i = 0; i < world->setting.line_count; i++)
		next = earlier(next, line_deadline(&world->lines[i]));
	if (!world->is_calm)
		next = earlier(next, world->setting.calm_at);
	next = earlier(next, world->attacker.next);
	next = earlier(next, world->setting.restart_at);
	return earlier(next, world->setting.overlook_end);
}

static void calm(struct world *world)
{
	world->is_calm = true;
	world->attacker.next = END_NEVER;
	channel_calm(world->channel);
	for (size_t i = 0; i < world->setting.line_count; i++)
		line_calm(&world->lines[i], world->now);
}

static void say(struct world *world, const char *what)
{
	for (size_t i = 0; i < world->setting.line_count; i++) {
		struct trace_entry entry = { .at = world->now,
					     .line = (uint8_t)i,
					     .note = what };

		trace_add(&world->trace, &entry);
	}
}

/* Only a segment in the middle of a connection has it picked up. */
static void forget_all(struct world *world)
{
	firewall_restart(world->firewall, world->now);
	for (size_t i = 0; i < world->setting.line_count; i++) {
		struct line *line = &world->lines[i];

		if (line->ends[SIDE_O].state != END_ESTABLISHED ||
		    line->ends[SIDE_R].state != END_ESTABLISHED)
			witness_dismiss(line);
	}
	say(world, "the firewall has forgotten all");
}

/* What befalls the firewall, and the end of bad times. */
static void run_events(struct world *world)
{
	if (world->setting.restart_at <= world->now) {
		forget_all(world);
		world->setting.restart_at = END_NEVER;
	}
	if (world->setting.overlook_end <= world->now) {
		firewall_note_loss(world->firewall, world->now);
		world->setting.overlook_at = END_NEVER;
		world->setting.overlook_end = END_NEVER;
		say(world, "segments have passed unseen");
	}
	if (world->sweep_at <= world->now) {
		firewall_sweep(world->firewall, world->now);
		world->sweep_at = world->now + SWEEP_PAUSE;
	}
	if (!world->is_calm && world->setting.calm_at <= world->now)
		calm(world);
}

static void run_lines(struct world *world)
{
	for (size_t i = 0; i < world->setting.line_count; i++) {
		if (line_deadline(&world->lines[i]) > world->now)
			continue;
		run_side(world, (uint8_t)i, SIDE_O);
		run_side(world, (uint8_t)i, SIDE_R);
	}
}

static void step(struct world *world)
{
	struct parcel parcel;

	run_events(world);
	while (channel_next(world->channel) <= world->now &&
	       !world->has_failed) {
		channel_take(world->channel, &parcel);
		if (parcel.is_behind)
			deliver(world, &parcel);
		else
			pass(world, &parcel);
	}
	run_lines(world);
	if (world->attacker.next <= world->now)
		strike(world);
}

static void check_end(struct world *world)
{
	for (size_t i = 0; i < world->setting.line_count && !world->has_failed;
	     i++) {
		const struct line *line = &world->lines[i];

		if (line->phase != LINE_DONE)
			fail(world, (uint8_t)i, "it goes on for ever");
		for (int side = 0; side < SIDE_COUNT; side++)
			world->tally->closed +=
				line->ends[side].outcomes[OUTCOME_CLOSED];
	}
}

bool world_play(const struct scene *scene, uint64_t seed,
		const struct world_options *options, struct tally *tally)
{
	struct world *world = world_create(scene, seed, options);
	msec_t end = world->setting.calm_at + PATIENCE;
	msec_t next;
	bool has_passed;

	world->tally = tally;
	while (!world->has_failed && (next = next_event(world)) <= end) {
		assert(next >= world->now);
		world->now = next;
		step(world);
	}
	check_end(world);
	tally->worlds++;
	has_passed = !world->has_failed;
	world_destroy(world);
	return has_passed;
}
