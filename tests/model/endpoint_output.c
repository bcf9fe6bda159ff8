/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an endpoint sends, and when: RFC 9293 section 3.8, without congestion
 * control, which no firewall sees.
 */
#include "model/endpoint.h"

#include "engine/seq.h"
#include "model/endpoint_state.h"
#include "unit/random.h"

enum {
	SYN_RETRIES = 6,
	SYNACK_RETRIES = 5,
	RETRIES = 15,
	BEATS = 20,
	COOKIE_LIFE = 20000 /* ms; two of them are good at a time */
};

static void emit(struct burst *out, const struct segment *seg)
{
	if (out->count < BURST_MAX)
		out->list[out->count++] = *seg;
}

/*
 * The window field, and the edge that it grants.  Only a stack that shrinks
 * windows takes back what it has granted (RFC 9293 section 3.8.6).
 */
static uint16_t grant(struct endpoint *ep, unsigned int shift)
{
	struct receiver *rcv = &ep->rcv;
	uint32_t granted = rcv->edge - rcv->next;
	uint32_t unit = 1U << shift;
	uint32_t window = end_room(ep) >> shift;

	if (window << shift < granted && !ep->stack->shrinks)
		window = (granted + unit - 1) >> shift;
	if (window > UINT16_MAX)
		window = UINT16_MAX;
	rcv->edge = rcv->next + (window << shift);
	rcv->updated = rcv->next;
	return (uint16_t)window;
}

static void put_timestamp(const struct endpoint *ep, struct segment *seg,
			  msec_t now)
{
	seg->has_ts = true;
	seg->ts_val = (uint32_t)now + ep->ts_offset;
	seg->ts_ecr = seg->flags & TCP_ACK ? ep->ts_recent : 0;
}

static void put_sack(struct segment *seg, struct range range)
{
	if (seg->sack_count < SEGMENT_SACKS)
		seg->sacks[seg->sack_count++] = range;
}

/* A duplicate first, then the range that changed last (RFC 2018, 2883). */
static void put_sacks(struct endpoint *ep, struct segment *seg)
{
	struct receiver *rcv = &ep->rcv;
	const struct range *recent = ranges_find(&rcv->queue, rcv->recent);

	if (!ep->has_sack)
		return;
	if (rcv->has_duplicate)
		put_sack(seg, rcv->duplicate);
	rcv->has_duplicate = false;
	if (recent)
		put_sack(seg, *recent);
	for (size_t i = 0; i < rcv->queue.count; i++)
		if (&rcv->queue.list[i] != recent)
			put_sack(seg, rcv->queue.list[i]);
}

/* A segment of the connection, whose SYNs are known, and what goes with it. */
static void send(struct endpoint *ep, struct segment *seg, msec_t now,
		 struct burst *out)
{
	seg->flags |= TCP_ACK;
	seg->ack = ep->rcv.next;
	seg->window = grant(ep, ep->rcv.shift);
	if (ep->has_ts)
		put_timestamp(ep, seg, now);
	put_sacks(ep, seg);
	ep->rcv.ack_now = false;
	ep->rcv.ack_timer = END_NEVER;
	ep->rcv.count = 0;
	emit(out, seg);
}

static void put_offer(const struct endpoint *ep, struct segment *syn,
		      const struct offer *offer, msec_t now)
{
	syn->has_wscale = offer->has_wscale;
	syn->wscale = ep->stack->wscale;
	syn->has_sack_ok = offer->has_sack;
	if (offer->has_ts)
		put_timestamp(ep, syn, now);
}

static struct offer make_offer(const struct endpoint *ep)
{
	const struct stack *stack = ep->stack;

	if (ep->state != END_SYN_SENT)
		return (struct offer){ .has_wscale = ep->has_wscale,
				       .has_sack = ep->has_sack,
				       .has_ts = ep->has_ts };
	if (stack->drops_options && ep->snd.retries >= 2)
		return (struct offer){ 0 };
	return (struct offer){ .has_wscale = stack->has_wscale,
			       .has_sack = stack->has_sack,
			       .has_ts = stack->has_ts };
}

