/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall may do.
 */
#include "model/oracle.h"

#include <string.h>

/*
 * What may be lost with a segment that is dropped for a reason.  A SYN, a FIN
 * and data come again; of answers it is said why there is no need of them.
 */
static const struct excuse {
	enum reason reason;
	unsigned int effects;
	bool only_crossing; /* only if their SYNs have crossed */
} excuses[] = {
	/* A SYN comes again, and a second later it passes. */
	{ REASON_PENDING_LIMIT, EFFECT_ALL, false },
	/* 64 of them in a second pass; what was in the others comes again. */
	{ REASON_INERT_FLOOD, EFFECT_ALL, false },

	/* There is no connection: a RST would end what ends without it too. */
	{ REASON_ORPHAN_ACK, EFFECT_ANSWER, false },
	{ REASON_ORPHAN_FIN, EFFECT_ANSWER, false },
	{ REASON_ORPHAN_SYNACK, EFFECT_ANSWER, false },

	/* Of an old connection, while a SYN asks for a new one: the challenge
	 * ACK that answers the SYN does the same. */
	{ REASON_DATA_BEFORE_SYNACK, EFFECT_ANSWER, false },
	{ REASON_CLIENT_BEFORE_SYNACK, EFFECT_ANSWER, false },
	{ REASON_SYNACK_BAD_ACK, EFFECT_ANSWER, false },
	{ REASON_RST_BAD_SEQ, EFFECT_STATE, false },
	{ REASON_RST_BAD_ACK, EFFECT_STATE, false },
	{ REASON_SYNACK_BAD, EFFECT_ANSWER, false },
	{ REASON_SIMUL_BAD, EFFECT_ANSWER, false },
	{ REASON_THIRD_ACK_BAD, EFFECT_ANSWER, false },
	{ REASON_AFTER_CLOSE, EFFECT_ANSWER, false },
	{ REASON_AFTER_RESET, EFFECT_ANSWER, false },

	/* The endpoint refuses it as well.  Its ACK would say where it is, as
	 * does the one that answers the next retransmission. */
	{ REASON_DUP_OLD_SYN, EFFECT_ANSWER, false },
	{ REASON_SYNACK_UNEXPECTED, EFFECT_ANSWER, false },
	{ REASON_SEQ_HIGH, EFFECT_ANSWER, false },
	{ REASON_SEQ_OLD, EFFECT_ANSWER, false },
	{ REASON_ACK_OLD, EFFECT_ANSWER, false },
	{ REASON_ACK_UNSEEN, EFFECT_ANSWER, false },

	/* Its SYN-ACK has overtaken it. */
	{ REASON_SERVER_SYN, EFFECT_ALL, false },

	/* Both have opened, and one of them, or both, for the second time: the
	 * SYN-ACKs that they send again tell which SYNs are meant. */
	{ REASON_SIMUL_BAD, EFFECT_ALL, true },
	{ REASON_ACK_UNSEEN, EFFECT_ALL, true },
	{ REASON_SYNACK_BAD, EFFECT_ALL, true },
	{ REASON_SYNACK_UNEXPECTED, EFFECT_ALL, true },
	{ REASON_SYNACK_BAD_ACK, EFFECT_ALL, true },
	{ REASON_DUP_OLD_SYN, EFFECT_ALL, true },
	{ REASON_THIRD_ACK_BAD, EFFECT_ALL, true },
	{ REASON_SEQ_HIGH, EFFECT_ALL, true },
	{ REASON_SEQ_OLD, EFFECT_ALL, true },
	{ REASON_CLIENT_BEFORE_SYNACK, EFFECT_ALL, true },
	{ REASON_AFTER_RESET, EFFECT_ALL, true },
	{ REASON_AFTER_CLOSE, EFFECT_ALL, true },
	{ REASON_DATA_AFTER_FIN, EFFECT_ALL, true },
	{ REASON_ORPHAN_ACK, EFFECT_ALL, true },
	{ REASON_ORPHAN_FIN, EFFECT_ALL, true },
};

/* There are only so many of them in a second. */
static bool is_spent(enum reason reason)
{
	return reason == REASON_PENDING_LIMIT || reason == REASON_INERT_FLOOD;
}

static unsigned int excused(const struct parcel *parcel,
			    const struct endpoint *from,
			    const struct endpoint *to)
{
	bool is_crossing = to->has_crossed || from->has_crossed;
	unsigned int effects = 0;

	/* The SYN comes again, and its answer too. */
	if (parcel->is_disturbed &&
	    (parcel->is_contested || to->state == END_SYN_SENT ||
	     to->state == END_SYN_RECEIVED || to->state == END_LISTEN))
		return EFFECT_ALL;
	/* So does all that an attacker has taken the place of. */
	if (parcel->is_contested && is_spent(parcel->reason))
		return EFFECT_ALL;
	for (size_t i = 0; i < sizeof(excuses) / sizeof(excuses[0]); i++)
		if (excuses[i].reason == parcel->reason &&
		    (is_crossing || !excuses[i].only_crossing))
			effects |= excuses[i].effects;
	return effects;
}

