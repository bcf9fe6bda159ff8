/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the engine with packets that are nearly right.
 *
 * The input is a sequence of records (record.h).  Each is a segment, a
 * datagram or an ICMP error with whatever is strange about it, or something
 * else that happens to an engine.  A segment's numbers are relative to what the
 * ends of its conversation have said, so that a record of zeros but for the
 * flags goes on with the conversation, and one with offsets is a forgery that
 * is near to what passes.
 *
 * What must be true is in engine/twin.h and engine/ledger.h.  With FUZZ_TRACE in
 * the environment it is shown what becomes of every packet.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/engine/ledger.h"
#include "fuzz/engine/record.h"
#include "fuzz/engine/twin.h"
#include "unit/build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CONVERSATIONS = 8,
	PACKET_MAX = 1500,
	LEN_MAX = 1024,
	CLIENT_PORT = 40000,
	SERVER_PORT = 80,
};

struct run {
	struct twin twin; /* at the beginning: see show() */
	const struct record *record;
	struct ledger ledgers[CONVERSATIONS];
	uint8_t quoted[PACKET_MAX];
	uint8_t packet[PACKET_MAX];
	size_t len; /* of the last one */
	struct packet_meta meta;
};

/* The parts of record.who. */
struct place {
	enum twin_host side;
	unsigned int conversation;
	bool is_ipv6;
	uint16_t server_port;
	enum hook hook;
};

static struct place place_of(const struct record *record)
{
	unsigned int conversation =
		(record->who & WHO_CONVERSATION) >> WHO_CONVERSATION_SHIFT;
	unsigned int hook = (record->who & WHO_HOOK) >> WHO_HOOK_SHIFT;

	return (struct place){
		.side = record->who & WHO_IS_SERVER ? TWIN_SERVER : TWIN_CLIENT,
		.conversation = conversation,
		.is_ipv6 = conversation & 1,
		.server_port = (uint16_t)(SERVER_PORT + (conversation >> 1)),
		.hook = hook < HOOK_COUNT ? (enum hook)hook : HOOK_FORWARD,
	};
}

static bool is_full(const struct place *place)
{
	return place->server_port != TWIN_PORT_SLOPPY &&
	       place->server_port != TWIN_PORT_LIBERAL;
}

/* The ISN that an end takes if nothing else is said: some are near the wrap. */
static uint32_t own_isn(const struct place *place)
{
	static const uint32_t isns[] = { 1000, 0xfffffff0, 0x7ffffff0,
					 0xffff0000 };

	return isns[(place->conversation + (unsigned int)place->side) % 4];
}

/* @side: whose number it is, as against who says it. */
static uint32_t anchor_of(const struct run *run, const struct place *place,
			  int side, uint8_t anchor)
{
	const struct ledger *ledger = &run->ledgers[place->conversation];
	const struct ledger_end *end = &ledger->ends[side];
	struct place own = *place;

	own.side = (enum twin_host)side;
	switch ((enum anchor)(anchor % ANCHORS)) {
	case ANCHOR_NEXT:
		return end->has_sent ? end->end : own_isn(&own);
	case ANCHOR_ISN:
		return end->has_sent ? end->isn : own_isn(&own);
	case ANCHOR_ACKED:
		return ledger->ends[!side].ack;
	case ANCHOR_EDGE:
		return end->edge;
	case ANCHOR_FIN:
		return end->fin;
	case ANCHOR_REQUEST:
		return ledger->request.syn.seq;
	case ANCHOR_FRESH:
		return own_isn(&own);
	case ANCHOR_ZERO:
	case ANCHORS:
		break;
	}
	return 0;
}

static void add_options(const struct run *run, const struct record *record,
			struct build *b)
{
	static const uint8_t cookie[] = { 34, 6, 1, 2, 3, 4 };
	const uint8_t raw[] = { (uint8_t)record->extra,
				(uint8_t)(record->extra >> 8) };
	struct build_options *options = &b->tcp.options;

