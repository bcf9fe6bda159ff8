/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an endpoint makes of a segment: RFC 9293 section 3.10.7, in its order,
 * in a connection.
 */
#include "model/endpoint.h"

#include "engine/seq.h"
#include "model/endpoint_state.h"

/* RFC 9293 section 3.10.7.4, first check. */
static bool is_acceptable(const struct endpoint *ep, const struct segment *seg)
{
	uint32_t next = ep->rcv.next;
	uint32_t edge = ep->rcv.edge;
	uint32_t last = segment_end(seg) - 1;

	if (ep->stack->is_lenient)
		return !seq_before(segment_end(seg), ep->rcv.updated) &&
		       !seq_after(seg->seq, edge);
	if (segment_end(seg) == seg->seq)
		return edge == next ? seg->seq == next
				    : !seq_before(seg->seq, next) &&
					      seq_before(seg->seq, edge);
	return (!seq_before(seg->seq, next) && seq_before(seg->seq, edge)) ||
	       (!seq_before(last, next) && seq_before(last, edge));
}

/* RFC 7323 section 5.3: the segment is older than what came before. */
static bool is_too_old(const struct endpoint *ep, const struct segment *seg)
{
	return ep->has_ts && seg->has_ts && !(seg->flags & TCP_RST) &&
	       seq_before(seg->ts_val, ep->ts_recent);
}

static void note_timestamp(struct endpoint *ep, const struct segment *seg)
{
	if (ep->has_ts && seg->has_ts &&
	    !seq_before(seg->ts_val, ep->ts_recent) &&
	    !seq_after(seg->seq, ep->rcv.updated))
		ep->ts_recent = seg->ts_val;
}

/* RFC 2883: for the next ACK. */
static void note_duplicate(struct endpoint *ep, const struct segment *seg)
{
	uint32_t right = seg->seq + seg->len;

	if (!seg->len || !seq_before(seg->seq, ep->rcv.next))
		return;
	if (seq_after(right, ep->rcv.next))
		right = ep->rcv.next;
	ep->rcv.duplicate = (struct range){ seg->seq, right };
	ep->rcv.has_duplicate = true;
}

static bool resets(const struct endpoint *ep, const struct segment *seg)
{
	const struct receiver *rcv = &ep->rcv;

	if (seg->seq == rcv->next || ep->stack->trusts_rst)
		return true;
	if (!ep->stack->trusts_more)
		return false;
	return (rcv->queue.count &&
		seg->seq == rcv->queue.list[rcv->queue.count - 1].right) ||
	       (endpoint_at_end(ep) && seg->seq == rcv->fin);
}

/* Not too often, or two ends could go on with it for ever (RFC 5961 7). */
static void challenge(struct endpoint *ep, msec_t now)
{
	enum { PAUSE = 500 /* ms, as in Linux */ };

	if (now < ep->challenge_from)
		return;
	ep->challenge_from = now + PAUSE;
	ep->rcv.ack_now = true;
}

static void receive_reset(struct endpoint *ep, const struct segment *seg,
			  msec_t now)
{
	if (!resets(ep, seg))
		challenge(ep, now);
	else if (ep->state != END_TIME_WAIT || !ep->stack->outlives_rst)
		end_finish(ep, OUTCOME_RESET);
}

static void take_sacks(struct endpoint *ep, const struct segment *seg)
{
	for (size_t i = 0; i < seg->sack_count && ep->has_sack; i++)
		if (!seq_before(seg->sacks[i].left, ep->snd.una) &&
		    !seq_after(seg->sacks[i].right, ep->snd.max))
			(void)ranges_add(&ep->snd.sacked, seg->sacks[i]);
}

static void take_window(struct endpoint *ep, const struct segment *seg)
{
	struct sender *snd = &ep->snd;

	if (seq_before(seg->ack, snd->una) || seq_after(snd->wl1, seg->seq) ||
	    (snd->wl1 == seg->seq && seq_after(snd->wl2, seg->ack)))
		return;
	snd->window = seg->window;
	if (!(seg->flags & TCP_SYN))
		snd->window <<= snd->shift;
	snd->wl1 = seg->seq;
	snd->wl2 = seg->ack;
	if (snd->window > snd->window_max)
		snd->window_max = snd->window;
}

