/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the numbers of two ends.
 */
#include "fuzz/engine/ledger_ends.h"

enum { WINDOW_MAX = 1 << 30 };

uint32_t ledger_behind(const struct tcp_segment *seg)
{
	return seg->seq + seg->len + !!(seg->flags & TCP_SYN) +
	       !!(seg->flags & TCP_FIN);
}

bool ledger_has_ack(const struct tcp_segment *seg)
{
	return seg->flags & TCP_ACK && !(seg->flags & TCP_RST && !seg->ack);
}

uint32_t ledger_highest_ack(const struct ledger_end *receiver,
			    const struct tcp_segment *seg)
{
	return receiver->permits_sack ? seg->sack_right : seg->ack;
}

bool ledger_acks_syn(const struct ledger_end *end,
		     const struct tcp_segment *seg)
{
	return seg->flags & TCP_ACK && end->has_sent &&
	       ledger_within(seg->ack, end->isn + 1, end->end);
}

static uint32_t window(const struct ledger *ledger, int side,
		       const struct tcp_segment *seg)
{
	const struct ledger_end *ends = ledger->ends;
	bool scales = ends[0].offers_scaling && ends[1].offers_scaling &&
		      !(seg->flags & TCP_SYN);
	uint32_t size = (uint32_t)seg->window
			<< (scales ? ends[side].shift : 0);

	return size ? size : 1;
}

static void read_clock(struct ledger_end *end, const struct tcp_segment *seg)
{
	if (!seg->has_ts ||
	    (end->has_clock && !ledger_before(end->clock, seg->ts_val)))
		return;
	end->has_clock = true;
	end->clock = seg->ts_val;
}

/* What the options of a SYN or SYN-ACK say. */
static void read_offer(struct ledger_end *end, const struct tcp_segment *syn)
{
	read_clock(end, syn);
	if (syn->has_wscale) {
		end->offers_scaling = true;
		end->shift = syn->wscale;
	}
	if (syn->has_sack_ok)
		end->permits_sack = true;
}

static void open_end(struct ledger *ledger, int side,
		     const struct tcp_segment *syn)
{
	ledger->ends[side] = (struct ledger_end){
		.has_sent = true,
		.isn = syn->seq,
		.end = ledger_behind(syn),
		.edge = ledger_behind(syn),
		.maxwin = syn->window ? syn->window : 1,
	};
	read_offer(&ledger->ends[side], syn);
}

void ledger_open(struct ledger *ledger, int side, const struct tcp_segment *syn,
		 msec_t now)
{
	*ledger = (struct ledger){ .since = now, .is_reliable = true };
	open_end(ledger, side, syn);
}

void ledger_open_again(struct ledger_end *end, const struct tcp_segment *syn)
{
	ledger_raise(&end->end, ledger_behind(syn));
	ledger_raise(&end->edge, end->end);
	read_offer(end, syn);
}

void ledger_answer(struct ledger *ledger, int side,
		   const struct tcp_segment *synack)
{
	struct ledger_end *server = &ledger->ends[side];
	struct ledger_end *client = &ledger->ends[!side];

	open_end(ledger, side, synack);
	server->edge = server->end + client->maxwin;
	server->ack = server->sack = synack->ack;
	server->has_acked = true;
	/* Data that went with the SYN was granted by nobody. */
	if (client->end - synack->ack > server->maxwin)
		server->maxwin = client->end - synack->ack;
	client->edge = synack->ack + server->maxwin;
	client->ack = client->sack = synack->seq;
	client->has_acked = false;
}

void ledger_answer_again(struct ledger *ledger, int side,
			 const struct tcp_segment *synack)
{
	struct ledger_end *server = &ledger->ends[side];
	uint32_t former = server->isn;

	ledger_answer(ledger, side, synack);
	server->has_former = true;
	server->former = former;
}

void ledger_return_to_former(struct ledger *ledger, int side)
{
	struct ledger_end *server = &ledger->ends[side];
	struct ledger_end *client = &ledger->ends[!side];

	server->has_former = false;
	server->isn = server->former;
	server->end = server->isn + 1;
	server->edge = server->end + client->maxwin;
	client->ack = client->sack = server->isn;
}

