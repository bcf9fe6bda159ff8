/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two engines, and what is true of them.
 */
#include "fuzz/engine/twin.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/halfopen.h"
#include "engine/match.h"

enum { WEEK = 7 * 24 * 3600 * 1000, START = 1000000 };

const char *const twin_addresses[2][TWIN_HOSTS] = {
	{ "192.0.2.1", "198.51.100.2", "203.0.113.3" },
	{ "2001:db8:1::1", "2001:db8:2::2", "2001:db8:ffff::3" },
};

static const struct hash_key key = { 1, 2 };

/* Made once: they do not change. */
static struct ruleset *rule_sets[TWIN_RULE_SETS];

void twin_check(bool holds, const char *what)
{
	if (holds)
		return;
	(void)fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void add_rule(struct ruleset *rules, const char *match, const char *text,
		     const struct rule_options *options)
{
	struct match_fault fault;
	struct rule *rule;
	char name[64];

	(void)snprintf(name, sizeof(name), "%s %s", match, text);
	rule = ruleset_add_rule(rules, name, options);
	twin_check(rule && ruleset_add_match(rules, rule,
					     match_type_find(match), text,
					     &fault),
		   "a rule can be made");
}

static void deny(struct ruleset *rules, enum twin_host host, enum action action)
{
	const struct rule_options options = { .action = action };

	add_rule(rules, "src", twin_addresses[0][host], &options);
	add_rule(rules, "src", twin_addresses[1][host], &options);
}

static void set_tcp(struct ruleset *rules, unsigned int number)
{
	struct limits limits = *ruleset_limits(rules);
	struct tcp_settings tcp = *ruleset_tcp(rules);

	if (number & TWIN_LOOSE)
		tcp.pickup = TCP_PICKUP_LOOSE;
	if (number & TWIN_STRICT) {
		tcp.simultaneous_open = false;
		tcp.syn_data = TCP_SYN_DATA_DENY;
	}
	if (number & TWIN_LIMITS) {
		limits.connections_per_source = 4;
		limits.half_open_per_source = 2;
		limits.half_open_per_destination = 3;
		ruleset_set_limits(rules, &limits);
	}
	ruleset_set_tcp(rules, &tcp);
}

static struct ruleset *make_rules(unsigned int number)
{
	static const struct rule_options sloppy = {
		.tracking = TRACKING_SLOPPY,
	};
	static const struct rule_options liberal = {
		.tracking = TRACKING_LIBERAL,
	};
	struct ruleset *rules = ruleset_create();

	twin_check(rules, "rules can be made");
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, ACTION_ACCEPT);
	if (number & TWIN_DENY_CLIENT)
		deny(rules, TWIN_CLIENT, ACTION_REJECT);
	if (number & TWIN_DENY_SERVER)
		deny(rules, TWIN_SERVER, ACTION_DROP);
	add_rule(rules, "dport", "81", &sloppy);
	add_rule(rules, "sport", "81", &sloppy);
	add_rule(rules, "dport", "82", &liberal);
	add_rule(rules, "sport", "82", &liberal);
	set_tcp(rules, number);
	return rules;
}

static bool has_twin(const struct twin *twin)
{
	return !twin->has_few;
}

void twin_start(struct twin *twin, bool has_few)
{
	struct engine_params params = { .key = key, .count = 1 };
	size_t max = has_few ? TWIN_CONNS_FEW : TWIN_CONNS_MAX;

	for (unsigned int i = 0; i < TWIN_RULE_SETS && !rule_sets[i]; i++)
		rule_sets[i] = make_rules(i);
	*twin = (struct twin){ .has_few = has_few, .now = START };
	params.start = twin->now;
	params.rules = rule_sets[0];
	for (int i = 0; i < 2; i++) {
		params.pool = twin->pools[i] = pool_create(max);
		params.halfopen = twin->halfopens[i] =
			halfopen_create(max, &key);
		twin_check(params.pool && params.halfopen, "there is memory");
		twin->engines[i] = engine_create(&params);
		twin_check(twin->engines[i], "there is memory");
	}
}

