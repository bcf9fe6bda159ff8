/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process leaves behind when it ends, and what the next one makes of it:
 * connections go on, and nothing that is damaged does harm.
 */
#include "engine/restore.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "engine/conntrack_image_form.h"
#include "engine/halfopen.h"
#include "engine/zone.h"
#include "unit/frame.h"
#include "unit/past.h"
#include "unit/random.h"
#include "unit/rig.h"
#include "unit/run.h"

enum {
	NOW = 1000000,
	LATER = NOW + 5000,
	CLIENT_ISN = 1000,
	SERVER_ISN = 2000,
	LIST_MAX = 15,
};

static const uint8_t versions[] = { 4, 6 };

/* Rules that match nothing but TCP ("web"), UDP ("dns") and the rest. */
static struct ruleset *make_rules(const char *const *names, size_t count)
{
	static const char *const texts[] = { "tcp", "udp", "icmp,icmpv6" };
	struct ruleset *rules = rig_make_rules();

	for (size_t i = 0; i < count; i++)
		(void)rig_add_rule(rules, names[i], &(struct rule_options){ 0 },
				   "proto", texts[i]);
	return rules;
}

static struct ruleset *usual_rules(void)
{
	static const char *const names[] = { "web", "dns", "ping" };

	return make_rules(names, 3);
}

struct segment {
	enum direction dir;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
};

static enum reason say(struct life *life, uint8_t version,
		       struct segment segment)
{
	struct build b = frame_draft(version, IPPROTO_TCP);
	const char *client = b.ip.src;

	b.tcp.flags = segment.flags;
	b.tcp.seq = segment.seq;
	b.tcp.ack = segment.ack;
	b.tcp.window = 1000;
	if (segment.dir == DIR_REPLY) {
		b.ip.src = b.ip.dst;
		b.ip.dst = client;
		b.dport = b.sport;
		b.sport = 80;
	}
	return life_send(life, &b).reason;
}

static void establish(struct life *life, uint8_t version)
{
	(void)say(life, version,
		  (struct segment){ DIR_ORIGINAL, TCP_SYN, CLIENT_ISN, 0 });
	(void)say(life, version,
		  (struct segment){ DIR_REPLY, TCP_SYN | TCP_ACK, SERVER_ISN,
				    CLIENT_ISN + 1 });
	ck_assert_int_eq(say(life, version,
			     (struct segment){ DIR_ORIGINAL, TCP_ACK,
					       CLIENT_ISN + 1,
					       SERVER_ISN + 1 }),
			 REASON_THIRD_ACK);
}

static void open_one(struct life *life, uint8_t version, uint8_t ipproto)
{
	struct build b = frame_draft(version, ipproto);

	b.key = 300;
	if (ipproto == IPPROTO_ICMP)
		b.icmp.type = version == 4 ? 8 : 128;
	ck_assert_int_eq(life_send(life, &b).action, ACTION_ACCEPT);
}

/* One of each protocol, in both families. */
static void open_all(struct life *life)
{
	static const uint8_t others[] = { IPPROTO_UDP,  IPPROTO_ICMP,
					  IPPROTO_GRE,  IPPROTO_ESP,
					  IPPROTO_DCCP, 253 };

	for (size_t v = 0; v < 2; v++) {
		establish(life, versions[v]);
		for (size_t i = 0; i < sizeof(others); i++)
			open_one(life, versions[v], others[i]);
	}
}

static const struct conn_info *find_id(const struct conn_info *list, size_t len,
				       uint64_t id)
{
	for (size_t i = 0; i < len; i++)
		if (list[i].id == id)
			return &list[i];
	return NULL;
}

START_TEST(all_that_people_see_of_a_connection_is_as_before)
{
	struct life before;
	struct life after;
	static struct conn_info was[LIST_MAX];
	static struct conn_info is[LIST_MAX];
	struct life_counts counts;
	size_t len;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	len = life_list(&before, was, LIST_MAX);
	ck_assert_uint_eq(len, 14);
	life_kill(&before);
	life_start(&after, usual_rules(), LATER);
	counts = life_inherit(&after, before.memory, before.len);
	ck_assert_uint_eq(counts.restored, len);
	ck_assert_uint_eq(counts.skipped + counts.refused, 0);
	ck_assert_uint_eq(life_list(&after, is, LIST_MAX), len);
	for (size_t i = 0; i < len; i++) {
		const struct conn_info *same = find_id(was, len, is[i].id);

		ck_assert_ptr_nonnull(same);
		ck_assert(rig_same(&is[i], same));
	}
	life_kill(&after);
	life_forget(&before);
	life_forget(&after);
}
END_TEST

