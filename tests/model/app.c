/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Applications.
 */
#include "model/app.h"

#include "unit/random.h"

enum {
	PATIENCE = 900000, /* ms */
	BACKLOG = 300000,  /* octets that are written in advance */
};

/* Mostly small, sometimes large, up to @max. */
static uint32_t skewed(uint64_t *seed, uint32_t max)
{
	uint32_t limit = max >> (random_below(seed, 8) * 2);

	return random_below(seed, limit + 1);
}

static msec_t draw_pause(uint64_t *seed, msec_t max)
{
	return random_below(seed, 3) ? 0 : skewed(seed, (uint32_t)max);
}

static void draw_end(struct app *app, const struct manners *manners, msec_t now)
{
	app->end = APP_CLOSES;
	app->leave_at = END_NEVER;
	if (random_below(&app->seed, 1000) >= manners->violence)
		return;
	app->end = random_below(&app->seed, 2) ? APP_ABORTS : APP_CRASHES;
	app->leave_at = now + skewed(&app->seed, 5000);
}

/* A small buffer at the other end would make much data a matter of hours. */
static uint32_t draw_octets(struct app *app, const struct manners *manners)
{
	uint32_t max = manners->octets_max;

	if (manners->buffer && max / 200 > manners->buffer)
		max = 200 * manners->buffer;
	return skewed(&app->seed, max);
}

void app_begin(struct app *app, const struct endpoint *ep,
	       const struct manners *manners, msec_t now)
{
	bool is_passive = ep->is_passive && !endpoint_is_free(ep);
	uint64_t *seed = &app->seed;

	app->life = endpoint_is_free(ep) ? ep->life + 1 : ep->life;
	app->left = draw_octets(app, manners);
	app->chunk = 1 + skewed(seed, app->left / 2 + 1);
	app->appetite = 1 + skewed(seed, ep->stack->buffer);
	/* Not octet by octet for ever. */
	if (app->chunk < app->left / 50)
		app->chunk = app->left / 50;
	if (app->appetite < ep->stack->buffer / 10)
		app->appetite = ep->stack->buffer / 10;
	app->write_pause = draw_pause(seed, manners->pause_max);
	app->read_pause = draw_pause(seed, manners->pause_max);
	app->write_at = now;
	app->read_at = now;
	app->waits = is_passive && random_below(seed, 2);
	app->patience_at = now + PATIENCE;
	app->progress = 0;
	draw_end(app, manners, now);
}

uint32_t app_first(struct app *app)
{
	uint32_t octets = app->chunk < app->left ? app->chunk : app->left;

	app->left -= octets;
	return octets;
}

void app_calm(struct app *app)
{
	app->end = APP_CLOSES;
	app->leave_at = END_NEVER;
}

static bool is_mine(const struct app *app, const struct endpoint *ep)
{
	return app->life == ep->life && !endpoint_is_free(ep);
}

/* Something to write, or to close. */
static bool wants_write(const struct app *app, const struct endpoint *ep)
{
	if (!endpoint_is_open(ep) || ep->snd.has_fin)
		return false;
	if (app->left)
		return endpoint_unsent(ep) < BACKLOG;
	return !app->waits || endpoint_at_end(ep);
}

static msec_t earlier(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

msec_t app_deadline(const struct app *app, const struct endpoint *ep)
{
	msec_t first = earlier(app->leave_at, app->patience_at);

	if (!is_mine(app, ep))
		return END_NEVER;
	if (wants_write(app, ep))
		first = earlier(first, app->write_at);
	if (endpoint_unread(ep))
		first = earlier(first, app->read_at);
	return first;
}

static void leave(struct app *app, struct endpoint *ep, msec_t now,
		  struct burst *out)
{
	if (app->end == APP_CRASHES)
		endpoint_crash(ep);
	else
		endpoint_abort(ep, now, out);
}

static void write_some(struct app *app, struct endpoint *ep, msec_t now)
{
	uint32_t octets = app->chunk < app->left ? app->chunk : app->left;

	app->write_at = now + app->write_pause;
	app->left -= octets;
	if (octets)
		endpoint_write(ep, octets);
	else
		endpoint_shutdown(ep);
}

/* Whoever hears nothing for long takes the other one for dead. */
static bool is_patient(struct app *app, const struct endpoint *ep, msec_t now)
{
	uint32_t progress = ep->rcv.next + ep->snd.una;

	if (progress == app->progress)
		return false;
	app->progress = progress;
	app->patience_at = now + PATIENCE;
	return true;
}

void app_run(struct app *app, struct endpoint *ep, msec_t now,
	     struct burst *out)
{
	if (!is_mine(app, ep))
		return;
	if (app->leave_at <= now ||
	    (app->patience_at <= now && !is_patient(app, ep, now))) {
		leave(app, ep, now, out);
		return;
	}
	if (endpoint_unread(ep) && app->read_at <= now) {
		app->read_at = now + app->read_pause;
		endpoint_read(ep, app->appetite);
	}
	if (wants_write(app, ep) && app->write_at <= now)
		write_some(app, ep, now);
}
