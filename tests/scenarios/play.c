/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario that is being played.
 */
#include "scenarios/play.h"

#include <assert.h>
#include <check.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/halfopen.h"
#include "engine/match.h"
#include "engine/sources.h"

static const char *const addresses[2][WHO_COUNT] = {
	{ "192.0.2.10", "198.51.100.20", "203.0.113.1" },
	{ "2001:db8:1::10", "2001:db8:2::20", "2001:db8:ffff::1" },
};

static const char *const indevs[WHO_COUNT] = { "inside", "outside", "outside" };

/* Some leave no room to the wrap, or to the change of sign. */
static const uint32_t isns[4][2] = {
	{ 1000, 5000000 },
	{ 0xfffffff0, 0x7ffffff0 },
	{ 0x7ffffff0, 0xfffffff0 },
	{ 0xfffff000, 0xffff0000 },
};

/* The bits of a variant: IPv6, larger end first, which of the numbers. */
static struct cast make_cast(int variant)
{
	const char *const *names = addresses[variant & 1];
	const uint32_t *numbers = isns[variant >> 2];
	bool is_larger = variant & 2;

	return (struct cast){
		.version = variant & 1 ? 6 : 4,
		.addresses = { names[is_larger], names[!is_larger], names[2] },
		.ports = { 40000, 80, 0 },
		.isns = { numbers[0], numbers[1], 0 },
	};
}

void play_fail(const struct play *play, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ck_abort_msg("%s %s: %s:%u: \"%s\": %s (IPv%u, %s > %s, numbers from "
		     "0x%x and 0x%x)",
		     play->block->id, play->block->title, play->line->file,
		     play->line->number, play->line->text, text,
		     play->cast.version, play->cast.addresses[WHO_O],
		     play->cast.addresses[WHO_R], play->cast.isns[WHO_O],
		     play->cast.isns[WHO_R]);
}

static struct rule *allow_source(struct ruleset *rules, const char *address)
{
	struct rule *rule =
		ruleset_add_rule(rules, address, &(struct rule_options){ 0 });
	struct match_fault fault;
	bool ok;

	ck_assert_ptr_nonnull(rule);
	ok = ruleset_add_match(rules, rule, match_type_find("src"), address,
			       &fault);
	ck_assert(ok);
	return rule;
}

/* What no rule accepts is dropped: that is the policy from the start. */
static void make_rules(struct play *play, unsigned int denied)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	play->rules[denied] = rules;
	for (enum who who = WHO_O; who <= WHO_R; who++)
		if (!(denied & 1U << who))
			play->openers[denied][who] =
				allow_source(rules, play->cast.addresses[who]);
}

struct play *play_create(const struct script *script, const struct block *block,
			 int variant)
{
	struct engine_params params = { .key = { 1, 2 },
					.count = 1,
					.start = PLAY_START };
	struct play *play = calloc(1, sizeof(*play));

	ck_assert_ptr_nonnull(play);
	params.pool = pool_create(PLAY_CONNS_MAX);
	ck_assert_ptr_nonnull(params.pool);
	params.halfopen = halfopen_create(PLAY_CONNS_MAX, &params.key);
	ck_assert_ptr_nonnull(params.halfopen);
	params.sources = sources_create(PLAY_CONNS_MAX, &params.key);
	ck_assert_ptr_nonnull(params.sources);
	play->script = script;
	play->block = block;
	play->line = &script->lines[block->head];
	play->variant = variant;
	play->cast = make_cast(variant);
	play->pool = params.pool;
	play->halfopen = params.halfopen;
	play->sources = params.sources;
	for (unsigned int i = 0; i < PLAY_RULE_SETS; i++)
		make_rules(play, i);
	params.rules = play->rules[0];
	play->eng = engine_create(&params);
	ck_assert_ptr_nonnull(play->eng);
	play->hook = HOOK_FORWARD;
	play->start = PLAY_START;
	play->now = play->start;
	return play;
}

static void note_closed(const struct conn_info *conn,
			const struct verdict *verdict, void *arg)
{
	(void)conn;
	(void)verdict;
	(void)arg;
}

void play_deny(struct play *play, unsigned int denied)
{
	const struct ruleset *from = play->rules[play->denied];
	const struct ruleset *to = play->rules[denied];
	struct rule_heir *map = ruleset_map(from, to);
	struct rule_stats *stats = rule_stats_create(to);

	ck_assert(map && stats);
	engine_set_rules(play->eng, to, map, stats);
	while (!engine_recheck(play->eng, RECHECK_KEEP, play->now, note_closed,
			       NULL))
		;
	free(map);
	play->denied = denied;
}

void play_destroy(struct play *play)
{
	engine_destroy(play->eng);
	for (unsigned int i = 0; i < PLAY_RULE_SETS; i++)
		ruleset_destroy(play->rules[i]);
	sources_destroy(play->sources);
	halfopen_destroy(play->halfopen);
	pool_destroy(play->pool);
	free(play);
}