/* A life that goes on with what another one left. */
static void succeed(struct life *after, struct life *before,
		    struct ruleset *rules)
{
	life_kill(before);
	life_start(after, rules, LATER);
	(void)life_inherit(after, before->memory, before->len);
	life_forget(before);
}

static void end(struct life *life)
{
	life_kill(life);
	life_forget(life);
}

START_TEST(numbers_of_tcp_are_remembered)
{
	uint8_t version = versions[_i];
	struct life before;
	struct life after;

	life_start(&before, usual_rules(), NOW);
	establish(&before, version);
	/* It is not the one that was touched last. */
	open_one(&before, version, IPPROTO_UDP);
	succeed(&after, &before, usual_rules());
	ck_assert_int_eq(say(&after, version,
			     (struct segment){ DIR_REPLY, TCP_ACK,
					       SERVER_ISN + 1,
					       CLIENT_ISN + 1 }),
			 REASON_ESTABLISHED);
	ck_assert_int_eq(say(&after, version,
			     (struct segment){ DIR_REPLY, TCP_ACK,
					       SERVER_ISN + 1,
					       CLIENT_ISN + 500 }),
			 REASON_ACK_UNSEEN);
	ck_assert_int_eq(say(&after, version,
			     (struct segment){ DIR_ORIGINAL, TCP_RST,
					       CLIENT_ISN + 200000, 0 }),
			 REASON_RST_OUT);
	end(&after);
}
END_TEST

START_TEST(one_that_was_at_hand_is_judged_with_patience)
{
	struct life before;
	struct life after;

	life_start(&before, usual_rules(), NOW);
	establish(&before, 4);
	succeed(&after, &before, usual_rules());
	ck_assert_int_eq(say(&after, 4,
			     (struct segment){ DIR_REPLY, TCP_ACK,
					       SERVER_ISN + 1,
					       CLIENT_ISN + 500 }),
			 REASON_ESTABLISHED);
	end(&after);
}
END_TEST

static const char *rule_name_of(const struct life *life, uint32_t number)
{
	if (number == RULE_NONE)
		return "";
	return rule_name(ruleset_rule(life->rules, number));
}

/* The rule of the connection of that protocol. */
static const char *rule_of(const struct life *life, uint8_t ipproto)
{
	struct conn_info list[LIST_MAX];
	size_t len = life_list(life, list, LIST_MAX);

	for (size_t i = 0; i < len; i++)
		if (list[i].tuple.ipproto == ipproto)
			return rule_name_of(life, list[i].rule);
	ck_abort_msg("no connection of protocol %u", ipproto);
	return NULL;
}

START_TEST(rules_are_found_again_by_their_names)
{
	static const char *const names[] = { "dns", "web" };
	struct life before;
	struct life after;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	ck_assert_str_eq(rule_of(&before, IPPROTO_TCP), "web");
	succeed(&after, &before, make_rules(names, 2));
	ck_assert_str_eq(rule_of(&after, IPPROTO_TCP), "web");
	ck_assert_str_eq(rule_of(&after, IPPROTO_UDP), "dns");
	/* The rule that let it in is gone. */
	ck_assert_str_eq(rule_of(&after, IPPROTO_ICMP), "");
	end(&after);
}
END_TEST

/* Between a reload and the end of its recheck both numbers are in use. */
START_TEST(rules_of_both_epochs_have_names)
{
	static const char *const names[] = { "dns", "web", "ping" };
	struct life before;
	struct life after;
	struct ruleset *rules = make_rules(names, 3);
	struct ruleset *old;
	struct rule_heir *map;

	life_start(&before, usual_rules(), NOW);
	open_one(&before, 4, IPPROTO_UDP);
	map = ruleset_map(before.rules, rules);
	conntrack_image_name_rules(before.image, true, rules);
	ruleset_inherit(rules, before.rules, map);
	engine_set_rules(before.eng, rules, map, rule_stats_create(rules));
	old = before.rules;
	before.rules = rules;
	ruleset_destroy(old);
	establish(&before, 4);
	succeed(&after, &before, usual_rules());
	free(map);
	ck_assert_str_eq(rule_of(&after, IPPROTO_UDP), "dns");
	/* In the new rules "dns" takes TCP. */
	ck_assert_str_eq(rule_of(&after, IPPROTO_TCP), "dns");
	end(&after);
}
END_TEST