static void see(const struct twin *twin, int number, struct twin_view *view)
{
	size_t cursor = 0;

	view->count = 0;
	while (cursor != SIZE_MAX && view->count < TWIN_CONNS_MAX)
		view->count += engine_list(twin->engines[number], twin->now,
					   &cursor, view->conns + view->count,
					   TWIN_CONNS_MAX - view->count);
	for (size_t i = 0; i < view->count; i++)
		twin_check(view->conns[i].expires > twin->now,
			   "an expired connection is not seen");
}

const struct conn_info *twin_find(const struct twin_view *view, uint64_t id)
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

/* All but the connection @except are as they were, and none is gone. */
static bool others_same(const struct twin_view *a, const struct twin_view *b,
			uint64_t except)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct conn_info *was = &a->conns[i];
		const struct conn_info *is = twin_find(b, was->id);

		if (was->id == except)
			continue;
		if (!is || !same_state(was, is) || !same_counters(was, is))
			return false;
	}
	return true;
}

static bool same_view(const struct twin_view *a, const struct twin_view *b)
{
	return a->count == b->count && others_same(a, b, 0);
}

static void compare_with_twin(struct twin *twin)
{
	if (!has_twin(twin))
		return;
	see(twin, 0, &twin->before);
	see(twin, 1, &twin->after);
	twin_check(same_view(&twin->before, &twin->after),
		   "the engine that never saw the dropped packets has the same "
		   "connections");
}

/* A SYN passes if the rules let it open a connection, or have done so. */
static void check_syn(const struct twin *twin, const struct verdict *verdict)
{
	bool is_syn = twin->pkt.tuple.ipproto == IPPROTO_TCP &&
		      tcp_class(twin->pkt.tcp.flags) == TCP_CLASS_SYN;
	struct verdict asked;

	if (!is_syn || verdict->action != ACTION_ACCEPT ||
	    verdict->reason == REASON_DUP_SYN)
		return;
	asked = ruleset_classify(rule_sets[twin->rules], &twin->pkt,
				 (struct moment){ .now = twin->now });
	twin_check(asked.action == ACTION_ACCEPT,
		   "the rules have a say in every new SYN");
}

/*
 * The connection that the packet was of may be gone, to make room for the next
 * one of its tuple, or because its time was over before.
 */
static void check_others(const struct twin *twin, const struct verdict *verdict)
{
	const struct tuple *subject = packet_subject(&twin->pkt);
	struct tuple reverse = tuple_reverse(subject);

	if (!has_twin(twin))
		return;
	for (size_t i = 0; i < twin->before.count; i++) {
		const struct conn_info *was = &twin->before.conns[i];
		const struct conn_info *is = twin_find(&twin->after, was->id);
		bool is_own = was->id == verdict->conn.id ||
			      tuple_equal(&was->tuple, subject) ||
			      tuple_equal(&was->tuple, &reverse);

		twin_check(is_own || (is && same_state(was, is) &&
				      same_counters(was, is)),
			   "a packet changes no connection but its own");
	}
}

static void check_ids(struct twin *twin)
{
	uint64_t last = twin->last_id;

	for (size_t i = 0; i < twin->after.count; i++) {
		const struct conn_info *conn = &twin->after.conns[i];

		twin_check(twin_find(&twin->after, conn->id) == conn,
			   "no two connections have the same id");
		twin_check(conn->id <= twin->last_id + 1,
			   "ids are given one after the other");
		if (conn->id > last)
			last = conn->id;
		if (conn->id > twin->last_id)
			twin_check(conn->created == twin->now,
				   "a connection begins with its packet");
	}
	twin->last_id = last;
}

