/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the parser and the engine behind it.
 *
 * The input is a sequence of operations, each of which begins with an octet:
 *
 *	0sssfffd  a TCP segment of conversation s, with flags f, from side d;
 *	          three octets follow: where its sequence number and its
 *	          acknowledgement lie, relative to what the ends have sent (0:
 *	          there), and how long it is
 *	100mmmmm  a raw packet, of which m says what is known beside it; an octet
 *	          follows with its length, and then that many octets of it
 *	101ttttt  time passes: 2^t ms
 *	11ooo...  what else is done to an engine, see other_operation()
 *
 * After each of them it is checked what must be true whatever was sent.  The
 * pool is small, so that it is often full.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/halfopen.h"
#include "engine/match.h"
#include "unit/build.h"

enum {
	CONNS_MAX = 24,
	RAW_MAX = 255,
	CONVERSATIONS = 8,
	RULE_SETS = 3,
	OPERATIONS_MAX = 300, /* so that no input takes long */
};

/* A conversation: what each end has sent, as far as that passed. */
struct talk {
	uint32_t next[DIR_COUNT];
};

/* What engine_list() shows. */
struct view {
	struct conn_info conns[CONNS_MAX];
	size_t count;
};

/* Made once; an engine lives as long as an input. */
static struct {
	struct pool *pool;
	struct halfopen *halfopen;
	struct ruleset *rules[RULE_SETS];
	struct rule_heir *maps[RULE_SETS][RULE_SETS];
} world;

struct run {
	const uint8_t *pos;
	const uint8_t *end;
	struct engine *eng;
	int rules;
	msec_t now;
	struct talk talks[CONVERSATIONS];
	struct view before;
	struct view after;
	struct engine_stats stats; /* before */
};

/* Two conversations of each: IPv4 and IPv6, by the rules below. */
static const uint16_t ports[] = { 80, 81, 82, 83 };

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void add_rule(struct ruleset *rules, const char *key, const char *text,
		     const struct rule_options *options)
{
	struct rule *rule = ruleset_add_rule(rules, text, options);
	struct match_fault fault;

	check(rule && ruleset_add_match(rules, rule, match_type_find(key), text,
					&fault),
	      "a rule can be made");
}

struct conduct {
	const char *dport;
	struct rule_options options;
};

static void add_conducts(struct ruleset *rules, const struct conduct *conducts,
			 size_t count)
{
	static const struct rule_options drop = { .action = ACTION_DROP };
	static const struct rule_options accept = { .action = ACTION_ACCEPT };

	check(rules, "rules can be made");
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, ACTION_ACCEPT);
	for (size_t i = 0; i < count; i++)
		add_rule(rules, "dport", conducts[i].dport,
			 &conducts[i].options);
	add_rule(rules, "src",
		 "198.51.100.0/24,2001:db8:bad::/48,!198.51.100.1", &drop);
	add_rule(rules, "icmp_type", "timestamp-request", &drop);
	add_rule(rules, "from", "self", &accept);
}

/* Lets in all that it can. */
static struct ruleset *make_open_rules(void)
{
	static const struct conduct conducts[] = {
		{ "81", { .tracking = TRACKING_SLOPPY } },
		{ "82", { .tracking = TRACKING_LIBERAL } },
		{ "83", { .no_pickup = true } },
		{ "40002", { .action = ACTION_REJECT } },
	};
	struct ruleset *rules = ruleset_create();
	struct tcp_settings tcp;

	add_conducts(rules, conducts, sizeof(conducts) / sizeof(conducts[0]));
	tcp = *ruleset_tcp(rules);
	tcp.pickup = TCP_PICKUP_LOOSE;
	tcp.syn_data = TCP_SYN_DATA_TFO;
	ruleset_set_tcp(rules, &tcp);
	return rules;
}

/* Strict, and with limits on what is half open. */
static struct ruleset *make_strict_rules(void)
{
	static const struct conduct conducts[] = {
		{ "82", { .tracking = TRACKING_LIBERAL } },
		{ "83", { .tracking = TRACKING_SLOPPY } },
		{ "40002", { .action = ACTION_DROP } },
	};
	struct ruleset *rules = ruleset_create();
	struct tcp_settings tcp;
	struct limits limits;

	add_conducts(rules, conducts, sizeof(conducts) / sizeof(conducts[0]));
	tcp = *ruleset_tcp(rules);
	tcp.syn_data = TCP_SYN_DATA_DENY;
	tcp.simultaneous_open = false;
	ruleset_set_tcp(rules, &tcp);
	limits = *ruleset_limits(rules);
	limits.connections_per_source = 6;
	limits.half_open = 5;
	limits.half_open_per_source = 2;
	limits.half_open_per_destination = 4;
	ruleset_set_limits(rules, &limits);
	return rules;
}