START_TEST(ids_go_on_behind_those_that_were_given)
{
	struct life before;
	struct life after;
	struct conn_info list[LIST_MAX];
	uint64_t last = 0;
	size_t len;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	len = life_list(&before, list, LIST_MAX);
	for (size_t i = 0; i < len; i++)
		last = last < list[i].id ? list[i].id : last;
	succeed(&after, &before, usual_rules());
	engine_skip_ids(after.eng, last);
	open_one(&after, 4, 254);
	len = life_list(&after, list, LIST_MAX);
	ck_assert_uint_eq(len, 15);
	ck_assert_ptr_nonnull(find_id(list, len, last + 1));
	end(&after);
}
END_TEST

START_TEST(half_open_ones_are_counted_again)
{
	struct life before;
	struct life after;

	life_start(&before, usual_rules(), NOW);
	(void)say(&before, 4,
		  (struct segment){ DIR_ORIGINAL, TCP_SYN, CLIENT_ISN, 0 });
	succeed(&after, &before, usual_rules());
	ck_assert_uint_eq(halfopen_total(after.halfopen), 1);
	/* And are counted down when they are no more. */
	(void)say(&after, 4,
		  (struct segment){ DIR_REPLY, TCP_SYN | TCP_ACK, SERVER_ISN,
				    CLIENT_ISN + 1 });
	(void)say(&after, 4,
		  (struct segment){ DIR_ORIGINAL, TCP_ACK, CLIENT_ISN + 1,
				    SERVER_ISN + 1 });
	ck_assert_uint_eq(halfopen_total(after.halfopen), 0);
	end(&after);
}
END_TEST

START_TEST(the_maximum_of_a_rule_counts_them)
{
	const struct rule_options one = { .max = 1 };
	struct ruleset *rules[2];
	struct life before;
	struct life after;
	struct build b = frame_draft(4, IPPROTO_UDP);

	for (size_t i = 0; i < 2; i++) {
		rules[i] = rig_make_rules();
		(void)rig_add_rule(rules[i], "one", &one, NULL, NULL);
	}
	life_start(&before, rules[0], NOW);
	ck_assert_int_eq(life_send(&before, &b).reason, REASON_NEW);
	succeed(&after, &before, rules[1]);
	b.sport++;
	ck_assert_int_eq(life_send(&after, &b).reason, REASON_CONNECTION_LIMIT);
	end(&after);
}
END_TEST

START_TEST(marks_are_remembered)
{
	const struct rule_options marks = { .mark = 0x20, .mark_mask = 0xf0 };
	struct ruleset *rules[2];
	struct life before;
	struct life after;
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct verdict verdict;

	for (size_t i = 0; i < 2; i++) {
		rules[i] = rig_make_rules();
		(void)rig_add_rule(rules[i], "marks", &marks, NULL, NULL);
	}
	life_start(&before, rules[0], NOW);
	ck_assert_int_eq(life_send(&before, &b).reason, REASON_NEW);
	succeed(&after, &before, rules[1]);
	verdict = life_send(&after, &b);
	ck_assert_int_eq(verdict.reason, REASON_ESTABLISHED);
	ck_assert_uint_eq(verdict.mark, 0x20);
	ck_assert_uint_eq(verdict.mark_mask, 0xf0);
	end(&after);
}
END_TEST

static void closed(const struct conn_info *conn, const struct verdict *verdict,
		   void *arg)
{
	size_t *count = arg;

	(void)conn;
	(void)verdict;
	(*count)++;
}

START_TEST(the_rules_of_now_judge_them)
{
	struct ruleset *rules = ruleset_create(); /* drops everything */
	struct rule_heir *map;
	struct zone *zone;
	struct life before;
	struct life after;
	size_t count = 0;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	zone = ruleset_add_zone(rules, "lan");
	ck_assert_int_eq(zone_add_interface(zone, "lan*"), 0);
	(void)rig_add_rule(rules, "lan", &(struct rule_options){ 0 }, "from",
			   "lan");
	succeed(&after, &before, rules);
	map = ruleset_map_itself(rules);
	engine_renew_rules(after.eng, map);
	while (!engine_recheck(after.eng, RECHECK_JUDGE, after.now, closed,
			       &count))
		;
	/* By the name of the interface that they came by, which is known. */
	ck_assert_uint_eq(count, 0);
	ck_assert_str_eq(rule_of(&after, IPPROTO_TCP), "lan");
	end(&after);
	free(map);
}
END_TEST

