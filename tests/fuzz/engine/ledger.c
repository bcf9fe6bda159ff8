/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the books of two ends, and holds the engine's verdicts against them.
 */
#include "fuzz/engine/ledger.h"

#include <string.h>

#include "fuzz/engine/twin.h"

enum {
	ACK_SLACK = 66000,
	WINDOW_MAX = 1 << 30,
	REQUEST_LIFE = 10000,
	ANSWER_LIFE = 60000,
};

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static bool within(uint32_t x, uint32_t low, uint32_t high)
{
	return high - low >= x - low;
}

static void raise(uint32_t *number, uint32_t to)
{
	if (before(*number, to))
		*number = to;
}

static uint32_t behind(const struct tcp_segment *seg)
{
	return seg->seq + seg->len + !!(seg->flags & TCP_SYN) +
	       !!(seg->flags & TCP_FIN);
}

static bool is_state(const char *state, const char *name)
{
	return state && strcmp(state, name) == 0;
}

/* A RST that acknowledges 0 acknowledges nothing. */
static bool has_ack(const struct tcp_segment *seg)
{
	return seg->flags & TCP_ACK && !(seg->flags & TCP_RST && !seg->ack);
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
	    (end->has_clock && !before(end->clock, seg->ts_val)))
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
		.end = behind(syn),
		.edge = behind(syn),
		.maxwin = syn->window ? syn->window : 1,
	};
	read_offer(&ledger->ends[side], syn);
}

static void open_ledger(struct ledger *ledger, int side,
			const struct tcp_segment *syn)
{
	*ledger = (struct ledger){ .opener = side, .is_reliable = true };
	open_end(ledger, side, syn);
}

/* The answer to a SYN: both ends know what they may send. */
static void answer(struct ledger *ledger, int side,
		   const struct tcp_segment *synack)
{
	struct ledger_end *server = &ledger->ends[side];
	struct ledger_end *client = &ledger->ends[!side];

	open_end(ledger, side, synack);
	server->edge = server->end + client->maxwin;
	server->ack = server->sack = synack->ack;
	server->has_acked = true;
	/* Data of the SYN that was not taken may be left. */
	if (client->end - synack->ack > server->maxwin)
		server->maxwin = client->end - synack->ack;
	client->edge = synack->ack + server->maxwin;
	client->ack = client->sack = synack->seq;
}

static bool acks_syn(const struct ledger_end *end,
		     const struct tcp_segment *seg)
{
	return seg->flags & TCP_ACK && end->has_sent &&
	       within(seg->ack, end->isn + 1, end->end);
}

static bool is_live(const struct ledger_request *request, msec_t now)
{
	msec_t life = request->is_answered ? ANSWER_LIFE : REQUEST_LIFE;

	return request->is_there && now - request->since < life;
}

static bool answers_request(const struct ledger *ledger,
			    const struct ledger_entry *entry)
{
	const struct ledger_request *request = &ledger->request;

	return is_live(request, entry->now) && request->side != entry->side &&
	       entry->seg->flags & TCP_ACK &&
	       within(entry->seg->ack, request->isn + 1,
		      request->isn + 1 + request->len);
}

static uint32_t highest_ack(const struct ledger_end *receiver,
			    const struct tcp_segment *seg)
{
	return receiver->permits_sack ? seg->sack_right : seg->ack;
}

static bool acks_what_was_sent(const struct ledger *ledger,
			       const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];
	const struct ledger_end *receiver = &ledger->ends[!entry->side];
	uint32_t slack =
		sender->maxwin > ACK_SLACK ? sender->maxwin : ACK_SLACK;
	uint32_t sent = receiver->end;

	if (!has_ack(entry->seg))
		return true;
	if (ledger->is_lossy)
		raise(&sent, receiver->edge);
	return !before(sent, highest_ack(receiver, entry->seg)) &&
	       !before(entry->seg->ack, sender->ack - slack);
}

static void check_window(const struct ledger *ledger,
			 const struct ledger_entry *entry)
{
	const struct ledger_end *sender = &ledger->ends[entry->side];
	const struct ledger_end *receiver = &ledger->ends[!entry->side];

	twin_check(acks_what_was_sent(ledger, entry),
		   "what has an effect acknowledges what was sent");
	twin_check(!before(sender->edge, entry->seg->seq),
		   "what has an effect does not begin beyond the window");
	twin_check(!before(behind(entry->seg), sender->end - receiver->maxwin),
		   "what has an effect does not end before the window");
}