/* All that rules can have beside conditions. */
static struct ruleset *make_rich_rules(void)
{
	static const struct conduct conducts[] = {
		{ "1-65535",
		  { .continues = true,
		    .limit = { LIMIT_PACKETS, { 20, 30, 1000 } } } },
		{ "80", { .max = 2, .timeouts = { [0] = 5000 } } },
		{ "81", { .tracking = TRACKING_NONE } },
		{ "82", { .limit = { LIMIT_NEW, { 1, 2, 60000 } } } },
		{ "83", { .action = ACTION_DROP, .audit = true } },
		{ "53", { .limit = { LIMIT_BYTES, { 100, 0, 1000 } } } },
	};
	struct ruleset *rules = ruleset_create();

	add_conducts(rules, conducts, sizeof(conducts) / sizeof(conducts[0]));
	ruleset_set_essential_icmp(rules, false);
	return rules;
}

static void make_world(void)
{
	static const struct hash_key key = { 1, 2 };

	world.pool = pool_create(CONNS_MAX);
	world.halfopen = halfopen_create(CONNS_MAX, &key);
	world.rules[0] = make_open_rules();
	world.rules[1] = make_strict_rules();
	world.rules[2] = make_rich_rules();
	for (int i = 0; i < RULE_SETS; i++)
		for (int j = 0; j < RULE_SETS; j++)
			world.maps[i][j] =
				ruleset_map(world.rules[i], world.rules[j]);
	check(world.pool && world.halfopen, "a world can be made");
}

static uint8_t take(struct run *run)
{
	return run->pos < run->end ? *run->pos++ : 0;
}

/* What must be true of what is shown. */

static void look(const struct run *run, struct view *view)
{
	size_t cursor = 0;

	view->count = 0;
	while (cursor != SIZE_MAX) {
		size_t room = CONNS_MAX - view->count;

		check(room > 0 || cursor == 0 ||
			      engine_stats(run->eng)->conns <= CONNS_MAX,
		      "no more connections than the limit");
		if (room == 0)
			break;
		view->count += engine_list(run->eng, run->now, &cursor,
					   view->conns + view->count, room);
	}
	for (size_t i = 0; i < view->count; i++)
		check(view->conns[i].expires > run->now,
		      "what is over is not listed");
}

static const struct conn_info *find(const struct view *view, uint64_t id)
{
	for (size_t i = 0; i < view->count; i++)
		if (view->conns[i].id == id)
			return &view->conns[i];
	return NULL;
}

static bool same_state(const struct conn_info *a, const struct conn_info *b)
{
	return tuple_equal(&a->tuple, &b->tuple) && a->state == b->state &&
	       a->assured == b->assured && a->rule == b->rule &&
	       a->created == b->created && a->expires == b->expires;
}