START_TEST(what_is_over_is_not_taken)
{
	struct life before;
	struct life after;
	struct life_counts counts;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	life_kill(&before);
	life_start(&after, usual_rules(), NOW + (msec_t)3600 * 1000);
	counts = life_inherit(&after, before.memory, before.len);
	/* An established connection may be silent for a day. */
	ck_assert_uint_eq(counts.restored, 2);
	ck_assert_uint_eq(counts.skipped, 0);
	end(&after);
	life_forget(&before);
}
END_TEST

START_TEST(what_was_closed_is_not_taken)
{
	struct life before;
	struct life after;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	before.now += (msec_t)300 * 1000;
	while (engine_expire(before.eng, before.now, 1000) > 0)
		;
	succeed(&after, &before, usual_rules());
	ck_assert_uint_eq(engine_stats(after.eng)->conns, 2);
	end(&after);
}
END_TEST

/* Saved images. */

START_TEST(a_file_has_the_same)
{
	struct life before;
	struct life after;
	struct life_counts counts;
	size_t len;
	char *octets;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	octets = life_save(&before, &len);
	end(&before);
	life_start(&after, usual_rules(), LATER);
	counts = life_inherit(&after, octets, len);
	ck_assert_uint_eq(counts.restored, 14);
	ck_assert_str_eq(rule_of(&after, IPPROTO_TCP), "web");
	/* Packets may have passed meanwhile. */
	open_one(&after, 4, IPPROTO_UDP);
	ck_assert_int_eq(say(&after, 4,
			     (struct segment){ DIR_REPLY, TCP_ACK,
					       SERVER_ISN + 1,
					       CLIENT_ISN + 500 }),
			 REASON_ESTABLISHED);
	end(&after);
	free(octets);
}
END_TEST

static const struct {
	const char *what;
	const char *boot;
	int64_t wall_before; /* Unix time when the clock was 0 */
	int64_t wall_after;
	msec_t now;
	enum restore_fault fault;
	msec_t age; /* of connections, then */
} boots[] = {
	{ "the same boot", PAST_BOOT, 0, 0, LATER, RESTORE_OK, 5000 },
	{ "the same boot, and the wall clock was set", PAST_BOOT, 500, 0, LATER,
	  RESTORE_OK, 5000 },
	/* Saved at 1000 s; 40 s later by the wall the clock says 30 s. */
	{ "another boot", "another", 0, 1010000, 30000, RESTORE_OK, 40000 },
	{ "another boot, whose wall clock is behind", "another", 0, 900000,
	  30000, RESTORE_FUTURE, 0 },
	{ "times beyond all bounds", "another", INT64_MAX, -1000, 30000,
	  RESTORE_DAMAGED, 0 },
};

START_TEST(times_go_on)
{
	struct life before;
	struct life after;
	struct restore_params params = { .boot = boots[_i].boot,
					 .now = boots[_i].now,
					 .wall = boots[_i].wall_after };
	enum restore_fault fault;
	struct restore *restore;
	struct restored restored;
	char *octets;

	life_start(&before, usual_rules(), NOW);
	before.wall = boots[_i].wall_before;
	open_one(&before, 4, IPPROTO_UDP);
	octets = life_save(&before, &params.len);
	end(&before);
	life_start(&after, usual_rules(), boots[_i].now);
	params.memory = octets;
	params.rules = after.rules;
	restore = restore_open(&params, &fault);
	ck_assert_msg(fault == boots[_i].fault, "%s: %s", boots[_i].what,
		      restore_fault_text[fault]);
	if (restore && boots[_i].age < 30000) {
		ck_assert_int_eq(restore_next(restore, &restored),
				 RESTORE_CONN);
		ck_assert_int_eq(boots[_i].now - restored.conn.created,
				 boots[_i].age);
	} else if (restore) {
		/* An unanswered question lives for 30 s. */
		ck_assert_int_eq(restore_next(restore, &restored), RESTORE_END);
	}
	restore_close(restore);
	end(&after);
	free(octets);
}
END_TEST