/* Segments that only repeat something, or come too early to count. */
static bool keeps_timer(enum reason reason)
{
	static const enum reason keepers[] = {
		REASON_EARLY_DATA,
		REASON_RST_REPEAT,
		REASON_RST_IN_TW,
		REASON_DUP_LAST_ACK,
	};

	for (size_t i = 0; i < sizeof(keepers) / sizeof(keepers[0]); i++)
		if (reason == keepers[i])
			return true;
	return false;
}

/* It is left alone, but for what it takes to be answered. */
static bool is_left_alone(const struct twin *twin, msec_t was, msec_t is)
{
	enum { ANSWER_LIFE = 10000 };
	msec_t least = twin->now + ANSWER_LIFE;

	return is == was || (was < least && is == least);
}

static void check_timer(const struct twin *twin, const struct verdict *verdict)
{
	const struct conn_info *was =
		twin_find(&twin->before, verdict->conn.id);
	const struct conn_info *is = twin_find(&twin->after, verdict->conn.id);

	if (was && is && keeps_timer(verdict->reason))
		twin_check(is_left_alone(twin, was->expires, is->expires) &&
				   was->state == is->state,
			   "what only repeats something leaves the timer");
	/* What is sent again may still be answered. */
	if (was && is &&
	    (verdict->reason == REASON_DUP_SYN ||
	     verdict->reason == REASON_DUP_SYNACK))
		twin_check(was->expires <= is->expires,
			   "what is sent again shortens no life");
}

static void check_effect(const struct twin *twin, const struct verdict *verdict)
{
	const struct conn_info *was =
		twin_find(&twin->before, verdict->conn.id);
	const struct conn_info *is = twin_find(&twin->after, verdict->conn.id);

	switch (reason_info[verdict->reason].kind) {
	case REASON_DROPS:
		twin_check(same_view(&twin->before, &twin->after),
			   "a dropped packet changes nothing");
		break;
	case REASON_INERT:
		twin_check(was && is && same_state(was, is) &&
				   twin->before.count == twin->after.count &&
				   others_same(&twin->before, &twin->after,
					       was->id),
			   "an inert packet changes nothing but counters");
		break;
	case REASON_ACCEPTS:
		check_others(twin, verdict);
		break;
	}
}

static void check_verdict(struct twin *twin, const struct verdict *verdict)
{
	const struct conn_info *conn =
		twin_find(&twin->after, verdict->conn.id);

	twin_check(verdict->reason > REASON_NONE &&
			   verdict->reason < REASON_COUNT,
		   "a verdict has a reason");
	twin_check(verdict->reason != REASON_INTERNAL, "nothing is beyond us");
	twin_check((verdict->action == ACTION_ACCEPT) ==
			   (reason_info[verdict->reason].kind != REASON_DROPS),
		   "the action is that of the reason");
	twin_check(!verdict->conn.id == !verdict->conn.state,
		   "the verdict has a connection, or has none");
	twin_check(!verdict->conn.id ||
			   (conn && conn->state == verdict->conn.state),
		   "the verdict shows the connection as the list does");
	check_effect(twin, verdict);
	check_timer(twin, verdict);
	check_ids(twin);
	if (twin->was_understood)
		check_syn(twin, verdict);
}

static void check_stats(const struct twin *twin,
			const struct engine_stats *before,
			const struct verdict *verdict)
{
	const struct engine_stats *now = engine_stats(twin->engines[0]);
	struct engine_stats expected = *before;

	expected.packets[verdict->action]++;
	expected.reasons[verdict->reason]++;
	twin_check(memcmp(expected.packets, now->packets,
			  sizeof(now->packets)) == 0,
		   "each packet is counted once, by its action");
	twin_check(memcmp(expected.reasons, now->reasons,
			  sizeof(now->reasons)) == 0,
		   "and by its reason alone");
	twin_check(now->conns == pool_used(twin->pools[0]),
		   "the pool counts what the engine counts");
	twin_check(now->conns <= pool_size(twin->pools[0]),
		   "there are no more connections than the limit");
}