/* Some data goes with the first SYN, and not with those after it. */
static void put_syn_data(struct endpoint *ep, struct segment *syn)
{
	if (!ep->stack->has_cookie || ep->snd.retries)
		return;
	syn->has_cookie = true;
	syn->len = ep->snd.syn_data;
}

void end_send_syn(struct endpoint *ep, msec_t now, struct burst *out)
{
	struct segment syn = { .seq = ep->snd.iss, .flags = TCP_SYN };
	struct offer offer = make_offer(ep);

	if (ep->state == END_SYN_SENT) {
		put_syn_data(ep, &syn);
		syn.window = end_room(ep) < UINT16_MAX ? (uint16_t)end_room(ep)
						       : UINT16_MAX;
	} else {
		syn.flags |= TCP_ACK;
		syn.ack = ep->rcv.next;
		syn.window = grant(ep, 0);
		ep->rcv.ack_now = false;
	}
	put_offer(ep, &syn, &offer, now);
	ep->snd.max = seq_max(ep->snd.max, segment_end(&syn));
	ep->snd.next = ep->snd.max;
	emit(out, &syn);
}

/* What a sender that keeps nothing in mind computes again (RFC 4987). */
static uint32_t cookie(const struct endpoint *ep, uint32_t irs, msec_t now)
{
	uint64_t mix = (uint64_t)(now / COOKIE_LIFE + 1) * 0x9e3779b97f4a7c15 +
		       (uint64_t)irs * 0xff51afd7ed558ccd + ep->isn_base +
		       ep->life;

	return random_next(&mix);
}

void end_send_cookie(struct endpoint *ep, const struct segment *syn, msec_t now,
		     struct burst *out)
{
	struct segment synack = { .seq = cookie(ep, syn->seq, now),
				  .ack = syn->seq + 1,
				  .flags = TCP_SYN | TCP_ACK };
	struct offer offer = make_offer(ep);

	synack.window = ep->stack->buffer < UINT16_MAX
				? (uint16_t)ep->stack->buffer
				: UINT16_MAX;
	put_offer(ep, &synack, &offer, now);
	emit(out, &synack);
}

bool end_knows_cookie(const struct endpoint *ep, const struct segment *ack,
		      msec_t now)
{
	uint32_t irs = ep->peer.isn;

	/* What is left of a connection must not open it again. */
	return !ep->peer.is_used && seq_after(ack->seq, irs) &&
	       (cookie(ep, irs, now) == ack->ack - 1 ||
		cookie(ep, irs, now - COOKIE_LIFE) == ack->ack - 1);
}

void end_refuse(const struct segment *seg, struct burst *out)
{
	struct segment rst = { .flags = TCP_RST };

	if (seg->flags & TCP_RST)
		return;
	if (seg->flags & TCP_ACK) {
		rst.seq = seg->ack;
	} else {
		rst.flags |= TCP_ACK;
		rst.ack = segment_end(seg);
	}
	emit(out, &rst);
}

void end_send_reset(const struct endpoint *ep, struct burst *out)
{
	struct segment rst = { .seq = ep->snd.next,
			       .ack = ep->rcv.next,
			       .flags = TCP_RST | TCP_ACK };

	emit(out, &rst);
}

/* Where a segment without data stands (Linux: within the window). */
static uint32_t ack_seq(const struct endpoint *ep)
{
	uint32_t edge = ep->snd.una + ep->snd.window;

	if (ep->stack->is_lenient && seq_after(ep->snd.max, edge))
		return edge;
	return ep->snd.max;
}

void end_send_ack(struct endpoint *ep, msec_t now, struct burst *out)
{
	struct segment ack = { .seq = ack_seq(ep) };

	send(ep, &ack, now, out);
}

static bool has_connection(const struct endpoint *ep)
{
	return ep->state != END_CLOSED && ep->state != END_LISTEN &&
	       ep->state != END_SYN_SENT;
}