/* FINs that the other end has acknowledged count. */
static void settle_fin(struct ledger *ledger, int side)
{
	struct ledger_end *end = &ledger->ends[side];

	if (!end->may_have_fin || !before(end->fin, ledger->ends[!side].ack))
		return;
	end->has_fin = true;
	end->may_have_fin = false;
}

static void note_fin(struct ledger_end *sender, const struct tcp_segment *seg,
		     uint32_t sent)
{
	uint32_t fin = seg->seq + seg->len;

	if (sender->has_fin)
		return;
	sender->fin = fin;
	sender->has_fin = !before(sent, seg->seq);
	sender->may_have_fin = !sender->has_fin;
}

static void note_acks(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];
	struct ledger_end *receiver = &ledger->ends[!entry->side];
	const struct tcp_segment *seg = entry->seg;

	if (!has_ack(seg))
		return;
	raise(&sender->ack, seg->ack);
	if (receiver->permits_sack)
		raise(&sender->sack, seg->sack_right);
	sender->has_acked |= before(receiver->isn, seg->ack);
	raise(&receiver->edge, seg->ack + window(ledger, entry->side, seg));
	raise(&receiver->end, highest_ack(receiver, seg));
	settle_fin(ledger, !entry->side);
}

/* A segment that has an effect, and perhaps a FIN that is to be noted. */
static void note_segment(struct ledger *ledger,
			 const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];
	struct ledger_end *receiver = &ledger->ends[!entry->side];
	const struct tcp_segment *seg = entry->seg;
	uint32_t granted = window(ledger, entry->side, seg);
	uint32_t sent = sender->end;
	uint32_t end = behind(seg);
	uint32_t fin = seg->seq + seg->len;
	/* Neither the sender is beyond it, nor has it sent data there. */
	bool has_fin = seg->flags & TCP_FIN && !before(fin + 1, sent) &&
		       (ledger->is_lossy || !before(fin, receiver->ack));

	if (has_fin && before(fin, receiver->ack))
		ledger->is_reliable = false;

	if (seg->flags & TCP_FIN && !has_fin && !sender->has_fin)
		end--;
	if (granted > sender->maxwin)
		sender->maxwin = granted;
	if (before(sender->edge, end))
		receiver->maxwin += end - sender->edge;
	if (receiver->maxwin > WINDOW_MAX)
		receiver->maxwin = WINDOW_MAX;
	raise(&sender->end, end);
	if (sender->may_have_fin && seg->len &&
	    before(sender->fin, seg->seq + seg->len))
		sender->may_have_fin = false;
	note_acks(ledger, entry);
	read_clock(sender, seg);
	if (has_fin)
		note_fin(sender, seg, sent);
}

/* What lies a little beyond the window is remembered all the same. */
static void note_overshoot(struct ledger *ledger,
			   const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];

	if (entry->seg->flags & TCP_FIN && !sender->has_fin) {
		sender->may_have_fin = true;
		sender->fin = entry->seg->seq + entry->seg->len;
	}
	raise(&sender->end, behind(entry->seg));
}

static void note_request(struct ledger *ledger,
			 const struct ledger_entry *entry)
{
	struct ledger_request *request = &ledger->request;
	bool is_again = request->is_there && request->side == entry->side &&
			request->isn == entry->seg->seq &&
			is_live(request, entry->now);

	/* It may have lost its data or its options on the way. */
	if (is_again)
		request->since = entry->now;
	if (is_again || ledger->is_blind)
		return;
	*request = (struct ledger_request){
		.is_there = true,
		.side = entry->side,
		.isn = entry->seg->seq,
		.len = entry->seg->len,
		.since = entry->now,
		.syn = *entry->seg,
	};
}

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

	if (entry->seg->flags & TCP_ACK)
		twin_check(acks_syn(&ledger->ends[!entry->side], entry->seg),
			   "a refusal acknowledges the SYN");
	else
		twin_check(is_state(ledger->state, "SYN_RECV"),
			   "only a SYN that crossed is refused without ACK");
	if (sender->has_sent && !(entry->seg->flags & TCP_ACK))
		twin_check(entry->seg->seq == sender->end ||
				   entry->seg->seq ==
					   ledger->ends[!entry->side].ack,
			   "a refusal has the number that is expected");
}

/* Data that followed the SYN-ACK may have passed unseen. */
static bool acks_unseen_data(const struct ledger *ledger,
			     const struct ledger_entry *entry)
{
	const struct ledger_end *server = &ledger->ends[!entry->side];

	return ledger->is_lossy && entry->side == ledger->opener &&
	       entry->seg->flags & TCP_ACK && server->has_sent &&
	       within(entry->seg->ack, server->isn + 1, server->edge);
}

