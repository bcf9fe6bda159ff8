/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holds the engine's verdicts against the numbers of the two ends.
 */
#include "fuzz/engine/ledger.h"

#include <string.h>

#include "fuzz/engine/ledger_ends.h"
#include "fuzz/engine/twin.h"

enum {
	ACK_SLACK = 66000,
	REQUEST_LIFE = 10000, /* ms */
	ANSWER_LIFE = 60000,  /* ms */
};

static bool is_state(const char *state, const char *name)
{
	return state && strcmp(state, name) == 0;
}

/* In a handshake the number of before may be the one that is meant. */
static bool acks_former(const struct ledger_end *end,
			const struct tcp_segment *seg)
{
	return seg->flags & TCP_ACK && end->has_former &&
	       seg->ack == end->former + 1;
}

static bool acks_what_was_sent(const struct ledger *ledger,
			       const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];
	const struct ledger_end *receiver = &ledger->ends[!entry->side];
	uint32_t slack =
		sender->maxwin > ACK_SLACK ? sender->maxwin : ACK_SLACK;
	uint32_t sent = receiver->end;

	if (!ledger_has_ack(entry->seg))
		return true;
	if (ledger->is_lossy)
		ledger_raise(&sent, receiver->edge);
	return !ledger_before(sent, ledger_highest_ack(receiver, entry->seg)) &&
	       !ledger_before(entry->seg->ack, sender->ack - slack);
}

/* Rule 4. */
static void check_window(const struct ledger *ledger,
			 const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];
	const struct ledger_end *receiver = &ledger->ends[!entry->side];

	twin_check(acks_what_was_sent(ledger, entry),
		   "what has an effect acknowledges what was sent");
	twin_check(!ledger_before(sender->edge, entry->seg->seq),
		   "what has an effect does not begin beyond the window");
	twin_check(!ledger_before(ledger_behind(entry->seg),
				  sender->end - receiver->maxwin),
		   "what has an effect does not end before the window");
}

/* Data that followed the SYN-ACK may have passed unseen. */
static bool acks_unseen_data(const struct ledger *ledger,
			     const struct ledger_entry *entry)
{
	const struct ledger_end *server = &ledger->ends[!entry->side];

	return ledger->is_lossy && entry->seg->flags & TCP_ACK &&
	       server->has_sent && server->has_acked &&
	       ledger_within(entry->seg->ack, server->isn + 1, server->edge);
}

/* Rule 1. */
static void check_handshake(const struct ledger *ledger,
			    const struct ledger_entry *entry)
{
	const struct ledger_end *receiver = &ledger->ends[!entry->side];

	twin_check(ledger_acks_syn(receiver, entry->seg) ||
			   acks_former(receiver, entry->seg) ||
			   acks_unseen_data(ledger, entry),
		   "a handshake goes on only by an exact acknowledgement");
}

/* Rule 2. */
static void check_reset(const struct ledger *ledger,
			const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];
	const struct ledger_end *receiver = &ledger->ends[!entry->side];
	uint32_t seq = entry->seg->seq;

	twin_check(seq == receiver->ack || seq == sender->end ||
			   (sender->has_fin && seq == sender->fin) ||
			   (sender->permits_sack && seq == receiver->sack),
		   "a RST ends a connection with the number that is expected");
	twin_check(acks_what_was_sent(ledger, entry),
		   "and acknowledges nothing that was not sent");
}

static void check_refusal(const struct ledger *ledger,
			  const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];
	const struct ledger_end *receiver = &ledger->ends[!entry->side];

	if (entry->seg->flags & TCP_ACK) {
		twin_check(ledger_acks_syn(receiver, entry->seg),
			   "a refusal acknowledges the SYN");
		return;
	}
	twin_check(ledger->is_crossed,
		   "only a SYN that was crossed is refused without ACK");
	twin_check(entry->seg->seq == sender->end ||
			   entry->seg->seq == receiver->ack,
		   "and that with the number that is expected");
}

static void check_abort(const struct ledger *ledger,
			const struct ledger_entry *entry)
{
	const struct ledger_end *client = &ledger->ends[entry->side];

	twin_check(entry->seg->seq == client->isn ||
			   entry->seg->seq == client->end,
		   "a client takes back its own SYN");
}

/* What the ends have said so far does not make a whole. */
static void lose_track(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];

	ledger->is_reliable = false;
	ledger_raise(&sender->end, ledger_behind(entry->seg));
	if (ledger_has_ack(entry->seg))
		ledger_raise(&sender->ack, entry->seg->ack);
}

static bool is_live(const struct ledger_request *request, msec_t now)
{
	msec_t life = request->is_answered ? ANSWER_LIFE : REQUEST_LIFE;

	return request->is_there && now - request->since < life;
}