static void advance(struct endpoint *ep, uint32_t ack, msec_t now)
{
	struct sender *snd = &ep->snd;

	snd->una = ack;
	snd->next = seq_max(snd->next, ack);
	snd->retries = 0;
	snd->duplicates = 0;
	snd->timer = END_NEVER;
	ranges_cut(&snd->sacked, ack);
	end_arm(ep, now);
}

/* The FIN is acknowledged. */
static void close_output(struct endpoint *ep, msec_t now)
{
	if (ep->state == END_FIN_WAIT_1)
		ep->state = END_FIN_WAIT_2;
	else if (ep->state == END_CLOSING)
		end_enter_time_wait(ep, now);
	else if (ep->state == END_LAST_ACK)
		end_finish(ep, OUTCOME_CLOSED);
}

/* Fifth check; false: the segment ends here. */
static bool receive_ack(struct endpoint *ep, const struct segment *seg,
			msec_t now, struct burst *out)
{
	struct sender *snd = &ep->snd;

	if (ep->state == END_SYN_RECEIVED) {
		if (!end_acks_new(ep, seg)) {
			end_refuse(seg, out);
			return false;
		}
		end_open(ep, now);
	}
	/* RFC 5961 section 5. */
	if (seq_after(seg->ack, snd->max) ||
	    seq_before(seg->ack, snd->una - snd->window_max)) {
		challenge(ep, now);
		return false;
	}
	if (seg->ack == snd->una && !seg->len && snd->una != snd->max)
		snd->duplicates++;
	if (seq_after(seg->ack, snd->una))
		advance(ep, seg->ack, now);
	else if (seg->ack == snd->una && snd->una == snd->max)
		snd->retries = 0; /* a probe or a keep-alive is answered */
	take_sacks(ep, seg);
	take_window(ep, seg);
	if (snd->duplicates == 3 && snd->una != snd->max)
		end_resend(ep, now, out);
	if (snd->has_fin && snd->una == snd->written + 1)
		close_output(ep, now);
	return true;
}

static void delay_ack(struct endpoint *ep, msec_t now)
{
	if (!ep->stack->ack_delay || ++ep->rcv.count >= 2)
		ep->rcv.ack_now = true;
	else if (ep->rcv.ack_timer == END_NEVER)
		ep->rcv.ack_timer = now + ep->stack->ack_delay;
}

/* Seventh check: octets, as far as they are in the window. */
static void receive_data(struct endpoint *ep, const struct segment *seg,
			 msec_t now)
{
	struct receiver *rcv = &ep->rcv;
	struct range range = { seq_max(seg->seq, rcv->next),
			       seg->seq + seg->len };

	if (!seg->len)
		return;
	note_duplicate(ep, seg);
	if (seq_after(range.right, rcv->edge))
		range.right = rcv->edge;
	if (!seq_after(range.right, range.left)) {
		rcv->ack_now = true;
		return;
	}
	if (range.left == rcv->next && !rcv->queue.count) {
		rcv->next = range.right;
		delay_ack(ep, now);
		return;
	}
	rcv->ack_now = true;
	rcv->recent = range.left;
	if (range.left == rcv->next)
		rcv->next = ranges_take(&rcv->queue, range.right);
	else
		(void)ranges_add(&rcv->queue, range);
}

/* Eighth check. */
static void receive_fin(struct endpoint *ep, const struct segment *seg,
			msec_t now)
{
	struct receiver *rcv = &ep->rcv;

	if (seg->flags & TCP_FIN && !rcv->has_fin &&
	    !seq_after(seg->seq + seg->len, rcv->edge)) {
		rcv->has_fin = true;
		rcv->fin = seg->seq + seg->len;
	}
	if (!rcv->has_fin || rcv->next != rcv->fin)
		return;
	rcv->next++;
	rcv->edge = seq_max(rcv->edge, rcv->next);
	rcv->ack_now = true;
	if (ep->state == END_ESTABLISHED) {
		ep->state = END_CLOSE_WAIT;
	} else if (ep->state == END_FIN_WAIT_1) {
		ep->state = END_CLOSING;
	} else if (ep->state == END_FIN_WAIT_2) {
		end_enter_time_wait(ep, now);
		rcv->ack_now = true;
	}
}

static bool takes_data(const struct endpoint *ep)
{
	return ep->state == END_ESTABLISHED || ep->state == END_FIN_WAIT_1 ||
	       ep->state == END_FIN_WAIT_2;
}

/*
 * A segment that is not acceptable is answered with an ACK.  Some stacks read
 * its acknowledgement all the same if it is only old, and all should if the
 * window is closed.
 */
