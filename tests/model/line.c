/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pair of ports.
 */
#include "model/line.h"

#include "unit/random.h"

static msec_t earlier(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

/* Nothing but the firewall could keep a connection from its end. */
static bool is_peaceful(const struct scene *scene)
{
	return !scene->manners.violence && scene->attack != ATTACK_HEARD;
}

/* Whoever listens gets what others open; R always does. */
static void init_side(struct line *line, enum side side)
{
	struct stack *stack = &line->stacks[side];
	bool listens = side == SIDE_R || random_below(&line->seed, 2);
	uint64_t seed = (uint64_t)random_next(&line->seed) << 32 | 1;

	stack_draw(stack, &line->seed);
	/* Such a server takes what is left of an old connection for a new. */
	if (is_peaceful(line->scene))
		stack->forgets_syn = false;
	endpoint_init(&line->ends[side], stack, seed, listens);
	line->apps[side] = (struct app){ .seed = seed ^ 0x5eed };
	line->open_at[side] = END_NEVER;
}

static msec_t draw_pause(struct line *line)
{
	uint32_t max = line->scene->pause_max;

	switch (random_below(&line->seed, 4)) {
	case 0:
		return 0;
	case 1:
		return random_below(&line->seed, 20);
	default:
		return random_below(&line->seed, max + 1);
	}
}

/* Who opens the next one: mostly O, sometimes R, or both at once. */
static void plan_open(struct line *line, msec_t now)
{
	msec_t at = now + draw_pause(line);
	bool is_reply = !line->scene->setup.one_way &&
			!line->scene->hides_replies &&
			random_below(&line->seed, 8) == 0;

	if (!line->opens_left)
		return;
	line->opens_left--;
	line->open_at[is_reply ? SIDE_R : SIDE_O] = at;
	if (line->scene->crosses)
		line->open_at[is_reply ? SIDE_O : SIDE_R] =
			at + random_below(&line->seed, 60);
}

void line_init(struct line *line, const struct scene *scene, uint64_t seed)
{
	*line = (struct line){ .scene = scene, .seed = seed };
	init_side(line, SIDE_O);
	init_side(line, SIDE_R);
	line->opens_left = 1 + random_below(&line->seed, scene->opens_max);
	plan_open(line, 0);
}

void line_calm(struct line *line, msec_t now)
{
	line->phase = LINE_DRAINS;
	line->opens_left = 0;
	for (int side = 0; side < SIDE_COUNT; side++) {
		line->open_at[side] = END_NEVER;
		app_calm(&line->apps[side]);
	}
	line_step(line, now);
}

msec_t line_deadline(const struct line *line)
{
	msec_t first = END_NEVER;

	for (int side = 0; side < SIDE_COUNT; side++) {
		const struct endpoint *ep = &line->ends[side];

		first = earlier(first, endpoint_deadline(ep));
		first = earlier(first, app_deadline(&line->apps[side], ep));
		first = earlier(first, line->open_at[side]);
	}
	return first;
}

/* The last connection is opened whatever the scene says of violence. */
static void begin_app(struct line *line, enum side side, msec_t now)
{
	struct manners manners = line->scene->manners;

	manners.buffer = line->stacks[side == SIDE_O ? SIDE_R : SIDE_O].buffer;
	app_begin(&line->apps[side], &line->ends[side], &manners, now);
	if (line->phase != LINE_BUSY)
		app_calm(&line->apps[side]);
}

/* Only the last connection will count. */
static void note_closed(struct line *line)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		line->closed[side] = line->ends[side].outcomes[OUTCOME_CLOSED];
}

static void open_end(struct line *line, enum side side, msec_t now,
		     struct burst *out)
{
	struct endpoint *ep = &line->ends[side];

	line->open_at[side] = END_NEVER;
	if (!endpoint_is_free(ep)) {
		/* The other side was faster, or this one is not ready. */
		if (!line->scene->crosses || ep->is_passive)
			line->open_at[side] = now + 500;
		return;
	}
	if (line->phase == LINE_LAST)
		note_closed(line);
	begin_app(line, side, now);
	endpoint_connect(ep, app_first(&line->apps[side]), now, out);
	if (line->phase == LINE_BUSY)
		plan_open(line, now);
}

void line_run(struct line *line, enum side side, msec_t now, struct burst *out)
{
	struct endpoint *ep = &line->ends[side];
	struct app *app = &line->apps[side];

	if (line->open_at[side] <= now)
		open_end(line, side, now, out);
	/* Somebody else has opened it. */
	if (ep->life != app->life && !endpoint_is_free(ep))
		begin_app(line, side, now);
	if (endpoint_deadline(ep) <= now)
		endpoint_tick(ep, now, out);
	if (app_deadline(app, ep) <= now)
		app_run(app, ep, now, out);
	endpoint_output(ep, now, out);
}

static bool is_quiet(const struct line *line)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		if (line->ends[side].state != END_CLOSED &&
		    line->ends[side].state != END_LISTEN)
			return false;
	return line->open_at[SIDE_O] == END_NEVER;
}

void line_step(struct line *line, msec_t now)
{
	if (line->phase == LINE_BUSY || line->phase == LINE_DONE ||
	    !is_quiet(line))
		return;
	if (line->phase == LINE_LAST) {
		line->phase = LINE_DONE;
		return;
	}
	line->phase = LINE_LAST;
	line->ends[SIDE_O].has_doubted = false;
	line->ends[SIDE_R].has_doubted = false;
	/* The network holds nothing of the others any more. */
	line->open_at[SIDE_O] = now + 5000 + draw_pause(line);
}

/*
 * An attacker may spend what a second allows, until one side gives up while its
 * SYN is answered.
 */
static bool was_starved(const struct line *line)
{
	return line->scene->attack != ATTACK_NONE &&
	       (line->ends[SIDE_O].outcomes[OUTCOME_UNANSWERED] ||
		line->ends[SIDE_R].outcomes[OUTCOME_UNANSWERED]);
}

/* A server that keeps no state refuses the keep-alive that comes first. */
static bool has_doubted(const struct line *line)
{
	return line->ends[SIDE_O].has_doubted || line->ends[SIDE_R].has_doubted;
}

const char *line_fault(const struct line *line)
{
	for (int side = 0; side < SIDE_COUNT; side++) {
		const uint32_t *outcomes = line->ends[side].outcomes;

		if (line->phase == LINE_DONE && !has_doubted(line) &&
		    outcomes[OUTCOME_CLOSED] != line->closed[side] + 1)
			return "the last connection has failed";
		if (!is_peaceful(line->scene) || line->is_excused ||
		    was_starved(line))
			continue;
		if (outcomes[OUTCOME_RESET])
			return "a connection was reset that nobody gave up";
		if (outcomes[OUTCOME_GAVE_UP] || outcomes[OUTCOME_LEFT])
			return "a connection has stalled";
	}
	return NULL;
}