void ledger_widen(struct ledger *ledger, int side,
		  const struct tcp_segment *ack)
{
	struct ledger_end *sender = &ledger->ends[side];
	uint32_t granted = window(ledger, side, ack);

	if (sender->maxwin < granted)
		sender->maxwin = granted;
	ledger_raise(&ledger->ends[!side].edge, ack->ack + granted);
}

void ledger_cross(struct ledger *ledger, int side,
		  const struct tcp_segment *syn)
{
	struct ledger_end *first = &ledger->ends[!side];
	struct ledger_end *second = &ledger->ends[side];

	ledger->is_crossed = true;
	open_end(ledger, side, syn);
	/* Data that goes with a SYN is granted by nobody. */
	if (first->maxwin < syn->len)
		first->maxwin = syn->len;
	if (second->maxwin < first->end - first->isn - 1)
		second->maxwin = first->end - first->isn - 1;
	second->edge = second->end + first->maxwin;
	second->ack = second->sack = first->isn;
	ledger_raise(&first->edge, first->end + second->maxwin);
	first->ack = first->sack = second->isn;
}

/* FINs that the other end has acknowledged count. */
static void settle_fin(struct ledger *ledger, int side)
{
	struct ledger_end *end = &ledger->ends[side];

	if (!end->may_have_fin ||
	    !ledger_before(end->fin, ledger->ends[!side].ack))
		return;
	end->has_fin = true;
	end->may_have_fin = false;
}

/* @sent: what the sender had sent before. */
static void note_fin(struct ledger_end *sender, const struct tcp_segment *seg,
		     uint32_t sent)
{
	if (sender->has_fin)
		return;
	sender->fin = seg->seq + seg->len;
	sender->has_fin = !ledger_before(sent, seg->seq);
	sender->may_have_fin = !sender->has_fin;
	sender->has_former = false;
}

static void note_acks(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];
	struct ledger_end *receiver = &ledger->ends[!entry->side];
	const struct tcp_segment *seg = entry->seg;

	if (!ledger_has_ack(seg))
		return;
	ledger_raise(&sender->ack, seg->ack);
	if (receiver->permits_sack)
		ledger_raise(&sender->sack, seg->sack_right);
	sender->has_acked |= ledger_before(receiver->isn, seg->ack);
	ledger_raise(&receiver->edge,
		     seg->ack + window(ledger, entry->side, seg));
	ledger_raise(&receiver->end, ledger_highest_ack(receiver, seg));
	settle_fin(ledger, !entry->side);
}

/* What was sent before, or acknowledged, shows that no FIN can stand there. */
static bool is_data_at(const struct ledger *ledger, int side, uint32_t fin)
{
	const struct ledger_end *sender = &ledger->ends[side];
	const struct ledger_end *receiver = &ledger->ends[!side];

	return ledger_before(fin + 1, sender->end) ||
	       (!ledger->is_lossy && ledger_before(fin, receiver->ack));
}

void ledger_note(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];
	struct ledger_end *receiver = &ledger->ends[!entry->side];
	const struct tcp_segment *seg = entry->seg;
	uint32_t granted = window(ledger, entry->side, seg);
	uint32_t sent = sender->end;
	uint32_t end = ledger_behind(seg);
	bool has_fin = seg->flags & TCP_FIN &&
		       !is_data_at(ledger, entry->side, seg->seq + seg->len);

	if (seg->flags & TCP_FIN && !has_fin && !sender->has_fin)
		end--;
	if (granted > sender->maxwin)
		sender->maxwin = granted;
	if (ledger_before(sender->edge, end))
		receiver->maxwin += end - sender->edge;
	if (receiver->maxwin > WINDOW_MAX)
		receiver->maxwin = WINDOW_MAX;
	ledger_raise(&sender->end, end);
	if (sender->may_have_fin && seg->len &&
	    ledger_before(sender->fin, seg->seq + seg->len))
		sender->may_have_fin = false;
	note_acks(ledger, entry);
	read_clock(sender, seg);
	if (has_fin)
		note_fin(sender, seg, sent);
}

void ledger_note_overshoot(struct ledger *ledger,
			   const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];

	if (entry->seg->flags & TCP_FIN && !sender->has_fin) {
		sender->may_have_fin = true;
		sender->has_former = false;
		sender->fin = entry->seg->seq + entry->seg->len;
	}
	ledger_raise(&sender->end, ledger_behind(entry->seg));
}