/* Damage. */

#define HEADER(field)                         \
	offsetof(struct image_header, field), \
		sizeof(((struct image_header *)NULL)->field)

static const struct {
	const char *what;
	size_t start;
	size_t len;
	enum restore_fault fault;
} header_damage[] = {
	{ "the magic", HEADER(magic), RESTORE_FOREIGN },
	{ "the version", HEADER(version), RESTORE_VERSION },
	{ "the layout", HEADER(layout), RESTORE_VERSION },
	{ "the serial", HEADER(serial), RESTORE_DAMAGED },
	{ "the boot", HEADER(boot), RESTORE_DAMAGED },
	{ "the key", HEADER(key), RESTORE_DAMAGED },
	{ "the number of shards", HEADER(shards), RESTORE_DAMAGED },
	{ "what it is", HEADER(is_saved), RESTORE_DAMAGED },
	{ "the start of a part", HEADER(rules[1].start), RESTORE_DAMAGED },
	{ "the length of a part", HEADER(conns.len), RESTORE_DAMAGED },
	{ "the checksum", HEADER(checksum), RESTORE_DAMAGED },
};

START_TEST(a_damaged_header_is_refused)
{
	struct life before;
	struct life after;
	enum restore_fault fault;
	char *octets;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	life_kill(&before);
	life_start(&after, usual_rules(), LATER);
	octets = before.memory;
	for (size_t i = 0; i < header_damage[_i].len; i++) {
		char *octet = &octets[header_damage[_i].start + i];

		*octet ^= 1;
		ck_assert_ptr_null(
			life_open(&after, octets, before.len, &fault));
		ck_assert_msg(fault == header_damage[_i].fault, "%s: %s",
			      header_damage[_i].what,
			      restore_fault_text[fault]);
		*octet ^= 1;
	}
	end(&after);
	life_forget(&before);
}
END_TEST

/* As somebody would make it who wants to be believed. */
static void no_shards(struct image_header *header)
{
	header->shards = 0;
}

static void odd_shards(struct image_header *header)
{
	header->shards = 3;
}

static void many_shards(struct image_header *header)
{
	header->shards = 1 << 30;
}

static void far_part(struct image_header *header)
{
	header->conns.start = UINT64_MAX - 8;
}

static void long_part(struct image_header *header)
{
	header->rules[0].len = UINT64_MAX;
}

static void short_part(struct image_header *header)
{
	header->meanings.len = 8;
}

static void endless_boot(struct image_header *header)
{
	memset(header->boot, 'x', sizeof(header->boot));
}

static void other_boot(struct image_header *header)
{
	header->boot[0] = 'x';
}

START_TEST(a_header_that_cannot_be_is_refused)
{
	static const struct {
		const char *what;
		void (*forge)(struct image_header *header);
		enum restore_fault fault;
	} cases[] = {
		{ "no shards", no_shards, RESTORE_DAMAGED },
		{ "three shards", odd_shards, RESTORE_DAMAGED },
		{ "a thousand million shards", many_shards, RESTORE_DAMAGED },
		{ "a part beyond the end", far_part, RESTORE_SHORT },
		{ "a part longer than all", long_part, RESTORE_SHORT },
		{ "a part too short for what is in it", short_part,
		  RESTORE_DAMAGED },
		{ "a boot without an end", endless_boot, RESTORE_DAMAGED },
		{ "memory of another boot", other_boot, RESTORE_DAMAGED },
	};
	struct life before;
	struct life after;
	enum restore_fault fault;

	life_start(&before, usual_rules(), NOW);
	life_kill(&before);
	life_start(&after, usual_rules(), LATER);
	for (int i = 0; i < COUNT(cases); i++) {
		struct image_header *header = before.memory;
		struct image_header saved = *header;

		cases[i].forge(header);
		header->checksum = image_checksum(header);
		ck_assert_ptr_null(
			life_open(&after, header, before.len, &fault));
		ck_assert_msg(fault == cases[i].fault, "%s: %s", cases[i].what,
			      restore_fault_text[fault]);
		*header = saved;
	}
	end(&after);
	life_forget(&before);
}
END_TEST

