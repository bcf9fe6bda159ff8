/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From words to verdicts.
 */
#include "policy/rehearsal.h"

#include <stdlib.h>

#include "policy/compose.h"
#include "policy/dialogue.h"
#include "policy/trial.h"

struct rehearsal {
	const struct policy *policy;
	struct trial *trial;
	struct dialogue dialogue;
	struct composed packet; /* the last one */
};

struct rehearsal *rehearsal_create(struct policy *policy, int64_t wall)
{
	const struct trial_params params = {
		.rules = policy->rules,
		.max_conns = policy->max_conns,
		.wall = wall,
	};
	struct rehearsal *rehearsal = calloc(1, sizeof(*rehearsal));

	if (!rehearsal)
		return NULL;
	ruleset_forget(policy->rules);
	rehearsal->policy = policy;
	rehearsal->trial = trial_create(&params);
	if (rehearsal->trial)
		return rehearsal;
	free(rehearsal);
	return NULL;
}

void rehearsal_destroy(struct rehearsal *rehearsal)
{
	if (!rehearsal)
		return;
	trial_destroy(rehearsal->trial);
	free(rehearsal);
}

static void play_segment(struct rehearsal *r, const struct expression *expr,
			 uint8_t flags, struct played *played)
{
	struct utterance said = dialogue_next(&r->dialogue, expr, flags);
	struct utterance quoted = { 0 };

	if (expr->has_about)
		quoted = dialogue_last(&r->dialogue, &expr->about);
	compose(expr, &said, expr->has_about ? &quoted : NULL, &played->passage,
		&r->packet);
	played->decode = packet_parse(&played->pkt, &r->packet.meta,
				      r->packet.octets, r->packet.len);
	played->verdict = trial_decide(r->trial, &played->pkt, played->decode);
	if (played->verdict.action == ACTION_ACCEPT)
		dialogue_note(&r->dialogue, &said);
}

/* The other side's words, on the way back. */
static struct expression answer_to(const struct expression *expr)
{
	struct expression answer = *expr;

	answer.flow.src = expr->flow.dst;
	answer.flow.dst = expr->flow.src;
	/* The client's port may have been chosen: it is in the dialogue. */
	answer.seq.is_given = false;
	answer.ack.is_given = false;
	answer.payload = 0;
	return answer;
}

static void play_handshake(struct rehearsal *r, const struct expression *expr,
			   struct played *played)
{
	const struct expression answer = answer_to(expr);
	struct expression third = *expr;
	struct passage passage = played->passage;

	play_segment(r, expr, TCP_SYN, played);
	if (played->verdict.action != ACTION_ACCEPT)
		return;
	/* That port, not another one, is meant from now on. */
	third.flow.src.port = played->pkt.tuple.sport;
	third.flow.src.has_port = true;
	third.payload = 0;
	played->passage = passage_back(&passage);
	play_segment(r, &answer, TCP_SYN | TCP_ACK, played);
	played->passage = passage;
	if (played->verdict.action == ACTION_ACCEPT)
		play_segment(r, &third, TCP_ACK, played);
}

void rehearsal_play(struct rehearsal *rehearsal, const struct expression *expr,
		    struct played *played)
{
	*played = (struct played){ 0 };
	played->passage = passage_of(expr, rehearsal->policy->rules);
	if (expr->is_handshake)
		play_handshake(rehearsal, expr, played);
	else
		play_segment(rehearsal, expr, expr->flags, played);
}

void rehearsal_change_subject(struct rehearsal *rehearsal)
{
	dialogue_forget(&rehearsal->dialogue);
}

void rehearsal_wait(struct rehearsal *rehearsal, msec_t duration)
{
	trial_advance(rehearsal->trial, trial_now(rehearsal->trial) + duration);
}

msec_t rehearsal_now(const struct rehearsal *rehearsal)
{
	return trial_now(rehearsal->trial);
}

const struct engine *rehearsal_engine(const struct rehearsal *rehearsal)
{
	return trial_engine(rehearsal->trial);
}
