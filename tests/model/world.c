/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world, from event to event.
 */
#include "model/world.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/channel.h"
#include "model/line.h"
#include "model/oracle.h"
#include "model/trace.h"
#include "unit/random.h"

enum {
	LINES_MAX = 16,
	PORT_FIRST = 40000,
	PATIENCE = 4 * 3600 * 1000, /* ms, after the network is good again */
	SWEEP_PAUSE = 700,          /* ms */
};

struct world {
	const struct scene *scene;
	const struct world_options *options;
	struct tally *tally;
	uint64_t first_seed;
	uint64_t seed;
	msec_t now;
	msec_t calm_at;
	msec_t restart_at;   /* the firewall forgets all */
	msec_t overlook_at;  /* what passes is not seen from then on ... */
	msec_t overlook_end; /* ... until then */
	msec_t sweep_at;
	bool is_calm;
	bool has_failed;
	uint8_t version;
	struct channel *channel;
	struct firewall *firewall;
	struct firewall *twin; /* it is not attacked; NULL: there is none */
	struct attacker attacker;
	struct trace trace;
	struct line lines[LINES_MAX];
	size_t line_count;
};

static uint64_t draw_seed(struct world *world)
{
	return (uint64_t)random_next(&world->seed) << 32 |
	       random_next(&world->seed) | 1;
}

static uint32_t skewed(struct world *world, uint32_t max)
{
	return random_below(&world->seed, 3)
		       ? random_below(&world->seed, max + 1)
		       : 0;
}

static struct weather draw_weather(struct world *world)
{
	static const uint32_t delays[] = { 0, 1, 10, 100, 300 };
	static const uint32_t mtus[] = { 0, 536, 1460, 8960 };
	const struct scene *scene = world->scene;
	struct weather weather = {
		.loss = skewed(world, scene->loss_max),
		.doubling = skewed(world, scene->loss_max),
		.lateness = scene->late_max ? skewed(world, 100) : 0,
		.late_max = scene->late_max,
		.merging = skewed(world, 1000),
		.delay_max = delays[random_below(&world->seed, 5)],
		.mtu = mtus[random_below(&world->seed, 4)],
		.reorders = scene->late_max && random_below(&world->seed, 2),
		.strips_before = random_below(&world->seed, 10) == 0,
		.strips_behind = random_below(&world->seed, 10) == 0,
	};

	return weather;
}

static void draw_events(struct world *world)
{
	const struct scene *scene = world->scene;
	uint32_t rough = scene->rough_max;

	world->calm_at = 1000 + random_below(&world->seed, rough);
	world->restart_at = END_NEVER;
	world->overlook_at = END_NEVER;
	world->overlook_end = END_NEVER;
	if (scene->restarts)
		world->restart_at = random_below(&world->seed, rough);
	if (!scene->overlooks)
		return;
	world->overlook_at = random_below(&world->seed, rough);
	world->overlook_end =
		world->overlook_at + 1 + random_below(&world->seed, 500);
}

static struct world *world_create(const struct scene *scene, uint64_t seed,
				  const struct world_options *options)
{
	struct world *world = calloc(1, sizeof(*world));
	struct weather weather;

	assert(world);
	world->scene = scene;
	world->options = options;
	world->first_seed = seed;
	world->seed = seed * 0x9e3779b97f4a7c15 | 1;
	world->trace.is_loud = options->is_loud;
	world->version = random_below(&world->seed, 2) ? 6 : 4;
	weather = draw_weather(world);
	draw_events(world);
	world->channel = channel_create(&weather, draw_seed(world));
	world->firewall = firewall_create(&scene->setup);
	if (scene->attack == ATTACK_UNHEARD || scene->attack == ATTACK_WINDOW)
		world->twin = firewall_create(&scene->setup);
	attacker_init(&world->attacker,
		      options->is_unwalled ? ATTACK_NONE : scene->attack,
		      draw_seed(world));
	world->line_count = 1 + random_below(&world->seed, scene->lines_max);
	for (size_t i = 0; i < world->line_count; i++)
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
	       world->calm_at, what);
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
		if (ep->state == END_LISTEN && parcel.seg.flags & TCP_SYN)
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
	return (struct route){ .version = world->version,
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

/* Its connection was over, and had to give way to a forged SYN. */
static void displace(struct line *line)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		line->displaced[side] = line->ends[side].life;
}