START_TEST(a_file_that_was_cut_or_changed_is_refused)
{
	struct life life;
	enum restore_fault fault;
	size_t len;
	char *octets;

	life_start(&life, usual_rules(), NOW);
	open_all(&life);
	octets = life_save(&life, &len);
	for (size_t cut = 0; cut < len; cut += 1 + cut / 64) {
		char *copy = malloc(cut + 1);

		memcpy(copy, octets, cut);
		ck_assert_ptr_null(life_open(&life, copy, cut, &fault));
		ck_assert_int_eq(fault, RESTORE_SHORT);
		free(copy);
	}
	for (size_t i = 0; i < len; i += 7) {
		octets[i] ^= 0x10;
		ck_assert_msg(!life_open(&life, octets, len, &fault),
			      "octet %zu", i);
		octets[i] ^= 0x10;
	}
	free(octets);
	end(&life);
}
END_TEST

/* One connection that cannot be, among others. */
static void break_family(struct conn *conn)
{
	conn->tuple.ipversion = 5;
}

static void break_order(struct conn *conn)
{
	conn->tuple = tuple_reverse(&conn->tuple);
}

static void break_address(struct conn *conn)
{
	memset(&conn->tuple.src, 0, sizeof(conn->tuple.src));
}

static void break_id(struct conn *conn)
{
	conn->id = 0;
}

static void break_last_id(struct conn *conn)
{
	conn->id = CONN_ID_MAX;
}

static void break_created(struct conn *conn)
{
	conn->created = LATER + 1;
}

static void break_hook(struct conn *conn)
{
	conn->hook = 3;
}

static void break_tracking(struct conn *conn)
{
	conn->tracking = TRACKING_NONE;
}

static void break_wscale(struct conn *conn)
{
	conn->tcp.peer[DIR_REPLY].wscale = 15;
}

static void break_facts(struct conn *conn)
{
	conn->tcp.peer[DIR_ORIGINAL].facts = 0;
}

static void break_udp(struct conn *conn)
{
	conn->tuple.ipproto = IPPROTO_UDP;
	conn->state = 3;
}

static void break_sctp(struct conn *conn)
{
	conn->tuple.ipproto = IPPROTO_SCTP;
	conn->sctp.state = SCTP_STATE_COUNT;
}

static void break_other(struct conn *conn)
{
	conn->tuple.ipproto = 253;
	conn->state = 2;
}

static const struct {
	const char *what;
	void (*damage)(struct conn *conn);
} conn_damage[] = {
	{ "no IP version", break_family },
	{ "the larger end first", break_order },
	{ "an address of the other family", break_address },
	{ "no id", break_id },
	{ "an id that is never reached", break_last_id },
	{ "created later than now", break_created },
	{ "no hook", break_hook },
	{ "a tracking without connections", break_tracking },
	{ "window scaling beyond what is allowed", break_wscale },
	{ "a client without a SYN", break_facts },
	{ "no state of UDP", break_udp },
	{ "no state of SCTP", break_sctp },
	{ "no state of an unknown protocol", break_other },
};

START_TEST(a_connection_that_cannot_be_is_left_out)
{
	struct life before;
	struct life after;
	struct life_counts counts;
	struct conn *conns;

	life_start(&before, usual_rules(), NOW);
	establish(&before, 4);
	open_one(&before, 4, IPPROTO_GRE);
	conns = conntrack_image_conns(before.image);
	ck_assert_int_eq(conns[0].tuple.ipproto, IPPROTO_TCP);
	life_kill(&before);
	conn_damage[_i].damage(&conns[0]);
	life_start(&after, usual_rules(), LATER);
	counts = life_inherit(&after, before.memory, before.len);
	ck_assert_msg(counts.skipped == 1, "%s", conn_damage[_i].what);
	ck_assert_uint_eq(counts.restored, 1);
	end(&after);
	life_forget(&before);
}
END_TEST

START_TEST(one_that_comes_twice_is_taken_once)
{
	struct life before;
	struct life after;
	struct life_counts counts;
	struct conn *conns;

	life_start(&before, usual_rules(), NOW);
	establish(&before, 4);
	conns = conntrack_image_conns(before.image);
	conns[1] = conns[0];
	life_kill(&before);
	life_start(&after, usual_rules(), LATER);
	counts = life_inherit(&after, before.memory, before.len);
	ck_assert_uint_eq(counts.restored, 1);
	ck_assert_uint_eq(counts.refused, 1);
	end(&after);
	life_forget(&before);
}
END_TEST

