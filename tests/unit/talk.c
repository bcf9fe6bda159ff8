/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP through an engine.
 */
#include "unit/talk.h"

#include <check.h>
#include <netinet/in.h>
#include <string.h>

enum { CONNS_MAX = 16 };

/* What is known of the connection at one time. */
struct view {
	bool exists;
	struct conn_info shown;
	uint8_t memory[sizeof(struct conn)];
	uint64_t conns;
};

void talk_start(struct talk *talk, uint8_t version)
{
	*talk = (struct talk){
		.version = version,
		.port = 40000,
		.isns = { 0xfffffff0, 0x7ffffff0 },
	};
	rig_start(&talk->rig, CONNS_MAX);
}

void talk_stop(struct talk *talk)
{
	rig_stop(&talk->rig);
}

void talk_pick_up(struct talk *talk)
{
	struct tcp_settings settings = *ruleset_tcp(talk->rig.rules);

	settings.pickup = TCP_PICKUP_LOOSE;
	ruleset_set_tcp(talk->rig.rules, &settings);
	talk->picks_up = true;
}

void talk_track(struct talk *talk, enum tracking tracking)
{
	struct rule *rule = ruleset_add_rule(
		talk->rig.rules, "all",
		&(struct rule_options){ .tracking = tracking });

	ck_assert_ptr_nonnull(rule);
}

static struct build make(const struct talk *talk, const struct step *step)
{
	struct build b = frame_draft(talk->version, IPPROTO_TCP);
	const char *client = b.ip.src;

	b.sport = talk->port;
	if (step->dir == DIR_REPLY) {
		b.ip.src = b.ip.dst;
		b.ip.dst = client;
		b.sport = b.dport;
		b.dport = talk->port;
	}
	b.tcp.flags = step->flags;
	b.tcp.seq = talk->isns[step->dir] + step->seq;
	b.tcp.ack = talk->isns[!step->dir] + step->ack;
	b.payload_len = step->len;
	return b;
}

/* The connection of these ports; the server's is below the client's. */
static void look(const struct talk *talk, struct view *view)
{
	struct conn_info list[CONNS_MAX];
	size_t count = rig_list(&talk->rig, list, CONNS_MAX);

	view->exists = false;
	view->conns = count;
	for (size_t i = 0; i < count; i++) {
		if (list[i].tuple.sport != talk->port &&
		    list[i].tuple.dport != talk->port)
			continue;
		view->exists = true;
		view->shown = list[i];
		memcpy(view->memory, rig_memory(&talk->rig, list[i].id),
		       sizeof(view->memory));
	}
}

/* Ends the test unless @holds. */
static void check(const struct talk *talk, bool holds, const char *wrong)
{
	const struct step *step = &talk->last;

	ck_assert_msg(holds,
		      "%s (%s, from the %s: flags %#x seq %u ack %u, "
		      "%u octets)",
		      wrong, talk->before ? talk->before : "no connection",
		      step->dir == DIR_ORIGINAL ? "client" : "server",
		      step->flags, step->seq, step->ack, step->len);
}

static void check_dropped(const struct talk *talk, const struct view *before,
			  const struct view *after)
{
	check(talk,
	      before->exists == after->exists && before->conns == after->conns,
	      "dropped, and a connection came or went");
	check(talk,
	      !before->exists || memcmp(before->memory, after->memory,
					sizeof(before->memory)) == 0,
	      "dropped, and the connection has changed");
}

static bool is_replaced(const struct view *before, const struct view *after)
{
	return !before->exists || before->shown.id != after->shown.id;
}

static bool may_open(const struct talk *talk, const struct view *before)
{
	if (talk->last.flags & TCP_SYN)
		return true;
	if (!(talk->last.flags & TCP_ACK))
		return false;
	return before->exists ? talk->has_asked : talk->picks_up;
}

/* Accepted, and the connection is the one that was there. */
static void check_moved(const struct talk *talk, const struct conn_info *before,
			const struct conn_info *after, bool is_inert)
{
	size_t dir = talk->last.dir ^ talk->is_reversed;
	bool moved = before->state != after->state;
	bool timed = before->expires != after->expires;

	check(talk, !is_inert || (!moved && !timed),
	      "inert, and state or timer changed");
	check(talk, !moved || timed, "another state, and no new timer");
	check(talk, after->packets[dir] == before->packets[dir] + 1,
	      "accepted, and not counted");
}

static void check_accepted(const struct talk *talk, const struct view *before,
			   const struct view *after, bool is_inert)
{
	check(talk, after->exists, "accepted, and no connection is there");
	if (is_replaced(before, after)) {
		check(talk, may_open(talk, before) && !is_inert,
		      "no SYN, and another connection is there");
		return;
	}
	check(talk, before->conns == after->conns,
	      "some other connection came or went");
	check_moved(talk, &before->shown, &after->shown, is_inert);
}

static void check_shown(const struct talk *talk, const struct view *after,
			const struct verdict *verdict)
{
	check(talk,
	      !verdict->conn.id ||
		      (after->exists && after->shown.id == verdict->conn.id &&
		       after->shown.state == verdict->conn.state),
	      "the verdict shows another connection than the list");
}

struct verdict talk_say(struct talk *talk, const struct step *step)
{
	struct build b = make(talk, step);
	struct verdict verdict;
	struct view before;
	struct view after;

	talk->last = *step;
	/* So that every new deadline differs from the old one. */
	talk->rig.now++;
	look(talk, &before);
	talk->before = before.exists ? before.shown.state : NULL;
	talk->is_reversed =
		before.exists && before.shown.tuple.sport != talk->port;
	verdict = rig_send(&talk->rig, &b);
	look(talk, &after);
	if (verdict.action == ACTION_ACCEPT)
		check_accepted(talk, &before, &after,
			       reason_info[verdict.reason].kind ==
				       REASON_INERT);
	else
		check_dropped(talk, &before, &after);
	if (verdict.reason == REASON_PENDING_SYN)
		talk->has_asked = true;
	else if (is_replaced(&before, &after))
		talk->has_asked = false;
	check_shown(talk, &after, &verdict);
	return verdict;
}
