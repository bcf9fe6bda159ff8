/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ends that open, talk and close, and a stranger.
 */
#include "conntrack/chatter.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "unit/build.h"
#include "unit/random.h"

enum {
	CONVERSATIONS = 20000,
	PORT_MIN = 1024,
	MOVES_MAX = 24,
	PACKET_MAX = 2048
};

struct end {
	uint32_t isn;
	uint32_t next;  /* the number that it sends next */
	uint32_t acked; /* what it has acknowledged */
	uint32_t last;  /* the number that its last data began with */
	uint16_t last_len;
	uint16_t window;
	uint8_t shift;
	bool has_closed;
};

struct segment {
	bool from_inside;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	uint16_t len;
};

struct conversation {
	struct contest *contest;
	uint64_t random;
	uint8_t version;
	uint16_t port;
	struct end ends[2]; /* by whether it is inside, where the client is */
	bool scales;
	unsigned int move;
	unsigned int forged_at; /* before this move */
	char forged[40];
	const char *state; /* ours */
	bool is_over;
};

static uint32_t below(struct conversation *c, uint32_t limit)
{
	return random_below(&c->random, limit);
}

static const char *class_name(uint8_t flags)
{
	if (flags & TCP_RST)
		return "RST";
	if (flags & TCP_SYN)
		return flags & TCP_ACK ? "SYN-ACK" : "SYN";
	return flags & TCP_FIN ? "FIN" : "ACK";
}

static size_t build_segment(const struct conversation *c,
			    const struct segment *seg, uint8_t *packet)
{
	static const char *const addresses[2][2] = {
		{ "198.19.0.1", "198.18.0.1" },
		{ "2001:db8:2:1::1", "2001:db8:1:1::1" },
	};
	const char *const *names = addresses[c->version == 6];
	const struct end *sender = &c->ends[seg->from_inside];
	struct build b = {
		.ip = {
			.version = c->version,
			.src = names[seg->from_inside],
			.dst = names[!seg->from_inside],
			.ipproto = IPPROTO_TCP,
		},
		.sport = seg->from_inside ? c->port : 80,
		.dport = seg->from_inside ? 80 : c->port,
		.tcp = {
			.seq = seg->seq,
			.ack = seg->ack,
			.flags = seg->flags,
			.window = sender->window,
		},
		.payload_len = seg->len,
	};

	if (seg->flags & TCP_SYN && c->scales)
		build_wscale(&b.tcp.options, sender->shift);
	return build_packet(&b, packet, PACKET_MAX);
}

static struct outcome judge(struct conversation *c, const struct trial *trial)
{
	struct outcome outcome = contest_judge(c->contest, trial);

	if (outcome.ours.conn.state)
		c->state = outcome.ours.conn.state;
	return outcome;
}

/* A segment of one of the two ends. */
static void say(struct conversation *c, const struct segment *seg)
{
	uint8_t packet[PACKET_MAX];
	bool is_after = c->forged[0];
	const struct trial trial = {
		.scenario = is_after ? "afterwards" : "regular",
		.name = is_after ? c->forged : class_name(seg->flags),
		.from_inside = seg->from_inside,
		.packet = packet,
		.len = build_segment(c, seg, packet),
	};
	struct outcome outcome = judge(c, &trial);

	if (outcome.ours.action != ACTION_ACCEPT)
		contest_object(c->contest, &trial, &outcome);
	/* The rest would only show the same once more. */
	if (outcome.ours.action != ACTION_ACCEPT || !outcome.kernel_accepts)
		c->is_over = true;
}

/* About a number that means something to one of the ends. */
static uint32_t forge_number(struct conversation *c, const struct end *sender,
			     const struct end *receiver)
{
	static const uint32_t steps[] = { 0,   0,     0,      1,
					  500, 65536, 200000, 3000000 };
	const uint32_t anchors[] = { sender->isn, sender->next, receiver->acked,
				     receiver->acked + receiver->window };
	uint32_t anchor = anchors[below(c, 4)];
	uint32_t step = steps[below(c, sizeof(steps) / sizeof(steps[0]))];

	switch (below(c, 8)) {
	case 0:
		return random_next(&c->random);
	case 1:
	case 2:
	case 3:
		return anchor - step;
	default:
		return anchor + step;
	}
}

static struct segment make_forged(struct conversation *c)
{
	static const uint8_t flags[] = {
		TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK,
		TCP_RST, TCP_RST | TCP_ACK,
	};
	bool from_inside = below(c, 2);
	const struct end *sender = &c->ends[from_inside];
	const struct end *receiver = &c->ends[!from_inside];
	struct segment seg = {
		.from_inside = from_inside,
		.flags = flags[below(c, sizeof(flags))],
		.seq = forge_number(c, sender, receiver),
	};

	if (seg.flags & TCP_ACK)
		seg.ack = forge_number(c, receiver, sender);
	if (seg.flags == TCP_ACK && below(c, 2))
		seg.len = (uint16_t)(1 + below(c, 1000));
	return seg;
}