START_TEST(no_life_is_longer_than_the_rules_allow)
{
	struct life before;
	struct life after;
	struct conn_info info;

	life_start(&before, usual_rules(), NOW);
	open_one(&before, 4, IPPROTO_UDP);
	conntrack_image_conns(before.image)->expires = INT64_MAX;
	succeed(&after, &before, usual_rules());
	ck_assert_uint_eq(life_list(&after, &info, 1), 1);
	ck_assert_int_eq(info.expires,
			 LATER + ruleset_timeout(after.rules,
						 TIMEOUT_UDP_UNREPLIED));
	end(&after);
}
END_TEST

/* It ends between the deadline and the class of a connection. */
START_TEST(one_without_a_class_gets_that_of_its_state)
{
	struct life before;
	struct life after;
	struct conn *conn;

	life_start(&before, usual_rules(), NOW);
	establish(&before, 4);
	conn = conntrack_image_conns(before.image);
	life_kill(&before);
	conn->timeout = TIMEOUT_COUNT & 0x1f;
	life_start(&after, usual_rules(), LATER);
	(void)life_inherit(&after, before.memory, before.len);
	ck_assert_int_eq(conntrack_image_conns(after.image)->timeout,
			 TIMEOUT_TCP_ESTABLISHED);
	end(&after);
	life_forget(&before);
}
END_TEST

/* Packets of all kinds for whatever came of it. */
static void stir(struct life *life)
{
	static const uint8_t protos[] = { IPPROTO_UDP,  IPPROTO_ICMP,
					  IPPROTO_GRE,  IPPROTO_ESP,
					  IPPROTO_DCCP, 253,
					  IPPROTO_SCTP };

	for (size_t v = 0; v < 2; v++) {
		(void)say(life, versions[v],
			  (struct segment){ DIR_ORIGINAL, TCP_ACK,
					    CLIENT_ISN + 1, SERVER_ISN + 1 });
		(void)say(life, versions[v],
			  (struct segment){ DIR_REPLY, TCP_ACK | TCP_FIN,
					    SERVER_ISN + 1, CLIENT_ISN + 1 });
		(void)say(life, versions[v],
			  (struct segment){ DIR_ORIGINAL, TCP_SYN, 99, 0 });
		(void)say(life, versions[v],
			  (struct segment){ DIR_REPLY, TCP_RST, SERVER_ISN + 1,
					    0 });
		for (size_t i = 0; i < sizeof(protos); i++) {
			struct build b = frame_draft(versions[v], protos[i]);
			struct packet pkt;

			if (frame_read(&b, &pkt) == REASON_NONE)
				(void)engine_decide(life->eng, &pkt, life->now);
		}
	}
}

/* Octets of connections, names and counts: the header is intact. */
static void damage(struct life *life, uint64_t *random)
{
	struct image_header *header = life->memory;
	char *octets = life->memory;
	const struct image_part parts[] = {
		{ header->conns.start, 20 * sizeof(struct conn) },
		{ header->conns.start, 20 * sizeof(struct conn) },
		{ header->meanings.start, sizeof(struct meanings) },
		{ header->rules[0].start, 16 },
		{ offsetof(struct image_header, names),
		  sizeof(header->names) + sizeof(header->reach) },
		{ header->touched.start, 4 },
	};

	for (int i = 0; i < 8; i++) {
		const struct image_part *part =
			&parts[random_below(random, COUNT(parts))];
		uint32_t at = random_below(random, (uint32_t)part->len);

		octets[part->start + at] = (char)(random_next(random) >> 24);
	}
}

START_TEST(whatever_is_in_it_nothing_breaks)
{
	uint64_t random = (uint64_t)_i + 1;
	struct life before;
	char *memory;
	size_t kept;

	life_start(&before, usual_rules(), NOW);
	open_all(&before);
	kept = ((struct image_header *)before.memory)->conns.start +
	       64 * sizeof(struct conn);
	memory = malloc(kept);
	life_kill(&before);
	memcpy(memory, before.memory, kept);
	for (int round = 0; round < 20; round++) {
		struct life after;

		memcpy(before.memory, memory, kept);
		damage(&before, &random);
		life_start(&after, usual_rules(), LATER);
		(void)life_inherit(&after, before.memory, before.len);
		stir(&after);
		after.now += (msec_t)86400 * 365 * 1000;
		while (engine_expire(after.eng, after.now, 1000) > 0)
			;
		end(&after);
	}
	free(memory);
	life_forget(&before);
}
END_TEST