/* It may have lost its data or its options on the way. */
static void merge(struct tcp_segment *syn, const struct tcp_segment *again)
{
	if (syn->len < again->len)
		syn->len = again->len;
	if (again->has_wscale) {
		syn->has_wscale = true;
		syn->wscale = again->wscale;
	}
	syn->has_sack_ok |= again->has_sack_ok;
}

static void note_request(struct ledger *ledger,
			 const struct ledger_entry *entry)
{
	struct ledger_request *request = &ledger->request;
	const struct ledger_request before = *request;
	bool is_same = before.is_there && before.side == entry->side &&
		       before.syn.seq == entry->seg->seq;

	if (ledger->is_blind)
		return;
	if (is_same && is_live(&before, entry->now)) {
		request->since = entry->now;
		merge(&request->syn, entry->seg);
		return;
	}
	*request = (struct ledger_request){
		.is_there = true,
		.side = entry->side,
		.since = entry->now,
		.syn = *entry->seg,
	};
	/* The engine does not remember it, and has a newer one soon. */
	request->syn.has_ts = false;
	if (is_same)
		merge(&request->syn, &before.syn);
}

/* Whoever answers the SYN of a connection that is over has forgotten it. */
static void recall_syn(struct ledger *ledger, const struct ledger_entry *entry)
{
	const struct ledger_end *client = &ledger->ends[!entry->side];

	if (is_live(&ledger->request, entry->now) ||
	    !is_state(ledger->state, "TIME_WAIT"))
		return;
	if (!ledger->is_reliable) {
		ledger->is_blind = true;
		return;
	}
	if (entry->seg->ack != client->isn + 1)
		return;
	ledger->request = (struct ledger_request){
		.is_there = true,
		.side = !entry->side,
		.since = entry->now,
		.syn = { .seq = client->isn, .flags = TCP_SYN },
	};
}

/* Data behind the SYN-ACK, which need not wait for the ACK. */
static void note_early(struct ledger_request *request,
		       const struct tcp_segment *seg)
{
	uint32_t early = ledger_behind(seg) - request->synack.seq - 1;
	uint8_t shift = request->syn.has_wscale && request->synack.has_wscale
				? request->synack.wscale
				: 0;
	uint32_t known = (uint32_t)request->synack.window
			 << (request->is_widened ? shift : 0);

	if (early > UINT16_MAX)
		early = UINT16_MAX;
	if (request->early < early)
		request->early = early;
	if (seg->flags & TCP_SYN || known >= (uint32_t)seg->window << shift)
		return;
	request->synack.window = seg->window;
	request->is_widened = true;
}

static void note_synack(struct ledger_request *request,
			const struct ledger_entry *entry)
{
	const struct ledger_request before = *request;

	request->synack = *entry->seg;
	request->synack.has_ts = false;
	request->is_answered = true;
	request->since = entry->now;
	if (before.is_answered && before.synack.seq != entry->seg->seq) {
		request->is_several = true;
		request->is_widened = false;
		request->early = 0;
	} else if (before.is_widened) {
		request->synack.window = before.synack.window;
	}
}

/* A SYN-ACK that answers the request, or data behind it. */
static void note_answer(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_request *request = &ledger->request;
	const struct tcp_segment *seg = entry->seg;

	recall_syn(ledger, entry);
	if (ledger->is_blind)
		return;
	twin_check(is_live(request, entry->now) &&
			   request->side != entry->side &&
			   ledger_within(seg->ack, request->syn.seq + 1,
					 ledger_behind(&request->syn)),
		   "only a SYN that passed and is not old is answered");
	if (seg->flags & TCP_SYN)
		note_synack(request, entry);
	note_early(request, seg);
}

/* The handshake of the request, up to its third segment. */
static void begin_request(struct ledger *ledger, uint32_t isn, msec_t now)
{
	const struct ledger_request request = ledger->request;
	struct ledger_end *server = &ledger->ends[!request.side];
	struct tcp_segment synack = request.synack;
	struct tcp_segment window = request.synack;

	synack.seq = isn;
	synack.len = 0;
	/* It is remembered whether all of the SYN's data was taken. */
	if (synack.ack != ledger_behind(&request.syn))
		synack.ack = request.syn.seq + 1;
	window.flags = TCP_ACK;
	ledger_open(ledger, request.side, &request.syn, now);
	ledger_answer(ledger, !request.side, &synack);
	ledger_raise(&server->end, isn + 1 + request.early);
	if (request.is_widened)
		ledger_widen(ledger, !request.side, &window);
}