static void check_handshake(const struct ledger *ledger,
			    const struct ledger_entry *entry)
{
	twin_check(acks_syn(&ledger->ends[!entry->side], entry->seg) ||
			   acks_unseen_data(ledger, entry),
		   "a handshake goes on only by an exact acknowledgement");
}

/* What the ends have said so far does not make a whole. */
static void lose_track(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];

	ledger->is_reliable = false;
	raise(&sender->end, behind(entry->seg));
	if (has_ack(entry->seg))
		raise(&sender->ack, entry->seg->ack);
}

/* As if the SYN of a connection that is over had come again. */
static void recall_syn(struct ledger *ledger, const struct ledger_entry *entry)
{
	const struct ledger_end *client = &ledger->ends[!entry->side];

	if (answers_request(ledger, entry) ||
	    !is_state(ledger->state, "TIME_WAIT") || !client->has_sent ||
	    entry->seg->ack != client->isn + 1)
		return;
	ledger->request = (struct ledger_request){
		.is_there = true,
		.side = !entry->side,
		.isn = client->isn,
		.since = entry->now,
		.is_intricate = true,
	};
}

/* The answer to a request; the last one, if there are several. */
static void note_answer(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_request *request = &ledger->request;
	bool is_synack = entry->seg->flags & TCP_SYN;
	uint32_t len = 0;

	if (ledger->is_blind)
		return;
	recall_syn(ledger, entry);
	if (ledger->is_reliable)
		twin_check(answers_request(ledger, entry),
			   "only a SYN that passed and is not old is answered");
	/* Several, or data before the ACK: we do not follow that. */
	if (!is_synack ||
	    (request->is_answered && request->synack.seq != entry->seg->seq))
		request->is_intricate = true;
	if (!is_synack)
		return;
	if (request->is_answered)
		len = request->synack.len;
	request->is_answered = true;
	request->synack = *entry->seg;
	if (request->synack.len < len)
		request->synack.len = len;
	request->since = entry->now;
}

/* The second SYN is a request, which is shown to have crossed the first. */
static bool crosses(const struct ledger *ledger)
{
	return is_state(ledger->state, "SYN_SENT") &&
	       ledger->request.is_there &&
	       ledger->request.side != ledger->opener;
}

/* Who opens it is the only one who has spoken yet. */
static void cross(struct ledger *ledger)
{
	int side = ledger->request.side;
	struct ledger_end *first = &ledger->ends[!side];
	struct ledger_end *second = &ledger->ends[side];

	open_end(ledger, side, &ledger->request.syn);
	second->edge = second->end + first->maxwin;
	second->ack = second->sack = first->isn;
	raise(&first->edge, first->end + second->maxwin);
	first->ack = first->sack = second->isn;
	ledger->request.is_there = false;
}

/* The first that an end has to say of the other's SYN is exact. */
static void note_effect(struct ledger *ledger, const struct ledger_entry *entry)
{
	if (crosses(ledger))
		cross(ledger);
	if (!ledger->ends[entry->side].has_acked)
		check_handshake(ledger, entry);
	check_window(ledger, entry);
	note_segment(ledger, entry);
}

/* The third segment begins the new connection that was asked for. */
static void resync(struct ledger *ledger, const struct ledger_entry *entry)
{
	const struct ledger_request request = ledger->request;
	bool is_known = is_live(&request, entry->now) && request.is_answered &&
			request.side == entry->side;

	if (ledger->is_reliable)
		twin_check(is_known,
			   "a handshake is completed by who began it");
	if (!is_known || request.is_intricate) {
		open_ledger(ledger, entry->side, entry->seg);
		lose_track(ledger, entry);
		return;
	}
	open_ledger(ledger, entry->side, &request.syn);
	answer(ledger, !entry->side, &request.synack);
	/* Timestamps count from the third segment on. */
	ledger->ends[0].has_clock = false;
	ledger->ends[1].has_clock = false;
	note_effect(ledger, entry);
}

/* RFC 6191 section 2, RFC 1122 section 4.2.2.13. */
static bool is_later(const struct ledger_end *old,
		     const struct tcp_segment *syn)
{
	bool has_later_number = before(old->end, syn->seq);

	if (!old->has_clock)
		return syn->has_ts || has_later_number;
	if (!syn->has_ts)
		return has_later_number;
	return before(old->clock, syn->ts_val) ||
	       (old->clock == syn->ts_val && has_later_number);
}