	if (record->options & OPTION_BIT_WSCALE)
		build_wscale(options, (uint8_t)record->extra);
	if (record->options & OPTION_BIT_SACK_OK)
		build_sack_ok(options);
	if (record->options & OPTION_BIT_SACK)
		build_sack(options, b->tcp.ack + 1, b->tcp.ack + record->extra);
	if (record->options & OPTION_BIT_TS)
		build_timestamp(options,
				(uint32_t)run->twin.now + record->extra, 0);
	if (record->options & OPTION_BIT_COOKIE)
		build_bytes(options, cookie, sizeof(cookie));
	if (record->options & OPTION_BIT_RAW)
		build_bytes(options, raw, sizeof(raw));
	/* It takes the rest of the room. */
	if (record->options & OPTION_BIT_MD5 && options->len <= 20)
		build_md5(options);
}

static void set_ends(struct build *b, const struct place *place,
		     enum twin_host src)
{
	const char *const *names = twin_addresses[place->is_ipv6];
	bool is_server = src == TWIN_SERVER;

	b->ip.version = place->is_ipv6 ? 6 : 4;
	b->ip.src = names[src];
	b->ip.dst = names[is_server ? TWIN_CLIENT : TWIN_SERVER];
	b->sport = is_server ? place->server_port : CLIENT_PORT;
	b->dport = is_server ? CLIENT_PORT : place->server_port;
}

static struct build make_segment(const struct run *run,
				 const struct record *record)
{
	const struct place place = place_of(record);
	struct build b = {
		.ip.ipproto = IPPROTO_TCP,
		.tcp = {
			.seq = record->seq + anchor_of(run, &place,
						       (int)place.side,
						       record->seq_anchor),
			.flags = record->flags,
			.window = record->window,
		},
		.payload_len = record->len % LEN_MAX,
		.bad_checksum = record->who & WHO_BAD_CHECKSUM,
	};

	set_ends(&b, &place, place.side);
	if (record->flags & TCP_ACK)
		b.tcp.ack = record->ack + anchor_of(run, &place, !place.side,
						    record->ack_anchor);
	add_options(run, record, &b);
	return b;
}

/* Numbers are relative to the first ones of the ends. */
static void show_segment(const struct run *run, const struct place *place,
			 const struct tcp_segment *seg)
{
	const struct ledger_end *ends = run->ledgers[place->conversation].ends;
	static const char letters[] = "FSRPAU";
	char flags[sizeof(letters)] = "";
	size_t count = 0;

	for (int i = 0; letters[i]; i++)
		if (seg->flags & 1U << i)
			flags[count++] = letters[i];
	(void)fprintf(stderr, "%s s%d a%d l%u w%u ", flags,
		      (int)(seg->seq - ends[place->side].isn),
		      (int)(seg->ack - ends[!place->side].isn), seg->len,
		      seg->window);
}

static void show(const struct twin *twin, const struct verdict *verdict)
{
	static const char *const kinds[RECORD_KINDS] = { "", "error ",
							 "datagram ",
							 "changed " };
	const struct run *run = (const struct run *)twin;
	const struct place place = place_of(run->record);
	const struct packet *pkt = &twin->pkt;

	(void)fprintf(stderr, "%lld %u %c> %s", (long long)twin->now,
		      place.conversation, place.side ? 'R' : 'O',
		      kinds[run->record->kind % RECORD_KINDS]);
	if (twin->was_understood && pkt->tuple.ipproto == IPPROTO_TCP)
		show_segment(run, &place, &pkt->tcp);
	(void)fprintf(stderr, "%s %s %s\n", action_names[verdict->action],
		      verdict->conn.state ? verdict->conn.state : "NONE",
		      reason_info[verdict->reason].name);
}

/* Judges the packet of .packet, in memory that ends where it does. */
static struct verdict judge(struct run *run, size_t copied)
{
	uint8_t *copy = malloc(copied + !copied);
	struct verdict verdict;