void play_snapshot(const struct play *play, struct snapshot *snapshot)
{
	size_t cursor = 0;

	snapshot->count = 0;
	while (cursor != SIZE_MAX)
		snapshot->count +=
			engine_list(play->eng, play->now, &cursor,
				    snapshot->conns + snapshot->count,
				    PLAY_CONNS_MAX - snapshot->count);
}

static bool is_about(const struct conn_info *conn, const struct tuple *tuple)
{
	struct tuple reverse = tuple_reverse(tuple);
	struct tuple known = conn->tuple;
	bool is_icmp = tuple->ipproto == IPPROTO_ICMP ||
		       tuple->ipproto == IPPROTO_ICMPV6;

	/* The asker's port is the identifier; the other one is the engine's
	 * own affair, and 0 in ours. */
	if (is_icmp)
		known.dport = 0;
	return tuple_equal(&known, tuple) || tuple_equal(&known, &reverse);
}

/* How the tuple of a tunnel has its key is the engine's own affair. */
static void borrow_key(struct shot *shot, const struct packet *pkt)
{
	const struct tuple *subject = packet_subject(pkt);
	bool is_icmp = subject->ipproto == IPPROTO_ICMP ||
		       subject->ipproto == IPPROTO_ICMPV6;

	if (!shot_has_ports(shot) && !is_icmp)
		shot->tuple = *subject;
}

const struct conn_info *play_conn(const struct play *play)
{
	for (size_t i = 0; i < play->after.count; i++)
		if (is_about(&play->after.conns[i], &play->shot.tuple))
			return &play->after.conns[i];
	return NULL;
}

static bool same_counters(const struct conn_info *a, const struct conn_info *b)
{
	for (int dir = 0; dir < DIR_COUNT; dir++)
		if (a->packets[dir] != b->packets[dir] ||
		    a->bytes[dir] != b->bytes[dir])
			return false;
	return true;
}

static bool same_conn(const struct conn_info *a, const struct conn_info *b)
{
	return a->id == b->id && tuple_equal(&a->tuple, &b->tuple) &&
	       a->state == b->state && a->rule == b->rule &&
	       a->created == b->created && a->expires == b->expires;
}

static bool same_snapshot(const struct play *play, bool with_counters)
{
	const struct snapshot *a = &play->before;
	const struct snapshot *b = &play->after;

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!same_conn(&a->conns[i], &b->conns[i]))
			return false;
		if (with_counters && !same_counters(&a->conns[i], &b->conns[i]))
			return false;
	}
	return true;
}

bool play_was_inert(const struct play *play)
{
	return play->verdict.action == ACTION_ACCEPT &&
	       same_snapshot(play, false);
}

/* The verdict shows the connection as the list does. */
static void check_shown_conn(const struct play *play)
{
	const struct verdict_conn *shown = &play->verdict.conn;

	for (size_t i = 0; shown->id && i < play->after.count; i++)
		if (play->after.conns[i].id == shown->id &&
		    play->after.conns[i].state == shown->state)
			return;
	if (shown->id)
		play_fail(play,
			  "the verdict shows a connection %llu in state "
			  "%s, and the list does not",
			  (unsigned long long)shown->id, shown->state);
}

static void check_invariants(const struct play *play)
{
	const struct verdict *verdict = &play->verdict;
	bool accepts = verdict->action == ACTION_ACCEPT;
	enum reason_kind kind;

	if (verdict->reason == REASON_NONE || verdict->reason >= REASON_COUNT)
		play_fail(play, "a verdict without a reason");
	kind = reason_info[verdict->reason].kind;
	if (accepts == (kind == REASON_DROPS))
		play_fail(play, "verdict %s for the reason %s",
			  action_names[verdict->action],
			  reason_info[verdict->reason].name);
	if (!accepts && !same_snapshot(play, true))
		play_fail(play, "dropped (%s), and changed something",
			  reason_info[verdict->reason].name);
	if (kind == REASON_INERT && !same_snapshot(play, false))
		play_fail(play, "inert (%s), and changed something",
			  reason_info[verdict->reason].name);
	check_shown_conn(play);
}

static struct packet_meta make_meta(const struct play *play)
{
	const struct shot *shot = &play->shot;
	struct packet_meta meta = {
		.hook = play->hook,
		.len = shot->real_len ? shot->real_len : (uint32_t)shot->len,
		.verify_checksum = true,
		.gso = shot->gso,
	};
	const char *indev = indevs[shot->who];

	if (play->hook != HOOK_OUTPUT)
		memcpy(meta.indev, indev, strlen(indev));
	return meta;
}

void play_send(struct play *play)
{
	const struct shot *shot = &play->shot;
	size_t len = shot->copy < shot->len ? shot->copy : shot->len;
	struct packet_meta meta = make_meta(play);
	struct packet pkt;
	enum reason reason;

	play_snapshot(play, &play->before);
	reason = packet_parse(&pkt, &meta, shot->octets, len);
	if (reason == REASON_NONE) {
		borrow_key(&play->shot, &pkt);
		play->verdict = engine_decide(play->eng, &pkt, play->now);
	} else {
		play->verdict = engine_refuse(play->eng, reason);
	}
	play_snapshot(play, &play->after);
	check_invariants(play);
}
