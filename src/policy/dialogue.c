/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ports and numbers of conversations.
 */
#include "policy/dialogue.h"

#include <netinet/in.h>

#include "engine/seq.h"

/* The first numbers of the two sides; more for each conversation. */
enum { ISN_ORIGINAL = 1000000, ISN_REPLY = 5000000, ISN_STEP = 100000 };

static struct conversation *nth(struct dialogue *dialogue, size_t number)
{
	return &dialogue->list[number % DIALOGUE_MAX];
}

static size_t oldest(const struct dialogue *dialogue)
{
	return dialogue->count > DIALOGUE_MAX ? dialogue->count - DIALOGUE_MAX
					      : 0;
}

static bool port_fits(const struct expression_end *end, uint16_t port)
{
	return !end->has_port || end->port == port;
}

/* Whether a packet of the flow can be of the tuple that way. */
static bool fits(const struct expression_flow *flow, const struct tuple *tuple)
{
	return flow->ipproto == tuple->ipproto &&
	       flow->ipversion == tuple->ipversion &&
	       addr_equal(&flow->src.addr, &tuple->src) &&
	       addr_equal(&flow->dst.addr, &tuple->dst) &&
	       port_fits(&flow->src, tuple->sport) &&
	       port_fits(&flow->dst, tuple->dport);
}

/* The last conversation of the flow; sets the tuple of the packet that way. */
static struct conversation *find(struct dialogue *dialogue,
				 const struct expression_flow *flow,
				 struct tuple *tuple)
{
	for (size_t i = dialogue->count; i-- > oldest(dialogue);) {
		struct conversation *conversation = nth(dialogue, i);
		struct tuple reverse = tuple_reverse(&conversation->tuple);

		*tuple = conversation->tuple;
		if (fits(flow, tuple))
			return conversation;
		*tuple = reverse;
		if (fits(flow, tuple))
			return conversation;
	}
	return NULL;
}

static enum direction direction_of(const struct conversation *conversation,
				   const struct tuple *tuple)
{
	return tuple_equal(&conversation->tuple, tuple) ? DIR_ORIGINAL
							: DIR_REPLY;
}

/* Nobody has spoken yet. */
static struct conversation begin(const struct dialogue *dialogue,
				 const struct tuple *tuple)
{
	uint32_t more = (uint32_t)dialogue->count * ISN_STEP;
	struct conversation conversation = { .tuple = *tuple };

	conversation.peer[DIR_ORIGINAL].isn = ISN_ORIGINAL + more;
	conversation.peer[DIR_REPLY].isn = ISN_REPLY + more;
	for (int i = 0; i < DIR_COUNT; i++)
		conversation.peer[i].next = conversation.peer[i].isn + 1;
	return conversation;
}

static struct tuple tuple_of(struct dialogue *dialogue,
			     const struct expression_flow *flow)
{
	struct tuple tuple = {
		.src = flow->src.addr,
		.dst = flow->dst.addr,
		.ipproto = flow->ipproto,
		.ipversion = flow->ipversion,
	};

	if (!expression_has_ports(flow->ipproto))
		return tuple;
	tuple.sport = flow->src.port;
	tuple.dport = flow->dst.port;
	if (!flow->src.has_port)
		tuple.sport = (uint16_t)(DIALOGUE_PORT +
					 dialogue->ports++ % DIALOGUE_PORTS);
	if (!flow->dst.has_port)
		tuple.dport = DIALOGUE_SERVICE;
	return tuple;
}

/* "S" without a port is a new attempt, not the last one sent again. */
static bool is_new_attempt(const struct expression *expr, uint8_t flags)
{
	return expr->flow.ipproto == IPPROTO_TCP && flags == TCP_SYN &&
	       !expr->flow.src.has_port;
}

/* A SYN on what has gone on since the last one begins something new. */
static bool begins_anew(const struct conversation *conversation,
			enum direction dir, uint8_t flags)
{
	return flags == TCP_SYN && conversation->peer[dir].has_spoken &&
	       conversation->peer[!dir].has_spoken;
}

static uint32_t number(const struct expression_number *given, uint32_t isn,
		       uint32_t otherwise)
{
	return given->is_given ? isn + given->value : otherwise;
}

static void choose_numbers(struct utterance *said,
			   const struct conversation *conversation,
			   enum direction dir, const struct expression *expr)
{
	const struct dialogue_peer *me = &conversation->peer[dir];
	const struct dialogue_peer *you = &conversation->peer[!dir];
	uint32_t isn = me->isn;

	if (begins_anew(conversation, dir, said->flags))
		isn = me->next + ISN_STEP;
	said->seq =
		number(&expr->seq, isn, said->flags & TCP_SYN ? isn : me->next);
	if (said->flags & TCP_ACK || expr->ack.is_given)
		said->ack = number(&expr->ack, you->isn, you->next);
}

struct utterance dialogue_next(struct dialogue *dialogue,
			       const struct expression *expr, uint8_t flags)
{
	struct utterance said = { .flags = flags, .len = expr->payload };
	struct conversation *found = NULL;
	struct conversation fresh;

	if (!is_new_attempt(expr, flags))
		found = find(dialogue, &expr->flow, &said.tuple);
	if (!found) {
		said.tuple = tuple_of(dialogue, &expr->flow);
		fresh = begin(dialogue, &said.tuple);
		found = &fresh;
	}
	if (expr->flow.ipproto == IPPROTO_TCP)
		choose_numbers(&said, found, direction_of(found, &said.tuple),
			       expr);
	return said;
}

struct utterance dialogue_last(struct dialogue *dialogue,
			       const struct expression_flow *flow)
{
	struct utterance said = { 0 };
	struct conversation *found = find(dialogue, flow, &said.tuple);

	if (found)
		said.seq = found->peer[direction_of(found, &said.tuple)].latest;
	else
		said.tuple = tuple_of(dialogue, flow);
	return said;
}

/* The conversation of exactly that tuple, either way; or a new one. */
static struct conversation *find_or_add(struct dialogue *dialogue,
					const struct tuple *tuple)
{
	struct tuple reverse = tuple_reverse(tuple);

	for (size_t i = dialogue->count; i-- > oldest(dialogue);) {
		struct conversation *conversation = nth(dialogue, i);

		if (tuple_equal(&conversation->tuple, tuple) ||
		    tuple_equal(&conversation->tuple, &reverse))
			return conversation;
	}
	*nth(dialogue, dialogue->count) = begin(dialogue, tuple);
	return nth(dialogue, dialogue->count++);
}

void dialogue_note(struct dialogue *dialogue, const struct utterance *said)
{
	struct conversation *conversation = find_or_add(dialogue, &said->tuple);
	enum direction dir = direction_of(conversation, &said->tuple);
	struct dialogue_peer *me = &conversation->peer[dir];
	uint32_t end = said->seq + said->len + !!(said->flags & TCP_SYN) +
		       !!(said->flags & TCP_FIN);

	if (begins_anew(conversation, dir, said->flags) &&
	    said->seq != me->isn) {
		*conversation = begin(dialogue, &said->tuple);
		me = &conversation->peer[DIR_ORIGINAL];
	}
	if (said->flags & TCP_SYN &&
	    (!me->has_spoken || me->isn != said->seq)) {
		me->isn = said->seq;
		me->next = end;
	}
	me->has_spoken = true;
	me->latest = said->seq;
	if (seq_after(end, me->next))
		me->next = end;
}

void dialogue_forget(struct dialogue *dialogue)
{
	dialogue->count = 0;
}