/* Both ends of a connection whose handshake, or part of it, was not seen. */
static void displace_new(struct line *line, const struct parcel *parcel)
{
	enum side to = other(parcel->from);

	line->displaced[parcel->from] = parcel->life;
	line->displaced[to] =
		line->ends[to].life + endpoint_is_free(&line->ends[to]);
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
	return world->now >= world->overlook_at &&
	       world->now < world->overlook_end;
}

/* Another SYN has passed than that of the endpoint, and may have its place. */
static void disturb(struct line *line, const struct parcel *parcel)
{
	if (parcel->is_forged || parcel->life != line->ends[parcel->from].life)
		line->disturbed[parcel->from] = line->ends[parcel->from].life;
	if (parcel->is_forged)
		line->disturbed[other(parcel->from)] =
			line->ends[other(parcel->from)].life;
}

static bool concerns(const struct line *line, const uint32_t lives[SIDE_COUNT])
{
	return lives[SIDE_O] == line->ends[SIDE_O].life ||
	       lives[SIDE_R] == line->ends[SIDE_R].life;
}

/* What is known of a segment that was judged, for the oracle. */
static void annotate(struct world *world, struct parcel *parcel)
{
	struct line *line = line_of(world, parcel);
	uint32_t *introduced = &line->introduced[parcel->from];

	if (parcel->seg.flags & TCP_SYN && !parcel->is_ghost) {
		disturb(line, parcel);
		if (!parcel->is_forged)
			*introduced = parcel->life;
	}
	/* A FIN alone has nothing picked up. */
	if (parcel->reason == REASON_ORPHAN_FIN && world->scene->restarts)
		displace(line);
	parcel->is_early = !(parcel->seg.flags & (TCP_RST | TCP_SYN)) &&
			   *introduced != parcel->life;
	parcel->is_disturbed = concerns(line, line->disturbed) ||
			       concerns(line, line->displaced);
	parcel->is_displaced = line->displaced[parcel->from] == parcel->life;
	parcel->is_contested =
		world->scene->attack != ATTACK_NONE || world->scene->overlooks;
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
		if (parcel->seg.flags & TCP_SYN && world->scene->overlooks)
			displace_new(line_of(world, parcel), parcel);
	} else {
		verdict = firewall_judge(world->firewall, &parcel->seg, &route,
					 world->now);
		note(world, parcel, &verdict);
		parcel->is_ghost = verdict.action != ACTION_ACCEPT;
		parcel->reason = verdict.reason;
		compare(world, parcel, &verdict);
		annotate(world, parcel);
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
			displace(line_of(world, parcel));
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
	uint8_t number = (uint8_t)random_below(&world->seed,
					       (uint32_t)world->line_count);
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

	for (size_t i = 0; i < world->line_count; i++)
		next = earlier(next, line_deadline(&world->lines[i]));
	if (!world->is_calm)
		next = earlier(next, world->calm_at);
	next = earlier(next, world->attacker.next);
	next = earlier(next, world->restart_at);
	return earlier(next, world->overlook_end);
}

static void calm(struct world *world)
{
	world->is_calm = true;
	world->attacker.next = END_NEVER;
	channel_calm(world->channel);
	for (size_t i = 0; i < world->line_count; i++)
		line_calm(&world->lines[i], world->now);
}

static void say(struct world *world, const char *what)
{
	for (size_t i = 0; i < world->line_count; i++) {
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
	for (size_t i = 0; i < world->line_count; i++) {
		struct line *line = &world->lines[i];

		if (line->ends[SIDE_O].state != END_ESTABLISHED ||
		    line->ends[SIDE_R].state != END_ESTABLISHED)
			displace(line);
	}
	say(world, "the firewall has forgotten all");
}

/* What befalls the firewall, and the end of bad times. */
static void run_events(struct world *world)
{
	if (world->restart_at <= world->now) {
		forget_all(world);
		world->restart_at = END_NEVER;
	}
	if (world->overlook_end <= world->now) {
		firewall_note_loss(world->firewall, world->now);
		world->overlook_at = END_NEVER;
		world->overlook_end = END_NEVER;
		say(world, "segments have passed unseen");
	}
	if (world->sweep_at <= world->now) {
		firewall_sweep(world->firewall, world->now);
		world->sweep_at = world->now + SWEEP_PAUSE;
	}
	if (!world->is_calm && world->calm_at <= world->now)
		calm(world);
}

static void run_lines(struct world *world)
{
	for (size_t i = 0; i < world->line_count; i++) {
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
	for (size_t i = 0; i < world->line_count && !world->has_failed; i++) {
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
	msec_t end = world->calm_at + PATIENCE;
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