/* The handshake beside the connection is complete: it begins. */
static void resync(struct ledger *ledger, const struct ledger_entry *entry)
{
	const struct ledger_request *request = &ledger->request;
	uint32_t isn = request->synack.seq;
	bool is_exact = ledger_within(entry->seg->sack_right, isn + 1,
				      isn + 1 + request->syn.window);

	if (ledger->is_blind) {
		lose_track(ledger, entry);
		return;
	}
	twin_check(is_live(request, entry->now) && request->is_answered &&
			   request->side == entry->side,
		   "a handshake is whole before it replaces a connection");
	twin_check(is_exact || request->is_several,
		   "and acknowledges exactly the SYN-ACK that has passed");
	begin_request(ledger, is_exact ? isn : entry->seg->ack - 1, entry->now);
	check_handshake(ledger, entry);
	check_window(ledger, entry);
	ledger_note(ledger, entry);
}

static bool may_cross(const struct ledger *ledger, msec_t now)
{
	const struct ledger_request *request = &ledger->request;

	return is_live(request, now) && !ledger->ends[request->side].has_sent;
}

/* The second SYN is a request, until a segment shows that they have crossed. */
static void cross(struct ledger *ledger, const struct ledger_entry *entry)
{
	const struct ledger_request request = ledger->request;

	if (ledger->ends[0].has_sent && ledger->ends[1].has_sent)
		return;
	twin_check(may_cross(ledger, entry->now),
		   "a SYN crosses one that has passed and is not old");
	ledger_cross(ledger, request.side, &request.syn);
	ledger->request.is_there = false;
}

/* RFC 6191 section 2, RFC 1122 section 4.2.2.13. */
static bool is_later(const struct ledger_end *old,
		     const struct tcp_segment *syn)
{
	bool has_later_number = ledger_before(old->end, syn->seq);

	if (!old->has_clock)
		return syn->has_ts || has_later_number;
	if (!syn->has_ts)
		return has_later_number;
	return ledger_before(old->clock, syn->ts_val) ||
	       (old->clock == syn->ts_val && has_later_number);
}

/* Rule 5. */
static void check_reuse(const struct ledger *ledger,
			const struct ledger_entry *entry)
{
	bool is_over = is_state(ledger->state, "TIME_WAIT") ||
		       is_state(ledger->state, "CLOSED");

	if (!ledger->is_reliable || entry->verdict->reason != REASON_REUSE)
		return;
	twin_check(is_over, "only what has ended is replaced by a SYN");
	twin_check(is_state(ledger->state, "CLOSED") || !entry->is_full ||
			   is_later(&ledger->ends[entry->side], entry->seg),
		   "and in TIME_WAIT only by a later one");
}

static void note_again(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];

	twin_check(entry->seg->seq == sender->isn, "a SYN again is the same");
	if (is_state(ledger->state, "SYN_SENT"))
		ledger_open_again(sender, entry->seg);
}

/* The first that an end has to say of the other's SYN is exact. */
static void note_effect(struct ledger *ledger, const struct ledger_entry *entry)
{
	cross(ledger, entry);
	ledger->is_crossed |= entry->verdict->reason == REASON_SIMUL_ACK;
	/* Nobody says after a FIN which of several SYN-ACKs is meant. */
	if (!ledger->ends[0].has_fin && !ledger->ends[1].has_fin &&
	    acks_former(&ledger->ends[!entry->side], entry->seg) &&
	    !ledger->ends[entry->side].has_acked)
		ledger_return_to_former(ledger, !entry->side);
	if (!ledger->ends[entry->side].has_acked)
		check_handshake(ledger, entry);
	check_window(ledger, entry);
	ledger_note(ledger, entry);
}

/* A server that has sent several SYN-ACKs takes one of them back. */
static void take_back(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *server = &ledger->ends[entry->side];

	if (!server->has_former || ledger->ends[!entry->side].has_acked)
		return;
	if (entry->seg->seq == server->former + 1)
		server->has_former = false;
	else if (entry->seg->seq == server->isn + 1)
		ledger_return_to_former(ledger, entry->side);
}

/* It goes on where it was before a RST that nobody believed. */
static void go_on(struct ledger *ledger, const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];

	if (!(entry->seg->flags & TCP_SYN)) {
		note_effect(ledger, entry);
		return;
	}
	check_handshake(ledger, entry);
	/* It answers a SYN, or is the answer to one that has crossed. */
	if (ledger->is_crossed || may_cross(ledger, entry->now))
		lose_track(ledger, entry);
	else if (!sender->has_sent)
		ledger_answer(ledger, entry->side, entry->seg);
	else if (sender->isn != entry->seg->seq)
		ledger_answer_again(ledger, entry->side, entry->seg);
	else if (!sender->has_acked)
		note_effect(ledger, entry);
}