static void check_reuse(const struct ledger *ledger,
			const struct ledger_entry *entry)
{
	bool is_over = is_state(ledger->state, "TIME_WAIT") ||
		       is_state(ledger->state, "CLOSED");

	if (!ledger->is_reliable)
		return;
	twin_check(is_over, "only what has ended is replaced by a SYN");
	twin_check(is_state(ledger->state, "CLOSED") || !entry->is_full ||
			   is_later(&ledger->ends[entry->side], entry->seg),
		   "and in TIME_WAIT only by a later one");
}

static void begin(struct ledger *ledger, const struct ledger_entry *entry)
{
	bool is_restart = entry->verdict->reason == REASON_SYN_RESTART;
	bool is_lossy = is_restart && ledger->is_lossy;

	if (entry->verdict->reason == REASON_REUSE)
		check_reuse(ledger, entry);
	if (is_restart && ledger->is_reliable)
		twin_check(is_state(ledger->state, "SYN_SENT") &&
				   entry->side == ledger->opener,
			   "only its own SYN is taken back");
	open_ledger(ledger, entry->side, entry->seg);
	ledger->is_lossy = is_lossy;
}

/* A SYN that came again may have lost its data or its options. */
static void note_again(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct ledger_end *sender = &ledger->ends[entry->side];

	twin_check(entry->seg->seq == sender->isn, "a SYN again is the same");
	if (!is_state(ledger->state, "SYN_SENT"))
		return;
	raise(&sender->end, behind(entry->seg));
	raise(&sender->edge, sender->end);
	read_offer(sender, entry->seg);
}

static void enter(struct ledger *ledger, const struct ledger_entry *entry)
{
	switch ((int)entry->verdict->reason) {
	case REASON_DUP_SYN:
		note_again(ledger, entry);
		break;
	case REASON_SYNACK:
		check_handshake(ledger, entry);
		answer(ledger, entry->side, entry->seg);
		break;
	/* The client's ACK will tell which of the two it has taken. */
	case REASON_SYNACK_NEW_ISN:
		check_handshake(ledger, entry);
		lose_track(ledger, entry);
		break;
	case REASON_RESET:
		check_reset(ledger, entry);
		break;
	case REASON_REFUSED:
		check_refusal(ledger, entry);
		break;
	case REASON_CLIENT_ABORT:
		twin_check(within(entry->seg->seq,
				  ledger->ends[entry->side].isn,
				  ledger->ends[entry->side].end),
			   "a client takes back its own SYN");
		break;
	case REASON_CATCH_UP:
		lose_track(ledger, entry);
		break;
	case REASON_OVERSHOOT:
		note_overshoot(ledger, entry);
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
	/* A SYN-ACK may begin a handshake anew that was reset. */
	case REASON_RST_DISOWNED:
		if (entry->seg->flags & TCP_SYN)
			lose_track(ledger, entry);
		else
			note_effect(ledger, entry);
		break;
	default:
		break;
	}
}

/* Rule 3. */
static void check_close(const struct ledger *ledger)
{
	const struct ledger_end *ends = ledger->ends;
	bool acked[2] = {
		ends[0].has_fin && before(ends[0].fin, ends[1].ack),
		ends[1].has_fin && before(ends[1].fin, ends[0].ack),
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

void ledger_enter(struct ledger *ledger, const struct ledger_entry *entry)
{
	enum reason reason = entry->verdict->reason;

	if (entry->verdict->action != ACTION_ACCEPT)
		return;
	if (reason == REASON_PICKUP)
		ledger->is_reliable = false;
	if (reason == REASON_NEW || reason == REASON_REUSE ||
	    reason == REASON_SYN_RESTART)
		begin(ledger, entry);
	else if (reason == REASON_PENDING_SYN)
		note_request(ledger, entry);
	else if (reason == REASON_PENDING_SYNACK)
		note_answer(ledger, entry);
	else if (reason == REASON_RESYNC)
		resync(ledger, entry);
	else if (ledger->is_reliable && entry->is_full)
		enter(ledger, entry);
	else
		lose_track(ledger, entry);
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

bool ledger_in_flight(const struct ledger *ledger, int side, uint32_t seq)
{
	const struct ledger_end *sender = &ledger->ends[side];
	const struct ledger_end *receiver = &ledger->ends[!side];

	if (!receiver->has_sent)
		return sender->has_sent && seq == sender->isn;
	return within(seq, receiver->ack, sender->end);
}