/* What passes after the start in the middle of a connection. */
static const struct {
	const char *what;
	enum tcp_pickup pickup;
	enum engine_past past;
	msec_t after;
	enum reason reason;
} pasts[] = {
	{ "strict, the first start", TCP_PICKUP_STRICT, ENGINE_PAST_NONE, 0,
	  REASON_ORPHAN_ACK },
	{ "strict, nothing is lost", TCP_PICKUP_STRICT, ENGINE_PAST_KEPT, 0,
	  REASON_ORPHAN_ACK },
	{ "strict, all is lost", TCP_PICKUP_STRICT, ENGINE_PAST_LOST, 29999,
	  REASON_PICKUP },
	{ "strict, all is lost, and late", TCP_PICKUP_STRICT, ENGINE_PAST_LOST,
	  30000, REASON_ORPHAN_ACK },
	{ "grace, the first start", TCP_PICKUP_GRACE, ENGINE_PAST_NONE, 29999,
	  REASON_PICKUP },
	{ "grace, nothing is lost", TCP_PICKUP_GRACE, ENGINE_PAST_KEPT, 0,
	  REASON_ORPHAN_ACK },
	{ "grace, all is lost", TCP_PICKUP_GRACE, ENGINE_PAST_LOST, 29999,
	  REASON_PICKUP },
	{ "loose, nothing is lost", TCP_PICKUP_LOOSE, ENGINE_PAST_KEPT, 30000,
	  REASON_PICKUP },
};

START_TEST(grace_is_for_what_was_lost)
{
	struct ruleset *rules = rig_make_rules();
	struct tcp_settings settings = *ruleset_tcp(rules);
	struct life life;

	settings.pickup = pasts[_i].pickup;
	ruleset_set_tcp(rules, &settings);
	life_start(&life, rules, NOW);
	engine_set_past(life.eng, pasts[_i].past);
	life.now += pasts[_i].after;
	ck_assert_msg(say(&life, 4,
			  (struct segment){ DIR_ORIGINAL, TCP_ACK, 1, 1 }) ==
			      pasts[_i].reason,
		      "%s", pasts[_i].what);
	end(&life);
}
END_TEST

static void add_damage_tests(TCase *tc)
{
	tcase_add_loop_test(tc, a_damaged_header_is_refused, 0,
			    COUNT(header_damage));
	tcase_add_test(tc, a_header_that_cannot_be_is_refused);
	tcase_add_test(tc, a_file_that_was_cut_or_changed_is_refused);
	tcase_add_loop_test(tc, a_connection_that_cannot_be_is_left_out, 0,
			    COUNT(conn_damage));
	tcase_add_test(tc, one_that_comes_twice_is_taken_once);
	tcase_add_test(tc, no_life_is_longer_than_the_rules_allow);
	tcase_add_test(tc, one_without_a_class_gets_that_of_its_state);
	tcase_add_loop_test(tc, whatever_is_in_it_nothing_breaks, 0, 20);
}

int main(void)
{
	TCase *tc = tcase_create("restore");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, all_that_people_see_of_a_connection_is_as_before);
	tcase_add_loop_test(tc, numbers_of_tcp_are_remembered, 0, 2);
	tcase_add_test(tc, one_that_was_at_hand_is_judged_with_patience);
	tcase_add_test(tc, rules_are_found_again_by_their_names);
	tcase_add_test(tc, rules_of_both_epochs_have_names);
	tcase_add_test(tc, ids_go_on_behind_those_that_were_given);
	tcase_add_test(tc, half_open_ones_are_counted_again);
	tcase_add_test(tc, the_maximum_of_a_rule_counts_them);
	tcase_add_test(tc, marks_are_remembered);
	tcase_add_test(tc, the_rules_of_now_judge_them);
	tcase_add_test(tc, what_is_over_is_not_taken);
	tcase_add_test(tc, what_was_closed_is_not_taken);
	tcase_add_test(tc, a_file_has_the_same);
	tcase_add_loop_test(tc, times_go_on, 0, COUNT(boots));
	tcase_add_loop_test(tc, grace_is_for_what_was_lost, 0, COUNT(pasts));
	add_damage_tests(tc);
	return run_tests(tc, "restore");
}
