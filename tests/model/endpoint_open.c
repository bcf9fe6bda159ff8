/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an endpoint opens a connection with the segments that come: RFC 9293
 * section 3.10.7, in LISTEN and SYN-SENT.
 */
#include "engine/seq.h"
#include "model/endpoint_state.h"

static void take_offer(struct endpoint *ep, const struct segment *syn)
{
	ep->peer = (struct offer){
		.has_wscale = syn->has_wscale,
		.has_sack = syn->has_sack_ok,
		.has_ts = syn->has_ts,
		.wscale = syn->wscale,
		.ts_val = syn->ts_val,
		.isn = syn->seq,
	};
	end_agree(ep);
}

/* The other end's SYN: its numbers, and the window, which is not scaled. */
static void take_syn(struct endpoint *ep, const struct segment *syn)
{
	uint32_t room = ep->stack->buffer;

	take_offer(ep, syn);
	ep->rcv.irs = syn->seq;
	ep->rcv.next = syn->seq + 1;
	ep->rcv.read = ep->rcv.next;
	ep->rcv.updated = ep->rcv.next;
	ep->rcv.edge = ep->rcv.next + (room < UINT16_MAX ? room : UINT16_MAX);
	ep->snd.window = syn->window;
	ep->snd.window_max = syn->window;
	ep->snd.wl1 = syn->seq;
	ep->snd.wl2 = ep->snd.iss;
}

void end_open_passive(struct endpoint *ep, const struct segment *syn,
		      msec_t now, struct burst *out)
{
	end_begin(ep, now);
	ep->is_passive = true;
	ep->state = END_SYN_RECEIVED;
	take_syn(ep, syn);
	if (syn->has_cookie && ep->stack->has_cookie)
		ep->rcv.next += syn->len;
	end_send_syn(ep, now, out);
	end_arm(ep, now);
}

/* The ACK brings back all that the SYN-ACK put into its number. */
static void open_by_cookie(struct endpoint *ep, const struct segment *ack,
			   msec_t now)
{
	struct segment syn = { .seq = ep->peer.isn,
			       .window = ack->window,
			       .has_wscale = ep->peer.has_wscale,
			       .wscale = ep->peer.wscale,
			       .has_sack_ok = ep->peer.has_sack,
			       .has_ts = ep->peer.has_ts,
			       .ts_val = ep->peer.ts_val };

	end_begin(ep, now);
	ep->is_passive = true;
	ep->state = END_SYN_RECEIVED;
	ep->snd.iss = ack->ack - 1;
	ep->snd.una = ep->snd.iss;
	ep->snd.next = ack->ack;
	ep->snd.max = ack->ack;
	ep->snd.written = ack->ack;
	take_syn(ep, &syn);
	ep->peer.is_used = true;
}

void end_receive_listening(struct endpoint *ep, const struct segment *seg,
			   msec_t now, struct burst *out)
{
	if (seg->flags & TCP_RST)
		return;
	if (seg->flags & TCP_ACK) {
		if (!ep->stack->forgets_syn || seg->flags & TCP_SYN ||
		    !end_knows_cookie(ep, seg, now)) {
			ep->has_doubted = ep->stack->forgets_syn;
			end_refuse(seg, out);
			return;
		}
		open_by_cookie(ep, seg, now);
		end_receive_synchronised(ep, seg, now, out);
	} else if (seg->flags & TCP_SYN && ep->stack->forgets_syn) {
		take_offer(ep, seg);
		end_send_cookie(ep, seg, now, out);
	} else if (seg->flags & TCP_SYN) {
		end_open_passive(ep, seg, now, out);
	}
}

bool end_acks_new(const struct endpoint *ep, const struct segment *seg)
{
	return seg->flags & TCP_ACK && seq_after(seg->ack, ep->snd.una) &&
	       !seq_after(seg->ack, ep->snd.max);
}

/* Data that went with the SYN and was not taken goes again. */
static void acknowledge_syn(struct endpoint *ep, const struct segment *seg,
			    msec_t now)
{
	ep->snd.una = seg->ack;
	ep->snd.next = seg->ack;
	ep->snd.wl2 = seg->ack;
	end_open(ep, now);
}

void end_receive_syn_sent(struct endpoint *ep, const struct segment *seg,
			  msec_t now, struct burst *out)
{
	bool acks = end_acks_new(ep, seg);

	if (seg->flags & TCP_ACK && !acks) {
		end_refuse(seg, out);
		return;
	}
	if (seg->flags & TCP_RST) {
		if (acks)
			end_finish(ep, OUTCOME_RESET);
		return;
	}
	if (!(seg->flags & TCP_SYN))
		return;
	take_syn(ep, seg);
	if (acks) {
		acknowledge_syn(ep, seg, now);
		ep->rcv.ack_now = true;
		return;
	}
	ep->state = END_SYN_RECEIVED;
	ep->has_crossed = true;
	if (ep->stack->answers_ack)
		ep->rcv.ack_now = true;
	else
		end_send_syn(ep, now, out);
}
