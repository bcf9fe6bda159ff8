/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an application does with a connection: so many octets written, and all
 * read, in pieces and with pauses; then it closes, or leaves in a worse way.
 */
#ifndef MODEL_APP_H
#define MODEL_APP_H

#include "model/endpoint.h"

/* How applications are in general. */
struct manners {
	uint32_t octets_max; /* they write at most */
	uint32_t violence;   /* so many in a thousand abort or crash */
	uint32_t buffer;     /* of the other end; 0: it does not matter */
	msec_t pause_max;    /* between two writes, or reads */
};

enum app_end { APP_CLOSES, APP_ABORTS, APP_CRASHES };

struct app {
	uint64_t seed;
	uint32_t life; /* of the endpoint, that this is about */
	uint32_t left; /* octets to be written */
	uint32_t chunk;
	uint32_t appetite; /* octets read at once */
	uint32_t progress;
	msec_t write_pause;
	msec_t read_pause;
	msec_t write_at;
	msec_t read_at;
	msec_t leave_at;    /* with .end */
	msec_t patience_at; /* if nothing has moved until then, it leaves */
	enum app_end end;
	bool waits; /* closes after the other one */
};

/* For the endpoint's next life, which it opens, or the one that it has. */
void app_begin(struct app *app, const struct endpoint *ep,
	       const struct manners *manners, msec_t now);

/* Octets that it writes before it connects. */
uint32_t app_first(struct app *app);

/* From now on it behaves. */
void app_calm(struct app *app);

msec_t app_deadline(const struct app *app, const struct endpoint *ep);
void app_run(struct app *app, struct endpoint *ep, msec_t now,
	     struct burst *out);

#endif
