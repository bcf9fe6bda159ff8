/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lives of an endpoint, and what applications do with it.
 */
#include "model/endpoint.h"

#include "engine/seq.h"
#include "model/endpoint_state.h"
#include "unit/random.h"

const char *const end_state_names[END_STATE_COUNT] = {
	[END_CLOSED] = "CLOSED",           [END_LISTEN] = "LISTEN",
	[END_SYN_SENT] = "SYN-SENT",       [END_SYN_RECEIVED] = "SYN-RECEIVED",
	[END_ESTABLISHED] = "ESTABLISHED", [END_FIN_WAIT_1] = "FIN-WAIT-1",
	[END_FIN_WAIT_2] = "FIN-WAIT-2",   [END_CLOSE_WAIT] = "CLOSE-WAIT",
	[END_CLOSING] = "CLOSING",         [END_LAST_ACK] = "LAST-ACK",
	[END_TIME_WAIT] = "TIME-WAIT",
};

static void stop_timers(struct endpoint *ep)
{
	ep->snd.timer = END_NEVER;
	ep->snd.again = END_NEVER;
	ep->rcv.ack_timer = END_NEVER;
	ep->keepalive = END_NEVER;
	ep->time_wait = END_NEVER;
	ep->rcv.ack_now = false;
}

void endpoint_init(struct endpoint *ep, const struct stack *stack,
		   uint64_t seed, bool listens)
{
	*ep = (struct endpoint){ .stack = stack,
				 .seed = seed,
				 .listens = listens };
	ep->state = listens ? END_LISTEN : END_CLOSED;
	ep->isn_base = random_next(&ep->seed);
	ep->ts_offset = random_next(&ep->seed);
	ep->snd.max = random_next(&ep->seed);
	stop_timers(ep);
}

static bool is_near_past(const struct endpoint *ep, uint32_t isn)
{
	enum { NEAR = 1 << 24 };

	for (int i = 0; i < PAST_LEN; i++)
		if (isn - ep->past[i] + NEAR < 2 * NEAR)
			return true;
	return false;
}

/*
 * Not near the numbers of lives before: what the network still holds of them
 * would be taken for the new one's, and no firewall could help that.
 */
static uint32_t draw_isn(struct endpoint *ep, msec_t now)
{
	uint32_t isn = ep->isn_base + (uint32_t)now * 250;

	if (!ep->stack->clocks_isn)
		isn = random_next(&ep->seed);
	while (is_near_past(ep, isn))
		isn = ep->stack->clocks_isn ? isn + (1 << 22)
					    : random_next(&ep->seed);
	return isn;
}

void end_begin(struct endpoint *ep, msec_t now)
{
	uint32_t isn;

	ep->past[ep->life++ % PAST_LEN] = ep->snd.max;
	isn = draw_isn(ep, now);
	ep->was_open = false;
	ep->is_passive = false;
	ep->has_crossed = false;
	ep->beats = 0;
	ep->snd = (struct sender){ .iss = isn,
				   .una = isn,
				   .next = isn,
				   .max = isn,
				   .written = isn + 1 };
	ep->rcv = (struct receiver){ 0 };
	stop_timers(ep);
	/* Who forgets the SYN must not contradict its SYN-ACK. */
	if (!ep->stack->clocks_ts && !ep->stack->forgets_syn)
		ep->ts_offset = random_next(&ep->seed);
}

static bool awaits_answer(const struct endpoint *ep)
{
	return ep->state == END_SYN_SENT ||
	       (ep->state == END_SYN_RECEIVED && ep->has_crossed);
}

void end_finish(struct endpoint *ep, enum end_outcome outcome)
{
	/* Who waits for nothing but the ACK of its FIN has got it all. */
	if (outcome == OUTCOME_RESET &&
	    (ep->state == END_LAST_ACK || ep->state == END_CLOSING))
		outcome = OUTCOME_CLOSED;
	ep->has_left = outcome != OUTCOME_CLOSED;
	if (awaits_answer(ep) && outcome == OUTCOME_GAVE_UP)
		ep->outcomes[OUTCOME_UNANSWERED]++;
	else if (ep->was_open && ep->state != END_TIME_WAIT)
		ep->outcomes[outcome]++;
	ep->state = ep->listens ? END_LISTEN : END_CLOSED;
	stop_timers(ep);
}

void end_open(struct endpoint *ep, msec_t now)
{
	ep->state = END_ESTABLISHED;
	ep->was_open = true;
	ep->snd.retries = 0;
	if (ep->stack->keepalive)
		ep->keepalive = now + ep->stack->keepalive;
}

void end_enter_time_wait(struct endpoint *ep, msec_t now)
{
	if (ep->state != END_TIME_WAIT)
		ep->outcomes[OUTCOME_CLOSED]++;
	stop_timers(ep);
	ep->state = END_TIME_WAIT;
	ep->time_wait = now + ep->stack->time_wait;
}

