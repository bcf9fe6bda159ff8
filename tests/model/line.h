/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pair of ports: two endpoints with their applications, and who opens the
 * next connection when.
 */
#ifndef MODEL_LINE_H
#define MODEL_LINE_H

#include "model/app.h"
#include "model/scene.h"

enum line_phase {
	LINE_BUSY,   /* connections come and go */
	LINE_DRAINS, /* no new ones */
	LINE_LAST,   /* a last one, which has to succeed */
	LINE_DONE
};

struct line {
	const struct scene *scene;
	uint64_t seed;
	enum line_phase phase;
	struct stack stacks[SIDE_COUNT];
	struct endpoint ends[SIDE_COUNT];
	struct app apps[SIDE_COUNT];
	msec_t open_at
		[SIDE_COUNT]; /* the next one of that side, or END_NEVER */
	uint32_t opens_left;
	uint32_t closed[SIDE_COUNT]; /* outcomes before the last connection */
	uint32_t introduced[SIDE_COUNT]; /* life whose SYN has passed */
	uint32_t disturbed[SIDE_COUNT];  /* life in which an old SYN has, or a
					 * forged one */
	uint32_t beside[SIDE_COUNT];     /* life whose SYN has found an older
					  * connection */
	enum side asks; /* whose SYN has found an older connection last */
	uint32_t displaced[SIDE_COUNT]; /* life that the firewall need not
					 * know, for no fault of its own */
	bool is_excused;                /* some connection could be displaced */
};

void line_init(struct line *line, const struct scene *scene, uint64_t seed);

/* From now on no new connections, but a last one. */
void line_calm(struct line *line, msec_t now);

/* When line_run() has to be called next. */
msec_t line_deadline(const struct line *line);

/* Does for one side what is due, and what it sends. */
void line_run(struct line *line, enum side side, msec_t now, struct burst *out);

/* Moves on from phase to phase. */
void line_step(struct line *line, msec_t now);

/* NULL, or what went wrong in a way that only the firewall can explain. */
const char *line_fault(const struct line *line);

#endif