/* Data, or the FIN, or what is left of them, may be sent. */
static bool has_output(const struct endpoint *ep)
{
	switch (ep->state) {
	case END_SYN_RECEIVED: /* Fast Open */
		return ep->stack->has_cookie && ep->is_passive;
	case END_ESTABLISHED:
	case END_CLOSE_WAIT:
	case END_FIN_WAIT_1:
	case END_CLOSING:
	case END_LAST_ACK:
		return true;
	case END_CLOSED:
	case END_LISTEN:
	case END_SYN_SENT:
	case END_FIN_WAIT_2:
	case END_TIME_WAIT:
	case END_STATE_COUNT:
		break;
	}
	return false;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Numbers from @seq to @edge. */
static uint32_t up_to(uint32_t seq, uint32_t edge)
{
	return seq_after(edge, seq) ? edge - seq : 0;
}

/* How much of what was written goes into a segment at @seq. */
static uint32_t fill(const struct endpoint *ep, uint32_t seq, uint32_t window)
{
	uint32_t len = min_u32(up_to(seq, ep->snd.written), window);

	for (size_t i = 0; i < ep->snd.sacked.count; i++)
		if (seq_after(ep->snd.sacked.list[i].left, seq))
			len = min_u32(len, ep->snd.sacked.list[i].left - seq);
	return min_u32(len, ep->stack->super);
}

static bool ends_with_fin(const struct endpoint *ep, uint32_t end)
{
	return ep->snd.has_fin && end == ep->snd.written &&
	       ep->state != END_SYN_RECEIVED;
}

static void close_own(struct endpoint *ep)
{
	if (ep->state == END_ESTABLISHED)
		ep->state = END_FIN_WAIT_1;
	else if (ep->state == END_CLOSE_WAIT)
		ep->state = END_LAST_ACK;
}

static void send_data(struct endpoint *ep, struct segment *seg, msec_t now,
		      struct burst *out)
{
	uint32_t end = segment_end(seg);

	if (seg->flags & TCP_FIN)
		close_own(ep);
	if (seg->len && seg->seq + seg->len == ep->snd.written)
		seg->flags |= TCP_PSH;
	ep->snd.max = seq_max(ep->snd.max, end);
	ep->snd.next = seq_max(ep->snd.next, end);
	send(ep, seg, now, out);
}

/* false: nothing is left that may be sent now. */
static bool send_next(struct endpoint *ep, msec_t now, struct burst *out)
{
	struct sender *snd = &ep->snd;
	const struct range *sacked = ranges_find(&snd->sacked, snd->next);
	struct segment seg = { .seq = sacked ? sacked->right : snd->next };
	uint32_t window = up_to(seg.seq, snd->una + snd->window);
	uint32_t flight = up_to(seg.seq, snd->una + ep->stack->flight);

	seg.len = fill(ep, seg.seq, min_u32(window, flight));
	if (ends_with_fin(ep, seg.seq + seg.len) &&
	    (seg.len < window || ep->stack->forces_fin))
		seg.flags = TCP_FIN;
	if (!seg.len && !seg.flags)
		return false;
	/* Rather wait than fill a window with crumbs. */
	if (!seg.flags && seg.len == window && seg.len < ep->stack->mss &&
	    seg.len < up_to(seg.seq, snd->written) && snd->una != snd->max)
		return false;
	send_data(ep, &seg, now, out);
	return true;
}

void end_resend(struct endpoint *ep, msec_t now, struct burst *out)
{
	struct segment seg = { .seq = ep->snd.una };

	seg.len = fill(ep, seg.seq,
		       min_u32(ep->stack->mss, ep->snd.max - seg.seq));
	if (ends_with_fin(ep, seg.seq + seg.len) &&
	    seq_after(ep->snd.max, seg.seq + seg.len))
		seg.flags = TCP_FIN;
	if (ep->stack->goes_back)
		ep->snd.next = ep->snd.una;
	if (seg.len || seg.flags)
		send_data(ep, &seg, now, out);
}

static bool has_unsent(const struct endpoint *ep)
{
	uint32_t end = ep->snd.written + ep->snd.has_fin;

	return has_output(ep) && seq_after(end, ep->snd.next);
}

void end_arm(struct endpoint *ep, msec_t now)
{
	struct sender *snd = &ep->snd;
	msec_t rto = ep->stack->rto << (snd->retries < 10 ? snd->retries : 10);

	if (ep->state != END_SYN_SENT && !has_connection(ep))
		return;
	if (snd->una == snd->max && !has_unsent(ep))
		snd->timer = END_NEVER;
	else if (snd->timer == END_NEVER)
		snd->timer =
			now +
			(rto < ep->stack->rto_max ? rto : ep->stack->rto_max);
}

void endpoint_output(struct endpoint *ep, msec_t now, struct burst *out)
{
	if (!has_connection(ep))
		return;
	ep->snd.again = END_NEVER;
	while (has_output(ep) && out->count < ep->stack->burst)
		if (!send_next(ep, now, out))
			break;
	if (has_output(ep) && out->count >= ep->stack->burst)
		ep->snd.again = now + 1 + random_below(&ep->seed, 4);
	if (ep->rcv.ack_now)
		end_send_ack(ep, now, out);
	end_arm(ep, now);
}

/* The window is closed, and has been probed with an octet at most. */
static bool is_probing(const struct endpoint *ep)
{
	uint32_t in_flight = ep->snd.max - ep->snd.una;

	return !in_flight || (in_flight == 1 && !ep->snd.window &&
			      up_to(ep->snd.una, ep->snd.written));
}

/* RFC 9293 section 3.8.6.1. */
static void probe(struct endpoint *ep, msec_t now, struct burst *out)
{
	struct segment seg = { .seq = ep->snd.una - 1 };

	if (ep->stack->probes_octet && up_to(ep->snd.una, ep->snd.written)) {
		seg.seq = ep->snd.una;
		seg.len = 1;
		ep->snd.max = seq_max(ep->snd.max, seg.seq + 1);
	}
	send(ep, &seg, now, out);
}

static uint8_t retries_max(const struct endpoint *ep)
{
	if (ep->state == END_SYN_SENT)
		return SYN_RETRIES;
	return ep->state == END_SYN_RECEIVED ? SYNACK_RETRIES : RETRIES;
}

static void time_out(struct endpoint *ep, msec_t now, struct burst *out)
{
	ep->snd.timer = END_NEVER;
	if (ep->snd.retries++ >= retries_max(ep)) {
		end_finish(ep, OUTCOME_GAVE_UP);
		return;
	}
	if (ep->snd.una == ep->snd.iss)
		end_send_syn(ep, now, out);
	else if (is_probing(ep))
		probe(ep, now, out);
	else
		end_resend(ep, now, out);
	end_arm(ep, now);
}

/* RFC 9293 section 3.8.4. */
static void beat(struct endpoint *ep, msec_t now, struct burst *out)
{
	struct segment seg = { .seq = ep->snd.max - 1 };

	ep->keepalive = now + ep->stack->keepalive;
	if (ep->snd.una != ep->snd.max || !endpoint_is_open(ep))
		return;
	if (ep->beats++ >= BEATS) {
		end_finish(ep, OUTCOME_GAVE_UP);
		return;
	}
	seg.len = ep->stack->beats_octet;
	send(ep, &seg, now, out);
}

static msec_t earlier(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

msec_t endpoint_deadline(const struct endpoint *ep)
{
	msec_t first = earlier(ep->snd.timer, ep->snd.again);

	first = earlier(first, ep->rcv.ack_timer);
	first = earlier(first, ep->keepalive);
	return earlier(first, ep->time_wait);
}

void endpoint_tick(struct endpoint *ep, msec_t now, struct burst *out)
{
	if (ep->time_wait <= now)
		end_finish(ep, OUTCOME_CLOSED);
	if (ep->rcv.ack_timer <= now)
		ep->rcv.ack_now = true;
	if (ep->snd.timer <= now)
		time_out(ep, now, out);
	if (ep->keepalive <= now)
		beat(ep, now, out);
	endpoint_output(ep, now, out);
}
