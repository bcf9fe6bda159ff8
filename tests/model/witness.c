/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall can know.
 */
#include "model/witness.h"

static enum side other(enum side side)
{
	return side == SIDE_O ? SIDE_R : SIDE_O;
}

void witness_dismiss(struct line *line)
{
	for (int side = 0; side < SIDE_COUNT; side++)
		line->displaced[side] = line->ends[side].life;
	line->is_excused = true;
}

static bool concerns(const struct line *line, const uint32_t lives[SIDE_COUNT])
{
	return lives[SIDE_O] == line->ends[SIDE_O].life ||
	       lives[SIDE_R] == line->ends[SIDE_R].life;
}

/* This life of its sender, and the one of the other side that it meets. */
static void displace(struct line *line, const struct parcel *parcel)
{
	enum side to = other(parcel->from);

	line->displaced[parcel->from] = parcel->life;
	line->displaced[to] =
		line->ends[to].life + endpoint_is_free(&line->ends[to]);
	line->is_excused = true;
}

/* Of a handshake, or of a connection beside an older one: both its ends. */
void witness_miss(struct line *line, const struct parcel *parcel)
{
	if (parcel->seg.flags & TCP_SYN || concerns(line, line->beside))
		displace(line, parcel);
}

static bool is_late(const struct line *line, const struct parcel *parcel)
{
	return parcel->life != line->ends[parcel->from].life;
}

/* Another SYN has passed than that of the endpoint, and may have its place. */
static void disturb(struct line *line, const struct parcel *parcel)
{
	if (parcel->is_forged || is_late(line, parcel))
		line->disturbed[parcel->from] = line->ends[parcel->from].life;
	if (parcel->is_forged)
		line->disturbed[other(parcel->from)] =
			line->ends[other(parcel->from)].life;
}

/* There is one request at a time. */
static void note_request(struct line *line, const struct parcel *parcel)
{
	enum side to = other(parcel->from);

	if (line->asks == to)
		line->disturbed[to] = line->ends[to].life;
	line->asks = parcel->from;
	line->beside[parcel->from] = parcel->life;
}

static void note_syn(struct line *line, const struct parcel *parcel)
{
	disturb(line, parcel);
	if (parcel->is_forged)
		return;
	line->introduced[parcel->from] = parcel->life;
	if (parcel->reason == REASON_PENDING_SYN)
		note_request(line, parcel);
}

/* A SYN that was late and comes after a RST looks like another try. */
static bool looks_new(const struct line *line, const struct parcel *parcel)
{
	const struct endpoint *from = &line->ends[parcel->from];

	return parcel->reason == REASON_REUSE && !parcel->is_forged &&
	       !is_late(line, parcel) && from->snd.una != from->snd.iss;
}

void witness_note(struct line *line, struct parcel *parcel)
{
	const struct scene *scene = line->scene;

	if (parcel->seg.flags & TCP_SYN && !parcel->is_ghost)
		note_syn(line, parcel);
	if (looks_new(line, parcel))
		displace(line, parcel);
	/* The other end has not closed yet, and nobody will tell it. */
	if (parcel->reason == REASON_REUSE &&
	    !endpoint_is_free(&line->ends[other(parcel->from)]))
		line->is_excused = true;
	/* A FIN alone has nothing picked up.  And when SYN, SYN-ACK and ACK
	 * were all late, they look like any handshake. */
	if ((parcel->reason == REASON_ORPHAN_FIN && scene->restarts) ||
	    (parcel->reason == REASON_RESYNC && is_late(line, parcel)))
		witness_dismiss(line);
	parcel->is_early = !(parcel->seg.flags & (TCP_RST | TCP_SYN)) &&
			   line->introduced[parcel->from] != parcel->life;
	parcel->is_disturbed = concerns(line, line->disturbed) ||
			       concerns(line, line->displaced);
	parcel->is_displaced = line->displaced[parcel->from] == parcel->life;
	parcel->is_contested = scene->attack != ATTACK_NONE || scene->overlooks;
}
