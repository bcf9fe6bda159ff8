/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forged segments.
 */
#include "model/attacker.h"

#include "engine/seq.h"
#include "unit/random.h"

#define PICK(seed, list) \
	(list)[random_below(seed, sizeof(list) / sizeof((list)[0]))]

void attacker_init(struct attacker *attacker, enum attack attack, uint64_t seed)
{
	*attacker = (struct attacker){
		.seed = seed,
		.attack = attack,
		.next = attack == ATTACK_NONE ? END_NEVER : 1,
	};
	attacker->pause = 1 << random_below(&attacker->seed, 12);
	attacker->guess =
		(enum guess)random_below(&attacker->seed, GUESS_COUNT);
	attacker->as[SIDE_O] = random_below(&attacker->seed, 3);
	attacker->as[SIDE_R] =
		!attacker->as[SIDE_O] || random_below(&attacker->seed, 2);
}

static bool is_near(uint32_t seq, uint32_t first, uint32_t last)
{
	enum { NEAR = 1 << 24 };

	return seq_between(seq, first - NEAR, last + NEAR);
}

/* What @ep has sent or may send, or what it was sent or may get. */
static bool is_of(const struct endpoint *ep, const struct endpoint *other,
		  uint32_t seq)
{
	return is_near(seq, ep->snd.iss, ep->snd.max) ||
	       is_near(seq, other->rcv.irs, other->rcv.edge);
}

static bool is_of_own_syn(const struct attacker *attacker, uint32_t seq)
{
	enum { WINDOW = 1 << 17 };

	for (uint32_t i = 0; i < ATTACKER_SYNS; i++)
		if (seq - attacker->syns[i] < WINDOW)
			return true;
	return false;
}

/* Random numbers, and those where comparisons go wrong. */
static uint32_t draw_number(struct attacker *attacker, uint32_t truth)
{
	static const uint32_t fixed[] = { 0, 1, 0x7fffffff, 0x80000000,
					  UINT32_MAX };
	static const uint32_t off[] = { 0x80000000, 0x7fffffff, 1 << 26,
					-(1U << 26) };
	uint64_t *seed = &attacker->seed;

	switch (random_below(seed, 4)) {
	case 0:
		return PICK(seed, fixed);
	case 1:
		return truth + PICK(seed, off);
	default:
		return random_next(seed);
	}
}

static uint32_t draw_far(struct attacker *attacker, const struct endpoint *ep,
			 const struct endpoint *other)
{
	uint32_t seq;

	do
		seq = draw_number(attacker, ep->snd.max);
	while (is_of(ep, other, seq) || is_of_own_syn(attacker, seq));
	return seq;
}

static uint8_t draw_flags(uint64_t *seed)
{
	static const uint8_t flags[] = {
		TCP_SYN,           TCP_SYN | TCP_ACK,
		TCP_ACK,           TCP_ACK | TCP_PSH,
		TCP_FIN | TCP_ACK, TCP_RST,
		TCP_RST | TCP_ACK, TCP_SYN | TCP_FIN,
		TCP_FIN,           0,
	};

	return PICK(seed, flags);
}

static void draw_options(uint64_t *seed, struct segment *seg)
{
	bool is_syn = seg->flags & TCP_SYN;

	seg->window = (uint16_t)random_next(seed);
	seg->has_ts = random_below(seed, 3) == 0;
	seg->ts_val = random_next(seed);
	seg->has_wscale = is_syn && random_below(seed, 2);
	seg->wscale = (uint8_t)random_below(seed, 15);
	seg->has_sack_ok = is_syn && random_below(seed, 2);
	if (!(seg->flags & TCP_RST) && random_below(seed, 3) == 0)
		seg->len = random_below(seed, 2000);
}

static void forge_blind(struct attacker *attacker, const struct endpoint *ep,
			const struct endpoint *other, struct segment *seg)
{
	seg->flags = draw_flags(&attacker->seed);
	draw_options(&attacker->seed, seg);
	seg->seq = seg->flags == TCP_SYN ? random_next(&attacker->seed)
					 : draw_far(attacker, ep, other);
	if (seg->flags & TCP_ACK)
		seg->ack = draw_far(attacker, other, ep);
	if (seg->flags == TCP_SYN)
		attacker->syns[attacker->syn_count++ % ATTACKER_SYNS] =
			seg->seq;
}

/*
 * In the window, behind all that was sent: a RST that is not exact, data, or a
 * FIN that nothing leads up to.  false: there is no room for that.
 */
static bool forge_guess(struct attacker *attacker, const struct endpoint *ep,
			const struct endpoint *other, struct segment *seg)
{
	static const uint8_t flags[GUESS_COUNT] = {
		[GUESS_RESET] = TCP_RST,
		[GUESS_DATA] = TCP_ACK,
		[GUESS_FIN] = TCP_FIN | TCP_ACK,
	};
	uint32_t first = ep->snd.max + 2;
	uint64_t *seed = &attacker->seed;

	if ((attacker->has_guessed && attacker->guess == GUESS_FIN) ||
	    !endpoint_is_open(ep) || !endpoint_is_open(other) ||
	    !seq_after(other->rcv.edge, first + 1))
		return false;
	attacker->has_guessed = true;
	seg->flags = flags[attacker->guess];
	draw_options(seed, seg);
	seg->seq = first + random_below(seed, other->rcv.edge - first - 1);
	seg->ack = ep->rcv.next;
	return true;
}

void attacker_forge(struct attacker *attacker, const struct line *line,
		    msec_t now, struct forgery *forgery)
{
	uint64_t *seed = &attacker->seed;
	const struct endpoint *ep;
	const struct endpoint *other;

	attacker->next =
		now + 1 + random_below(seed, (uint32_t)attacker->pause);
	*forgery = (struct forgery){ .from = random_below(seed, 2) ? SIDE_R
								   : SIDE_O };
	if (!attacker->as[forgery->from])
		forgery->from = forgery->from == SIDE_O ? SIDE_R : SIDE_O;
	ep = &line->ends[forgery->from];
	other = &line->ends[forgery->from == SIDE_O ? SIDE_R : SIDE_O];
	forgery->is_guess = attacker->attack == ATTACK_WINDOW &&
			    random_below(seed, 2) &&
			    forge_guess(attacker, ep, other, &forgery->seg);
	if (!forgery->is_guess)
		forge_blind(attacker, ep, other, &forgery->seg);
}