	twin_check(copy, "there is memory");
	memcpy(copy, run->packet, copied);
	verdict = twin_judge(&run->twin, &run->meta, copy, copied);
	free(copy);
	return verdict;
}

static struct verdict send_packet(struct run *run, const struct record *record,
				  const struct build *b)
{
	const struct place place = place_of(record);
	size_t copied;

	run->len = build_packet(b, run->packet, sizeof(run->packet));
	run->meta = (struct packet_meta){
		.hook = place.hook,
		.len = (uint32_t)run->len,
		.verify_checksum = true,
	};
	if (place.hook != HOOK_OUTPUT)
		memcpy(run->meta.indev, "eth0", sizeof("eth0"));
	copied = run->len;
	if (record->who & WHO_SHORT_COPY)
		copied = record->extra % (run->len + 1);
	return judge(run, copied);
}

static void send_segment(struct run *run, const struct record *record)
{
	const struct place place = place_of(record);
	const struct build b = make_segment(run, record);
	const struct verdict verdict = send_packet(run, record, &b);
	const struct ledger_entry entry = {
		.side = (int)place.side,
		.seg = &run->twin.pkt.tcp,
		.verdict = &verdict,
		.now = run->twin.now,
		.is_full = is_full(&place),
	};

	if (record->who & WHO_BAD_CHECKSUM && !(record->who & WHO_SHORT_COPY))
		twin_check(verdict.action == ACTION_DROP,
			   "what has a bad checksum is dropped");
	if (run->twin.was_understood)
		ledger_enter(&run->ledgers[place.conversation], &entry);
}

static void check_error(const struct run *run, const struct place *place,
			const struct verdict *verdict)
{
	const struct ledger *ledger = &run->ledgers[place->conversation];

	if (verdict->reason != REASON_RELATED)
		return;
	twin_check(!ledger->is_reliable || !is_full(place) ||
			   ledger_in_flight(ledger, (int)place->side,
					    run->twin.pkt.icmp.quoted.seq),
		   "an error is about a segment in flight");
}

/* What a router, or the other end, says of the segment. */
static void send_error(struct run *run, const struct record *record)
{
	static const uint8_t types[2][4] = { { 3, 11, 12, 5 }, { 1, 2, 3, 4 } };
	const struct place place = place_of(record);
	const struct build inner = make_segment(run, record);
	struct build b = { .payload = run->quoted };
	struct verdict verdict;

	b.payload_len = build_packet(&inner, run->quoted, PACKET_MAX);
	if (b.payload_len > 128)
		b.payload_len = 128;
	if (record->who & WHO_SHORT_COPY)
		b.payload_len = record->window % (b.payload_len + 1);
	set_ends(&b, &place, TWIN_ROUTER);
	if (record->extra & 1)
		b.ip.src = inner.ip.dst;
	/* To whom it concerns, or not. */
	b.ip.dst = record->extra & 2 ? inner.ip.dst : inner.ip.src;
	b.ip.ipproto = place.is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	b.icmp.type = types[place.is_ipv6][record->extra >> 2 & 3];
	b.icmp.code = (uint8_t)(record->extra >> 4);
	b.icmp.rest = record->ack;
	verdict = send_packet(run, record, &b);
	check_error(run, &place, &verdict);
}

static void send_datagram(struct run *run, const struct record *record)
{
	const struct place place = place_of(record);
	bool is_echo = record->flags & 1;
	struct build b = {
		.payload_len = record->len % LEN_MAX,
		.bad_checksum = record->who & WHO_BAD_CHECKSUM,
		.ip.ipproto = IPPROTO_UDP,
	};

	set_ends(&b, &place, place.side);
	if (is_echo) {
		b.ip.ipproto = place.is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		b.icmp.type = place.is_ipv6 ? 128 : 8;
		if (record->flags & 2)
			b.icmp.type = place.is_ipv6 ? 129 : 0;
		b.icmp.code = record->flags >> 2 & 1;
		b.icmp.rest = place.conversation << 16 | 1;
	} else {
		b.udp_len = record->extra;
	}
	(void)send_packet(run, record, &b);
}