static void receive_unacceptable(struct endpoint *ep, const struct segment *seg,
				 msec_t now, struct burst *out)
{
	bool is_old = ep->stack->reads_old &&
		      !seq_after(segment_end(seg), ep->rcv.next);
	bool is_shut = ep->rcv.edge == ep->rcv.next && seg->seq == ep->rcv.next;

	if (seg->flags & TCP_RST)
		return;
	if (seg->len || seg->flags & TCP_FIN)
		ep->rcv.ack_now = true;
	else
		challenge(ep, now);
	note_duplicate(ep, seg);
	if (seg->flags & TCP_FIN && ep->state == END_TIME_WAIT)
		ep->time_wait = now + ep->stack->time_wait;
	if (ep->state == END_SYN_RECEIVED || seg->flags & TCP_SYN ||
	    !(seg->flags & TCP_ACK))
		return;
	if (is_old || is_shut)
		(void)receive_ack(ep, seg, now, out);
}

/* A SYN-ACK that answers our own SYN after theirs has crossed it. */
static bool crosses(const struct endpoint *ep, const struct segment *seg)
{
	return ep->state == END_SYN_RECEIVED && !ep->is_passive &&
	       seg->flags & TCP_SYN && seg->seq == ep->rcv.irs &&
	       end_acks_new(ep, seg);
}

static bool repeats_syn(const struct endpoint *ep, const struct segment *seg)
{
	return ep->state == END_SYN_RECEIVED && seg->flags == TCP_SYN &&
	       seg->seq == ep->rcv.irs && ep->stack->repeats_syn;
}

void end_receive_synchronised(struct endpoint *ep, const struct segment *seg,
			      msec_t now, struct burst *out)
{
	if (repeats_syn(ep, seg)) {
		end_send_syn(ep, now, out);
		return;
	}
	if (crosses(ep, seg)) {
		(void)receive_ack(ep, seg, now, out);
		return;
	}
	if (is_too_old(ep, seg)) {
		challenge(ep, now);
		return;
	}
	if (!is_acceptable(ep, seg)) {
		receive_unacceptable(ep, seg, now, out);
		return;
	}
	if (seg->flags & TCP_RST) {
		receive_reset(ep, seg, now);
		return;
	}
	if (seg->flags & TCP_SYN)
		challenge(ep, now);
	if (seg->flags & TCP_SYN || !(seg->flags & TCP_ACK))
		return;
	note_timestamp(ep, seg);
	if (!receive_ack(ep, seg, now, out))
		return;
	if (!takes_data(ep)) {
		ep->rcv.ack_now |= seg->len || seg->flags & TCP_FIN;
		return;
	}
	receive_data(ep, seg, now);
	receive_fin(ep, seg, now);
}

/* RFC 6191 section 2 and RFC 1122 section 4.2.2.13. */
static bool may_reopen(const struct endpoint *ep, const struct segment *syn)
{
	bool is_later = seq_after(syn->seq, ep->rcv.next);

	if (!ep->listens || syn->flags != TCP_SYN)
		return false;
	if (!ep->has_ts)
		return syn->has_ts || is_later;
	if (!syn->has_ts)
		return is_later;
	return seq_after(syn->ts_val, ep->ts_recent) ||
	       (syn->ts_val == ep->ts_recent && is_later);
}

static void note_life(struct endpoint *ep, msec_t now)
{
	ep->beats = 0;
	if (ep->keepalive != END_NEVER)
		ep->keepalive = now + ep->stack->keepalive;
}

void endpoint_receive(struct endpoint *ep, const struct segment *seg,
		      msec_t now, struct burst *out)
{
	switch (ep->state) {
	case END_CLOSED:
		end_refuse(seg, out);
		return;
	case END_LISTEN:
		end_receive_listening(ep, seg, now, out);
		return;
	case END_SYN_SENT:
		end_receive_syn_sent(ep, seg, now, out);
		return;
	case END_TIME_WAIT:
		if (may_reopen(ep, seg)) {
			end_open_passive(ep, seg, now, out);
			return;
		}
		break;
	case END_SYN_RECEIVED:
	case END_ESTABLISHED:
	case END_FIN_WAIT_1:
	case END_FIN_WAIT_2:
	case END_CLOSE_WAIT:
	case END_CLOSING:
	case END_LAST_ACK:
	case END_STATE_COUNT:
		break;
	}
	note_life(ep, now);
	end_receive_synchronised(ep, seg, now, out);
}
