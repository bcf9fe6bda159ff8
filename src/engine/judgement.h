/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet being judged: what engine.c (the pipeline), engine_open.c
 * (connections begin) and engine_error.c (ICMP errors) share.
 */
#ifndef ENGINE_JUDGEMENT_H
#define ENGINE_JUDGEMENT_H

#include "engine/engine_state.h"
#include "engine/proto.h"

struct judgement {
	struct engine *eng;
	const struct packet *pkt;
	const struct proto *proto;
	const struct tuple_key *key; /* of .pkt */
	msec_t now;
	struct track_input in;
};

/* The packet passes, as one of the connection's. */
void judgement_count(const struct judgement *j, struct conn *conn,
		     enum direction dir);
/* The timeout of the connection's state starts now, within its total life. */
void judgement_restart(const struct judgement *j, struct conn *conn);

/* An ICMP error. */
struct verdict judgement_error(const struct judgement *j);
/* The packet asks to open a connection, or to pass without one. */
struct verdict judgement_open(const struct judgement *j);
/*
 * It belongs to no connection and cannot open one, for that @reason; but
 * perhaps some rule lets it pass all the same.
 */
struct verdict judgement_stateless(const struct judgement *j,
				   enum reason reason);
/* No connection is to be made of it, so the rules alone decide. */
struct verdict judgement_alone(const struct judgement *j);
/*
 * It ends the connection and opens the next one of its tuple, which the rules
 * have allowed as @asked says.
 */
struct verdict judgement_replace(const struct judgement *j, struct conn *conn,
				 struct verdict asked, enum reason reason);
/*
 * With it, sent in @dir of the connection that was there, the next one has
 * taken its place; @before is the rule that the last one belonged to.
 */
struct verdict judgement_renew(const struct judgement *j, struct conn *conn,
			       enum direction dir,
			       const struct allegiance *before,
			       struct track track);

#endif
