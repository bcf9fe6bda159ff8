/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What statewalld does with a packet from the kernel, done with a packet from
 * a capture.
 *
 * Time is the capture's.  Packets may have been captured out of order, and
 * clocks are set back: the engine's time then stands still until it is reached
 * again, for it is promised never to run backwards.
 */
#include "tool/replay.h"

#include <stdlib.h>
#include <time.h>

#include "engine/ip.h"
#include "policy/trial.h"

enum { NSEC_PER_MSEC = 1000000 };

struct replay {
	struct replay_params params;
	struct trial *trial;
	uint64_t frames;
	uint64_t skipped;
	uint64_t engine_time;
};

struct replay *replay_create(const struct replay_params *params)
{
	const struct trial_params trial = { .rules = params->rules,
					    .max_conns = params->max_conns };
	struct replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		return NULL;
	replay->params = *params;
	replay->trial = trial_create(&trial);
	if (replay->trial)
		return replay;
	free(replay);
	return NULL;
}

void replay_destroy(struct replay *replay)
{
	if (!replay)
		return;
	trial_destroy(replay->trial);
	free(replay);
}

/* In nanoseconds; 0 if nobody wants to know. */
static uint64_t clock_of(const struct replay *replay)
{
	struct timespec ts;

	if (!replay->params.measure)
		return 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void advance(struct replay *replay, int64_t time)
{
	uint64_t begin = clock_of(replay);

	trial_advance(replay->trial, time / NSEC_PER_MSEC);
	replay->engine_time += clock_of(replay) - begin;
}

/* The routing needs the addresses before the engine parses the packet. */
static void describe(const struct replay *replay,
		     const struct link_packet *packet, struct packet_meta *meta)
{
	struct reader r = packet->copy;
	struct tuple ends = { 0 };
	struct ip_header ip;

	*meta = (struct packet_meta){
		.len = packet->len,
		.verify_checksum = replay->params.verify_checksum,
		/* More than a packet can be: segments not yet taken apart. */
		.gso = packet->len > UINT16_MAX,
	};
	(void)ip_parse(&ip, &ends, &r);
	routing_apply(replay->params.routing, &ends.src, &ends.dst, meta);
}

/* No kernel takes one for the other, whatever the packet says itself. */
static bool contradicts_link(const struct link_packet *packet)
{
	return packet->version && reader_left(&packet->copy) > 0 &&
	       packet->copy.pos[0] >> 4 != packet->version;
}

static struct verdict judge_packet(struct replay *replay,
				   const struct link_packet *packet,
				   struct packet *pkt)
{
	struct packet_meta meta;
	struct verdict verdict;
	enum reason reason;
	uint64_t begin;

	describe(replay, packet, &meta);
	begin = clock_of(replay);
	reason = packet_parse(pkt, &meta, packet->copy.pos,
			      reader_left(&packet->copy));
	if (contradicts_link(packet))
		reason = REASON_BAD_HEADER;
	verdict = trial_decide(replay->trial, pkt, reason);
	replay->engine_time += clock_of(replay) - begin;
	return verdict;
}

static const char *name_rule(const struct replay *replay, uint32_t rule)
{
	const struct ruleset *rules = replay->params.rules;

	if (rule >= ruleset_rule_count(rules))
		return NULL;
	return rule_name(ruleset_rule(rules, rule));
}

void replay_frame(struct replay *replay, const struct capture_frame *frame,
		  struct judged *judged)
{
	struct link_packet packet = { 0 };

	*judged = (struct judged){ 0 };
	advance(replay, frame->time);
	replay->frames++;
	switch (link_decode(replay->params.link_type, &packet, frame->data,
			    frame->captured, frame->len)) {
	case LINK_NOT_IP:
		judged->skipped = true;
		replay->skipped++;
		return;
	case LINK_SHORT:
		judged->verdict = trial_decide(replay->trial, &judged->pkt,
					       REASON_SHORT_COPY);
		return;
	case LINK_IP:
		break;
	}
	judged->verdict = judge_packet(replay, &packet, &judged->pkt);
	judged->rule = name_rule(replay, judged->verdict.rule);
}

struct replay_stats replay_stats(const struct replay *replay)
{
	return (struct replay_stats){
		.frames = replay->frames,
		.skipped = replay->skipped,
		.engine_time = replay->engine_time,
		.engine = engine_stats(trial_engine(replay->trial)),
	};
}

const char *judged_action(const struct judged *judged)
{
	return judged->skipped ? "skip" : action_names[judged->verdict.action];
}

const char *judged_reason(const struct judged *judged)
{
	return judged->skipped ? "not-ip"
			       : reason_info[judged->verdict.reason].name;
}