/* NULL: none of ours. */
static struct ledger *ledger_of(struct run *run, const struct tuple *tuple)
{
	unsigned int port =
		tuple->sport == CLIENT_PORT ? tuple->dport : tuple->sport;
	unsigned int number =
		(port - SERVER_PORT) << 1 | (tuple->ipversion == 6);

	if (tuple->ipproto != IPPROTO_TCP || number >= CONVERSATIONS)
		return NULL;
	return &run->ledgers[number];
}

/* Perhaps nobody looks at the checksum, which is not put right. */
static void send_changed(struct run *run, const struct record *record)
{
	struct verdict verdict;
	struct ledger *ledger;

	if (!run->len)
		return;
	run->packet[record->len % run->len] ^= record->flags;
	run->meta.verify_checksum = record->options & 1;
	verdict = judge(run, run->len);
	if (verdict.action != ACTION_ACCEPT)
		return;
	ledger = ledger_of(run, &run->twin.pkt.tuple);
	if (ledger)
		ledger_lose(ledger);
}

/* A step that is some timeout or near to one, or any number of ms. */
static void pass_time(struct run *run, const struct record *record)
{
	static const msec_t steps[] = { 1,       999,    1000,   9999,
					10000,   30000,  60000,  119999,
					120000,  240000, 300000, 3600000,
					86400000 };

	if (record->flags & 1)
		run->twin.now +=
			steps[record->len % (sizeof(steps) / sizeof(steps[0]))];
	else
		run->twin.now += record->seq % 1000000;
}

/* Requests that the rules of before allowed are forgotten. */
static void change_rules(struct run *run, const struct record *record)
{
	twin_set_rules(&run->twin, record->options % TWIN_RULE_SETS,
		       (enum recheck)(record->len % 3));
	for (int i = 0; i < CONVERSATIONS; i++)
		run->ledgers[i].request.is_there = false;
}

static void control(struct run *run, const struct record *record)
{
	switch ((enum control)(record->flags % CONTROLS)) {
	case CONTROL_EXPIRE:
		twin_expire(&run->twin, record->len);
		break;
	case CONTROL_RELIEVE:
		twin_relieve(&run->twin, record->extra, record->len);
		break;
	case CONTROL_LOSS:
		twin_note_loss(&run->twin);
		for (int i = 0; i < CONVERSATIONS; i++)
			ledger_note_loss(&run->ledgers[i], run->twin.now);
		break;
	case CONTROL_RULES:
		change_rules(run, record);
		break;
	case CONTROLS:
		break;
	}
}

static void play(struct run *run, const struct record *record)
{
	run->record = record;
	switch ((enum record_kind)(record->kind % RECORD_KINDS)) {
	case RECORD_SEGMENT:
		send_segment(run, record);
		break;
	case RECORD_ERROR:
		send_error(run, record);
		break;
	case RECORD_DATAGRAM:
		send_datagram(run, record);
		break;
	case RECORD_CHANGED:
		send_changed(run, record);
		break;
	case RECORD_TIME:
		pass_time(run, record);
		break;
	case RECORD_CONTROL:
		control(run, record);
		break;
	case RECORD_KINDS:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run run;
	struct record record;
	size_t count;

	if (!size)
		return 0;
	memset(&run, 0, sizeof(run));
	twin_start(&run.twin, *data & SETTING_FEW);
	if (getenv("FUZZ_TRACE"))
		run.twin.show = show;
	count = (size - 1) / sizeof(record);
	for (size_t i = 0; i < count && i < RECORDS_MAX; i++) {
		memcpy(&record, data + 1 + i * sizeof(record), sizeof(record));
		play(&run, &record);
	}
	twin_stop(&run.twin);
	return 0;
}