/* What we believe of it is no forgery any more: then this is the end. */
static void forge(struct conversation *c)
{
	const struct segment seg = make_forged(c);
	uint8_t packet[PACKET_MAX];
	const struct trial trial = {
		.scenario = "forged",
		.name = c->forged,
		.from_inside = seg.from_inside,
		.packet = packet,
		.len = build_segment(c, &seg, packet),
	};
	struct outcome outcome;

	(void)snprintf(c->forged, sizeof(c->forged), "%s in %s",
		       class_name(seg.flags), c->state);
	outcome = judge(c, &trial);
	if (reason_info[outcome.ours.reason].kind == REASON_ACCEPTS)
		c->is_over = true;
}

static void move(struct conversation *c, const struct segment *seg)
{
	if (!c->is_over && c->move++ == c->forged_at)
		forge(c);
	if (!c->is_over)
		say(c, seg);
}

/* Something at the end of what this end has sent. */
static void send_next(struct conversation *c, bool from_inside, uint8_t flags,
		      uint16_t len)
{
	struct end *end = &c->ends[from_inside];
	const struct segment seg = {
		.from_inside = from_inside,
		.flags = flags,
		.seq = end->next,
		.ack = flags & TCP_ACK ? end->acked : 0,
		.len = len,
	};

	move(c, &seg);
	if (len) {
		end->last = end->next;
		end->last_len = len;
	}
	end->next += len;
	if (flags & (TCP_SYN | TCP_FIN))
		end->next++;
}

static void acknowledge(struct conversation *c, bool from_inside)
{
	c->ends[from_inside].acked = c->ends[!from_inside].next;
	send_next(c, from_inside, TCP_ACK, 0);
}

static void send_again(struct conversation *c, bool from_inside)
{
	const struct end *end = &c->ends[from_inside];
	const struct segment seg = {
		.from_inside = from_inside,
		.flags = TCP_ACK,
		.seq = end->last,
		.ack = end->acked,
		.len = end->last_len,
	};

	if (end->last_len)
		move(c, &seg);
}

static uint32_t in_flight(const struct conversation *c, bool from_inside)
{
	return c->ends[from_inside].next - c->ends[!from_inside].acked;
}

static void talk(struct conversation *c)
{
	bool from_inside = below(c, 2);
	uint16_t len = (uint16_t)(1 + below(c, 1460));
	bool has_room =
		in_flight(c, from_inside) + len <= c->ends[!from_inside].window;

	switch (below(c, 4)) {
	case 0:
		acknowledge(c, from_inside);
		break;
	case 1:
		send_again(c, from_inside);
		break;
	default:
		if (has_room)
			send_next(c, from_inside, TCP_ACK, len);
	}
}

static void shake_hands(struct conversation *c)
{
	send_next(c, true, TCP_SYN, 0);
	c->ends[false].acked = c->ends[true].next;
	send_next(c, false, TCP_SYN | TCP_ACK, 0);
	acknowledge(c, true);
}

/* In four segments, or three, or at the same time. */
static void say_goodbye(struct conversation *c)
{
	bool first = below(c, 2);

	c->ends[first].acked = c->ends[!first].next;
	send_next(c, first, TCP_FIN | TCP_ACK, 0);
	switch (below(c, 3)) {
	case 0:
		acknowledge(c, !first);
		send_next(c, !first, TCP_ACK, 100);
		acknowledge(c, first);
		send_next(c, !first, TCP_FIN | TCP_ACK, 0);
		break;
	case 1:
		c->ends[!first].acked = c->ends[first].next;
		send_next(c, !first, TCP_FIN | TCP_ACK, 0);
		break;
	default:
		c->ends[!first].acked = c->ends[first].next - 1;
		send_next(c, !first, TCP_FIN | TCP_ACK, 0);
		acknowledge(c, !first);
	}
	acknowledge(c, first);
}

static void converse(struct conversation *c)
{
	unsigned int count = below(c, 12);

	shake_hands(c);
	for (unsigned int i = 0; i < count; i++)
		talk(c);
	say_goodbye(c);
	/* One more, to meet what comes after the end. */
	acknowledge(c, below(c, 2));
}

void chatter(struct contest *contest, uint64_t seed)
{
	struct conversation c = { .random = seed };

	for (unsigned int i = 0; i < CONVERSATIONS; i++) {
		c = (struct conversation){
			.contest = contest,
			.random = c.random,
			.version = i % 2 ? 6 : 4,
			.port = (uint16_t)(PORT_MIN + i),
			.scales = below(&c, 2),
			.forged_at = below(&c, MOVES_MAX),
			.state = "NONE",
		};
		for (int end = 0; end < 2; end++) {
			c.ends[end].isn = random_next(&c.random);
			c.ends[end].next = c.ends[end].isn;
			c.ends[end].window =
				(uint16_t)(8000 + below(&c, 57000));
			c.ends[end].shift = (uint8_t)below(&c, 8);
		}
		contest_begin(contest);
		converse(&c);
	}
	contest_report(contest, "random conversations");
}