/* What passes, passes the twin for the same reason. */
static void ask_twin(struct twin *twin, const struct verdict *verdict)
{
	struct verdict other;

	if (!has_twin(twin) || verdict->action != ACTION_ACCEPT)
		return;
	other = engine_decide(twin->engines[1], &twin->pkt, twin->now);
	twin_check(other.action == verdict->action &&
			   other.reason == verdict->reason &&
			   other.rule == verdict->rule &&
			   other.conn.id == verdict->conn.id &&
			   other.conn.state == verdict->conn.state,
		   "the engine that never saw the dropped packets judges the "
		   "same");
}

struct verdict twin_judge(struct twin *twin, const struct packet_meta *meta,
			  const void *data, size_t len)
{
	struct engine *eng = twin->engines[0];
	struct engine_stats stats = *engine_stats(eng);
	struct verdict verdict;
	enum reason reason;

	see(twin, 0, &twin->before);
	reason = packet_parse(&twin->pkt, meta, data, len);
	twin->was_understood = reason == REASON_NONE;
	verdict = twin->was_understood
			  ? engine_decide(eng, &twin->pkt, twin->now)
			  : engine_refuse(eng, reason);
	see(twin, 0, &twin->after);
	if (twin->show)
		twin->show(twin, &verdict);
	check_verdict(twin, &verdict);
	check_stats(twin, &stats, &verdict);
	ask_twin(twin, &verdict);
	return verdict;
}

static void note_closed(const struct conn_info *conn,
			const struct verdict *verdict, void *arg)
{
	(void)arg;
	twin_check(conn->id && verdict->reason != REASON_NONE &&
			   verdict->action != ACTION_ACCEPT,
		   "what is closed is named, with the reason");
}

void twin_set_rules(struct twin *twin, unsigned int rules, enum recheck recheck)
{
	struct rule_heir *map;

	if (has_twin(twin))
		rules &= ~(unsigned int)TWIN_LIMITS;
	map = ruleset_map(rule_sets[twin->rules], rule_sets[rules]);
	twin_check(map, "there is memory");
	for (int i = 0; i < 2; i++) {
		struct rule_stats *stats = rule_stats_create(rule_sets[rules]);

		twin_check(stats, "there is memory");
		engine_set_rules(twin->engines[i], rule_sets[rules], map,
				 stats);
		while (!engine_recheck(twin->engines[i], recheck, twin->now,
				       note_closed, NULL))
			;
	}
	free(twin->map);
	twin->map = map;
	twin->rules = rules;
	compare_with_twin(twin);
}

void twin_expire(struct twin *twin, size_t budget)
{
	see(twin, 0, &twin->before);
	(void)engine_expire(twin->engines[0], twin->now, budget);
	see(twin, 0, &twin->after);
	twin_check(same_view(&twin->before, &twin->after),
		   "a sweep removes nothing that is seen");
}

void twin_relieve(struct twin *twin, msec_t quiet_min, size_t budget)
{
	(void)engine_relieve(twin->engines[0], quiet_min, twin->now, budget);
	compare_with_twin(twin);
}

void twin_note_loss(struct twin *twin)
{
	engine_note_loss(twin->engines[0], twin->now);
	engine_note_loss(twin->engines[1], twin->now);
}

void twin_stop(struct twin *twin)
{
	compare_with_twin(twin);
	twin->now += WEEK;
	for (int i = 0; i < 2; i++) {
		(void)engine_expire(twin->engines[i], twin->now, SIZE_MAX);
		twin_check(pool_used(twin->pools[i]) == 0,
			   "all connections expire in the end");
		twin_check(halfopen_total(twin->halfopens[i]) == 0,
			   "no half-open connection is left in the counts");
		engine_destroy(twin->engines[i]);
		halfopen_destroy(twin->halfopens[i]);
		pool_destroy(twin->pools[i]);
	}
	free(twin->map);
}