/*
 * Its sender has begun another connection or has left this one, or it is a SYN
 * that was acknowledged long ago: it is no longer meant.
 */
static bool is_stale(const struct parcel *parcel, const struct endpoint *from)
{
	bool is_syn = parcel->seg.flags & TCP_SYN;
	bool is_synack = is_syn && parcel->seg.flags & TCP_ACK;

	if (parcel->life != from->life ||
	    (is_synack && !from->is_passive && !from->has_crossed))
		return true;
	if (is_syn && from->snd.una != from->snd.iss)
		return true;
	return !(parcel->seg.flags & TCP_RST) && from->has_left &&
	       endpoint_is_free(from);
}

const char *oracle_judge_drop(const struct parcel *parcel,
			      const struct endpoint *from,
			      const struct endpoint *to, msec_t now)
{
	unsigned int effects;

	if (is_stale(parcel, from) || parcel->is_early || parcel->is_displaced)
		return NULL;
	/* RFC 1337: nobody should miss the RST that cuts it short; nor is
	 * there need of one to end a handshake that goes no further. */
	if (parcel->seg.flags & TCP_RST &&
	    (to->state == END_TIME_WAIT || to->state == END_SYN_RECEIVED))
		return NULL;
	effects = endpoint_effects(to, &parcel->seg, now) &
		  ~excused(parcel, from, to);
	if (effects & EFFECT_STATE)
		return "dropped, and it would have changed the state";
	if (effects & EFFECT_DATA)
		return "dropped, and it would have brought data";
	if (effects & EFFECT_ACK)
		return "dropped, and it would have acknowledged something";
	if (effects & EFFECT_WINDOW)
		return "dropped, and it would have changed the window";
	if (effects & EFFECT_ANSWER)
		return "dropped, and it would have been answered";
	return NULL;
}

/* Whoever asks for a connection keeps its memory alive for a few seconds. */
static bool is_same_timer(const struct view *before, const struct view *after)
{
	enum { ANSWER_LIFE = 10000 /* ms */ };

	return after->info.expires == before->info.expires ||
	       (after->info.expires > before->info.expires &&
		after->info.expires - before->info.expires <= ANSWER_LIFE);
}

/* Endpoints give up what is over for a new SYN as well (RFC 6191). */
static bool is_over(const struct conn_info *info)
{
	return strcmp(info->state, "TIME_WAIT") == 0 ||
	       strcmp(info->state, "CLOSED") == 0;
}

/* What hits the window is believed, as the endpoint would believe it. */
static bool is_believed(const struct forgery *forgery)
{
	return forgery->is_guess && !(forgery->seg.flags & TCP_RST);
}

enum harm oracle_judge_forgery(const struct forgery *forgery,
			       const struct view *before,
			       const struct view *after)
{
	if (is_believed(forgery))
		return HARM_EXCUSED;
	if (before->exists == after->exists &&
	    (!before->exists || (before->info.id == after->info.id &&
				 before->info.state == after->info.state &&
				 is_same_timer(before, after))))
		return HARM_NONE;
	if (before->exists && is_over(&before->info) &&
	    forgery->seg.flags == TCP_SYN)
		return HARM_EXCUSED;
	return HARM_DONE;
}

/* One of the attacker's has the place of the SYN that this belongs to, or of
 * the challenge ACK. */
static bool is_of_request(enum reason reason)
{
	return reason == REASON_PENDING_SYNACK ||
	       reason == REASON_REFUSED_REUSE || reason == REASON_RESYNC ||
	       reason == REASON_RST_TO_CHALLENGE ||
	       reason == REASON_SIMUL_ACK || reason == REASON_REUSE;
}

enum harm oracle_compare(const struct verdict *attacked,
			 const struct verdict *other)
{
	bool is_new_request = other->reason == REASON_PENDING_SYN &&
			      attacked->reason == REASON_REUSE;
	bool is_excused = is_spent(attacked->reason) ||
			  is_spent(other->reason) || is_new_request ||
			  is_of_request(other->reason);

	if (attacked->action == other->action &&
	    attacked->conn.state == other->conn.state)
		return HARM_NONE;
	return is_excused ? HARM_EXCUSED : HARM_DONE;
}

const char *oracle_judge_hit(const struct endpoint *ep,
			     const struct segment *seg, msec_t now)
{
	bool may_open = ep->state == END_LISTEN || ep->state == END_TIME_WAIT ||
			ep->state == END_SYN_SENT;

	if (seg->flags == TCP_SYN && may_open)
		return NULL;
	if (endpoint_effects(ep, seg, now) & ~(unsigned int)EFFECT_ANSWER)
		return "forged, and an endpoint believes it";
	return NULL;
}