static void enter_reset(struct ledger *ledger, const struct ledger_entry *entry)
{
	switch ((int)entry->verdict->reason) {
	case REASON_RESET:
		check_reset(ledger, entry);
		break;
	case REASON_REFUSED:
		check_refusal(ledger, entry);
		break;
	case REASON_CLIENT_ABORT:
		check_abort(ledger, entry);
		break;
	case REASON_RST_INEXACT:
		take_back(ledger, entry);
		break;
	default:
		break;
	}
}

static void enter(struct ledger *ledger, const struct ledger_entry *entry)
{
	switch ((int)entry->verdict->reason) {
	case REASON_DUP_SYN:
		note_again(ledger, entry);
		break;
	case REASON_SYNACK:
		check_handshake(ledger, entry);
		ledger_answer(ledger, entry->side, entry->seg);
		break;
	case REASON_SYNACK_NEW_ISN:
		check_handshake(ledger, entry);
		ledger_answer_again(ledger, entry->side, entry->seg);
		break;
	case REASON_OVERSHOOT:
		ledger_note_overshoot(ledger, entry);
		break;
	case REASON_CATCH_UP:
		lose_track(ledger, entry);
		break;
	case REASON_SIMUL_ACK:
	case REASON_THIRD_ACK:
	case REASON_EARLY_DATA:
	case REASON_SERVER_EARLY_FIN:
	case REASON_ESTABLISHED:
	case REASON_FIN:
	case REASON_FIN_TENTATIVE:
	case REASON_CLOSE_PROGRESS:
	case REASON_DUP_FIN:
		note_effect(ledger, entry);
		break;
	case REASON_RST_DISOWNED:
		go_on(ledger, entry);
		break;
	default:
		enter_reset(ledger, entry);
	}
}

/* Rule 3. */
static void check_close(const struct ledger *ledger)
{
	const struct ledger_end *ends = ledger->ends;
	bool acked[2] = {
		ends[0].has_fin && ledger_before(ends[0].fin, ends[1].ack),
		ends[1].has_fin && ledger_before(ends[1].fin, ends[0].ack),
	};

	if (is_state(ledger->state, "FIN_WAIT") ||
	    is_state(ledger->state, "HALF_CLOSED"))
		twin_check(ends[0].has_fin != ends[1].has_fin,
			   "one of the ends has closed");
	if (is_state(ledger->state, "HALF_CLOSED"))
		twin_check(acked[0] || acked[1],
			   "and the other one has acknowledged that");
	if (is_state(ledger->state, "CLOSING") ||
	    is_state(ledger->state, "TIME_WAIT"))
		twin_check(ends[0].has_fin && ends[1].has_fin,
			   "both ends have closed");
	if (is_state(ledger->state, "TIME_WAIT"))
		twin_check(acked[0] && acked[1],
			   "and both have acknowledged that");
	if (is_state(ledger->state, "ESTABLISHED"))
		twin_check(ends[0].has_acked && ends[1].has_acked &&
				   !ends[0].has_fin && !ends[1].has_fin,
			   "both ends are there, and none has closed");
}

/* What begins, or may begin, another connection; false: it is none of these. */
static bool enter_other(struct ledger *ledger, const struct ledger_entry *entry)
{
	switch ((int)entry->verdict->reason) {
	case REASON_NEW:
	case REASON_REUSE:
	case REASON_SYN_RESTART:
		check_reuse(ledger, entry);
		ledger_open(ledger, entry->side, entry->seg, entry->now);
		return true;
	case REASON_PENDING_SYN:
		note_request(ledger, entry);
		return true;
	case REASON_PENDING_SYNACK:
		note_answer(ledger, entry);
		return true;
	case REASON_RESYNC:
		resync(ledger, entry);
		return true;
	default:
		return false;
	}
}

void ledger_enter(struct ledger *ledger, const struct ledger_entry *entry)
{
	if (entry->verdict->action != ACTION_ACCEPT)
		return;
	if (entry->verdict->reason == REASON_PICKUP)
		ledger->is_reliable = false;
	if (!enter_other(ledger, entry)) {
		if (ledger->is_reliable && entry->is_full)
			enter(ledger, entry);
		else
			lose_track(ledger, entry);
	}
	ledger->state = entry->verdict->conn.state;
	if (ledger->is_reliable && entry->is_full)
		check_close(ledger);
}

void ledger_lose(struct ledger *ledger)
{
	ledger->is_reliable = false;
	ledger->is_blind = true;
	ledger->request.is_there = false;
}

void ledger_note_loss(struct ledger *ledger, msec_t now)
{
	if (ledger->since < now)
		ledger->is_lossy = true;
}

bool ledger_in_flight(const struct ledger *ledger, int side, uint32_t seq)
{
	const struct ledger_end *sender = &ledger->ends[side];
	const struct ledger_end *receiver = &ledger->ends[!side];

	if (!receiver->has_sent)
		return sender->has_sent && seq == sender->isn;
	return ledger_within(seq, receiver->ack, sender->end);
}