void end_agree(struct endpoint *ep)
{
	ep->has_wscale = ep->stack->has_wscale && ep->peer.has_wscale;
	ep->has_sack = ep->stack->has_sack && ep->peer.has_sack;
	ep->has_ts = ep->stack->has_ts && ep->peer.has_ts;
	ep->snd.shift = ep->has_wscale ? ep->peer.wscale : 0;
	ep->rcv.shift = ep->has_wscale ? ep->stack->wscale : 0;
	ep->ts_recent = ep->peer.ts_val;
}

uint32_t end_room(const struct endpoint *ep)
{
	uint32_t used = endpoint_unread(ep);

	return used < ep->stack->buffer ? ep->stack->buffer - used : 0;
}

void endpoint_connect(struct endpoint *ep, uint32_t octets, msec_t now,
		      struct burst *out)
{
	end_begin(ep, now);
	ep->state = END_SYN_SENT;
	ep->snd.written += octets;
	if (ep->stack->has_cookie)
		ep->snd.syn_data =
			octets < ep->stack->mss ? octets : ep->stack->mss;
	end_send_syn(ep, now, out);
	end_arm(ep, now);
}

static bool may_write(const struct endpoint *ep)
{
	return !ep->snd.has_fin &&
	       (ep->state == END_SYN_RECEIVED || ep->state == END_ESTABLISHED ||
		ep->state == END_CLOSE_WAIT);
}

void endpoint_write(struct endpoint *ep, uint32_t octets)
{
	if (may_write(ep))
		ep->snd.written += octets;
}

void endpoint_shutdown(struct endpoint *ep)
{
	if (may_write(ep))
		ep->snd.has_fin = true;
}

uint32_t endpoint_unread(const struct endpoint *ep)
{
	uint32_t end = ep->rcv.next;

	/* The FIN is none of the octets. */
	if (endpoint_at_end(ep))
		end--;
	return end - ep->rcv.read;
}

uint32_t endpoint_unsent(const struct endpoint *ep)
{
	return seq_after(ep->snd.written, ep->snd.una)
		       ? ep->snd.written - ep->snd.una
		       : 0;
}

/* The window opens far enough to be told. */
void endpoint_read(struct endpoint *ep, uint32_t octets)
{
	uint32_t unread = endpoint_unread(ep);
	uint32_t window = ep->rcv.edge - ep->rcv.next;
	uint32_t room;

	ep->rcv.read += octets < unread ? octets : unread;
	room = end_room(ep);
	if (endpoint_at_end(ep) || room >> ep->rcv.shift == 0)
		return;
	if (window == 0 || (room > window && room - window >= ep->stack->mss))
		ep->rcv.ack_now = true;
}

void endpoint_abort(struct endpoint *ep, msec_t now, struct burst *out)
{
	(void)now;
	if (endpoint_is_free(ep))
		return;
	if (ep->state != END_SYN_SENT)
		end_send_reset(ep, out);
	end_finish(ep, OUTCOME_LEFT);
}

void endpoint_crash(struct endpoint *ep)
{
	end_finish(ep, OUTCOME_LEFT);
	ep->rcv = (struct receiver){ 0 };
	stop_timers(ep);
}

bool endpoint_is_free(const struct endpoint *ep)
{
	return ep->state == END_CLOSED || ep->state == END_LISTEN ||
	       ep->state == END_TIME_WAIT;
}

bool endpoint_is_open(const struct endpoint *ep)
{
	return !endpoint_is_free(ep) && ep->state != END_SYN_SENT &&
	       ep->state != END_SYN_RECEIVED;
}

bool endpoint_at_end(const struct endpoint *ep)
{
	return ep->rcv.has_fin && seq_after(ep->rcv.next, ep->rcv.fin);
}

unsigned int endpoint_effects(const struct endpoint *ep,
			      const struct segment *seg, msec_t now)
{
	struct endpoint after = *ep;
	struct burst out = { .count = 0 };
	unsigned int effects = 0;

	endpoint_receive(&after, seg, now, &out);
	if (after.state != ep->state || after.life != ep->life)
		effects |= EFFECT_STATE;
	if (after.rcv.next != ep->rcv.next ||
	    after.rcv.has_fin != ep->rcv.has_fin ||
	    !ranges_equal(&after.rcv.queue, &ep->rcv.queue))
		effects |= EFFECT_DATA;
	if (after.snd.una != ep->snd.una ||
	    !ranges_equal(&after.snd.sacked, &ep->snd.sacked))
		effects |= EFFECT_ACK;
	if (after.snd.window != ep->snd.window)
		effects |= EFFECT_WINDOW;
	if (out.count || (after.rcv.ack_now && !ep->rcv.ack_now))
		effects |= EFFECT_ANSWER;
	return effects;
}