static bool same_counters(const struct conn_info *a, const struct conn_info *b)
{
	return memcmp(a->packets, b->packets, sizeof(a->packets)) == 0 &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Whether all connections are as they were; one of them may count more. */
static bool is_unchanged(const struct run *run, uint64_t may_count)
{
	if (run->before.count != run->after.count)
		return false;
	for (size_t i = 0; i < run->before.count; i++) {
		const struct conn_info *a = &run->before.conns[i];
		const struct conn_info *b = find(&run->after, a->id);

		if (!b || !same_state(a, b))
			return false;
		if (a->id != may_count && !same_counters(a, b))
			return false;
	}
	return true;
}

static void check_stats(const struct run *run, const struct verdict *verdict)
{
	const struct engine_stats *now = engine_stats(run->eng);
	uint64_t reasons = 0;
	uint64_t packets = 0;

	for (int i = 0; i < REASON_COUNT; i++)
		reasons += now->reasons[i] - run->stats.reasons[i];
	for (int i = 0; i < ACTION_COUNT; i++)
		packets += now->packets[i] - run->stats.packets[i];
	check(reasons == 1 && packets == 1, "each packet is counted once");
	check(now->reasons[verdict->reason] ==
		      run->stats.reasons[verdict->reason] + 1,
	      "its reason is counted");
	check(now->packets[verdict->action] ==
		      run->stats.packets[verdict->action] + 1,
	      "its action is counted");
	check(now->conns <= CONNS_MAX, "no more connections than the limit");
	check(now->created >= now->conns, "no connection without a beginning");
	check(pool_used(world.pool) == now->conns,
	      "the pool counts what the engine counts");
}

static void check_verdict(const struct run *run, const struct verdict *verdict)
{
	const struct conn_info *conn = find(&run->after, verdict->conn.id);
	enum reason_kind kind;

	check(verdict->reason > REASON_NONE && verdict->reason < REASON_COUNT,
	      "every verdict has a reason");
	check(reason_info[verdict->reason].name, "every reason has a name");
	check(verdict->reason != REASON_INTERNAL, "no packet is beyond us");
	kind = reason_info[verdict->reason].kind;
	check((verdict->action == ACTION_ACCEPT) == (kind != REASON_DROPS),
	      "the action is that of the reason");
	if (kind == REASON_DROPS)
		check(is_unchanged(run, 0), "a dropped packet changes nothing");
	if (kind == REASON_INERT)
		check(is_unchanged(run, verdict->conn.id),
		      "an inert packet changes no more than a counter");
	check(!verdict->conn.id || (conn && conn->state == verdict->conn.state),
	      "the verdict shows the connection as the list does");
}

static struct verdict judge(struct run *run, const struct packet_meta *meta,
			    const void *data, size_t len)
{
	struct verdict verdict;
	struct packet pkt;
	enum reason reason;

	look(run, &run->before);
	run->stats = *engine_stats(run->eng);
	reason = packet_parse(&pkt, meta, data, len);
	if (reason == REASON_NONE)
		check(pkt.tuple.ipversion == 4 || pkt.tuple.ipversion == 6,
		      "what is understood is of a family");
	verdict = reason == REASON_NONE
			  ? engine_decide(run->eng, &pkt, run->now)
			  : engine_refuse(run->eng, reason);
	look(run, &run->after);
	check_verdict(run, &verdict);
	check_stats(run, &verdict);
	return verdict;
}

/* 0 to 127: forward by about the octet's square, above that: back. */
static uint32_t offset(uint8_t octet)
{
	uint32_t step = octet & 0x7fU;

	if (step > 64)
		step = step * step * step * step;
	return octet & 0x80 ? 0U - step : step;
}

static void set_ends(struct build *b, unsigned int number, enum direction dir)
{
	bool is_ipv6 = number & 1;
	const char *client = is_ipv6 ? "2001:db8::1" : "192.0.2.1";
	const char *server = is_ipv6 ? "2001:db8::2" : "192.0.2.2";
	uint16_t port = ports[number >> 1];

	b->ip.version = is_ipv6 ? 6 : 4;
	b->ip.ipproto = IPPROTO_TCP;
	b->ip.src = dir == DIR_ORIGINAL ? client : server;
	b->ip.dst = dir == DIR_ORIGINAL ? server : client;
	b->sport = dir == DIR_ORIGINAL ? 40001 : port;
	b->dport = dir == DIR_ORIGINAL ? port : 40001;
}

/* The ends go on from what passed. */
static void follow(struct talk *talk, const struct build *b, enum direction dir,
		   const struct verdict *verdict)
{
	uint32_t end = b->tcp.seq + (uint32_t)b->payload_len +
		       !!(b->tcp.flags & (TCP_SYN | TCP_FIN));

	if (reason_info[verdict->reason].kind != REASON_ACCEPTS)
		return;
	if (b->tcp.flags & TCP_SYN || (int32_t)(end - talk->next[dir]) > 0)
		talk->next[dir] = end;
}

/* Payload, window and options, by one octet; 0: none, a large one, none. */
static void set_rest(const struct run *run, struct build *b, uint8_t octet)
{
	b->payload_len = octet & 0x3f;
	b->tcp.window = octet % 11 == 10 ? 0 : UINT16_MAX >> (octet & 7);
	if (octet & 0x80 && b->tcp.flags & TCP_SYN)
		build_wscale(&b->tcp.options, octet & 15);
	if (octet & 0x40)
		build_timestamp(&b->tcp.options, (uint32_t)run->now, 0);
}

static void send_segment(struct run *run, uint8_t op)
{
	static const uint8_t flags[] = {
		TCP_SYN,           TCP_SYN | TCP_ACK, TCP_ACK,
		TCP_FIN | TCP_ACK, TCP_RST,           TCP_RST | TCP_ACK,
		TCP_ACK | TCP_URG, TCP_FIN,
	};
	struct talk *talk = &run->talks[op >> 4];
	enum direction dir = op & 1 ? DIR_REPLY : DIR_ORIGINAL;
	struct packet_meta meta = { .hook = HOOK_FORWARD,
				    .verify_checksum = true };
	struct build b = { 0 };
	uint8_t packet[512];
	struct verdict verdict;

	set_ends(&b, op >> 4, dir);
	b.tcp.flags = flags[op >> 1 & 7];
	b.tcp.seq = talk->next[dir] + offset(take(run));
	b.tcp.ack = talk->next[!dir] + offset(take(run));
	set_rest(run, &b, take(run));
	meta.len = (uint32_t)build_packet(&b, packet, sizeof(packet));
	verdict = judge(run, &meta, packet, meta.len);
	follow(talk, &b, dir, &verdict);
}

static void send_raw(struct run *run, uint8_t op)
{
	size_t len = take(run);
	size_t left = (size_t)(run->end - run->pos);
	struct packet_meta meta = {
		.hook = (enum hook)((op & 3) % HOOK_COUNT),
		.verify_checksum = op & 4,
		.gso = op & 8,
	};
	uint8_t *copy;

	if (len > left)
		len = left;
	meta.len = (uint32_t)len;
	if (op & 16)
		meta.len += take(run) * 300U;
	left = (size_t)(run->end - run->pos);
	if (len > left)
		len = left;
	if (meta.hook != HOOK_OUTPUT)
		memcpy(meta.indev, "eth0", 5);
	/* In memory of its own, so that what is read behind it is seen. */
	copy = malloc(len + !len);
	check(copy, "there is memory");
	memcpy(copy, run->pos, len);
	run->pos += len;
	(void)judge(run, &meta, copy, len);
	free(copy);
}

static void note_closed(const struct conn_info *conn,
			const struct verdict *verdict, void *arg)
{
	(void)arg;
	check(conn->id && verdict->reason != REASON_NONE,
	      "what is closed is named");
}

static void change_rules(struct run *run, enum recheck recheck)
{
	int next = (run->rules + 1) % RULE_SETS;
	struct rule_stats *stats = rule_stats_create(world.rules[next]);

	check(stats, "there is memory");
	engine_set_rules(run->eng, world.rules[next],
			 world.maps[run->rules][next], stats);
	run->rules = next;
	while (!engine_recheck(run->eng, recheck, run->now, note_closed, NULL))
		;
}

static void other_operation(struct run *run, uint8_t op)
{
	look(run, &run->before);
	switch (op >> 3 & 7) {
	case 0:
	case 1:
		(void)engine_expire(run->eng, run->now, op & 7);
		look(run, &run->after);
		check(is_unchanged(run, 0), "expiry is not seen");
		break;
	case 2:
		(void)engine_relieve(run->eng, op & 7, run->now, op & 7);
		break;
	case 3:
		engine_note_loss(run->eng, run->now);
		break;
	case 4:
		change_rules(run, RECHECK_KEEP);
		break;
	case 5:
		change_rules(run, RECHECK_JUDGE);
		break;
	case 6:
		change_rules(run, RECHECK_FLUSH);
		look(run, &run->after);
		check(run->after.count == 0, "a flush closes all");
		break;
	default:
		break;
	}
}

static void operate(struct run *run)
{
	uint8_t op = take(run);

	if (op < 0x80)
		send_segment(run, op);
	else if (op < 0xa0)
		send_raw(run, op);
	else if (op < 0xc0)
		run->now += (msec_t)1 << (op & 0x1f);
	else
		other_operation(run, op);
}

/* All goes back, whatever has happened to it. */
static void finish(struct run *run)
{
	run->now += (msec_t)7 * 24 * 3600 * 1000;
	(void)engine_expire(run->eng, run->now, SIZE_MAX);
	check(engine_stats(run->eng)->conns == 0, "all expires in the end");
	check(pool_used(world.pool) == 0, "all goes back to the pool");
	check(halfopen_total(world.halfopen) == 0,
	      "no half-open connection is left in the counts");
	engine_destroy(run->eng);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .pos = data, .end = data + size, .now = 1000000 };
	struct engine_params params = { .key = { 3, 4 }, .count = 1 };

	if (!world.pool)
		make_world();
	params.rules = world.rules[0];
	params.pool = world.pool;
	params.halfopen = world.halfopen;
	params.start = run.now;
	run.eng = engine_create(&params);
	check(run.eng, "there is memory");
	for (int i = 0; i < OPERATIONS_MAX && run.pos < run.end; i++)
		operate(&run);
	finish(&run);
	return 0;
}
