/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Status: the health of the filter in one object.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/control_method.h"
#include "daemon/control_rates.h"
#include "daemon/control_time.h"
#include "engine/conn.h"
#include "engine/live.h"
#include "engine/table.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *describe_policy(const struct control_call *call,
			       const struct inforce_info *info)
{
	return json_pack("{s:o, s:I, s:I, s:o, s:o, s:b, s:I}", "file",
			 control_text(call->context->path), "generation",
			 (json_int_t)info->generation, "rules",
			 (json_int_t)info->rules, "loaded",
			 control_time(info->loaded), "loaded_by",
			 control_text(info->author), "fallen_back",
			 info->fallen_back, "errors_in_files",
			 (json_int_t)info->faults);
}

static json_t *describe_conns(const struct control_call *call,
			      const struct engine_stats *stats)
{
	const struct control_rates *rates = call->rates;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "count",
			 (json_int_t)stats->conns, "limit",
			 (json_int_t)call->context->max_conns, "created",
			 (json_int_t)stats->created, "created_per_second",
			 (json_int_t)control_rate(rates, rates->before.created,
						  rates->now.created),
			 "evicted", (json_int_t)stats->evicted, "octets_each",
			 (json_int_t)sizeof(struct conn));
}

static json_t *describe_packets(const struct control_call *call,
				const struct engine_stats *stats)
{
	const struct control_rates *rates = call->rates;
	json_t *packets = json_object();

	for (size_t i = 0; i < ACTION_COUNT; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "%s_per_second",
			       action_names[i]);
		(void)json_object_set_new(packets, action_names[i],
					  number(stats->packets[i]));
		(void)json_object_set_new(
			packets, key,
			number(control_rate(rates, rates->before.packets[i],
					    rates->now.packets[i])));
	}
	return packets;
}

/* Only those that have come up. */
static json_t *describe_drops(const struct control_call *call,
			      const struct engine_stats *stats)
{
	const struct control_rates *rates = call->rates;
	json_t *list = json_array();

	for (size_t i = 0; i < REASON_COUNT; i++) {
		if (reason_info[i].kind != REASON_DROPS ||
		    stats->reasons[i] == 0)
			continue;
		(void)json_array_append_new(
			list, json_pack("{s:s, s:I, s:I}", "reason",
					reason_info[i].name, "packets",
					(json_int_t)stats->reasons[i],
					"packets_per_second",
					(json_int_t)control_rate(
						rates, rates->before.reasons[i],
						rates->now.reasons[i])));
	}
	return list;
}

/*
 * The kernel's list: number, port, packets that wait, copy mode, copy range,
 * drops for a full queue, drops for a full buffer (nfnetlink_queue.c).
 */
static json_t *describe_queues(const struct control_context *context)
{
	FILE *in =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	json_t *list = json_array();
	unsigned int queue;
	unsigned int waiting;
	unsigned int dropped;
	unsigned int lost;

	if (!in)
		return list;
	/* The kernel's numbers fit. */
	/* NOLINTNEXTLINE(cert-err34-c) */
	while (fscanf(in, "%u %*u %u %*u %*u %u %u%*[^\n]", &queue, &waiting,
		      &dropped, &lost) == 4)
		if (queue >= context->queue_first &&
		    queue <= context->queue_last)
			(void)json_array_append_new(
				list,
				json_pack("{s:i, s:i, s:I, s:I, s:I}", "queue",
					  (int)queue, "waiting", (int)waiting,
					  "length",
					  (json_int_t)context->queue_length,
					  "dropped_full", (json_int_t)dropped,
					  "dropped_socket", (json_int_t)lost));
	(void)fclose(in);
	return list;
}

static json_t *describe_clients(const struct control_counts *counts)
{
	return json_pack("{s:I, s:I, s:I}", "requests",
			 (json_int_t)atomic_load(&counts->served), "refused",
			 (json_int_t)atomic_load(&counts->refused), "slow",
			 (json_int_t)atomic_load(&counts->slow));
}

static bool is_audit(const struct control_context *context)
{
	bool audit;

	inforce_hold(context->inforce);
	audit = ruleset_audit(inforce_rules(context->inforce));
	inforce_release(context->inforce);
	return audit;
}

json_t *control_status(const struct control_call *call)
{
	const struct control_context *context = call->context;
	struct engine_stats stats = dataplane_stats(context->dataplane);
	struct inforce_info info = inforce_info(context->inforce);
	bool audit = is_audit(context);
	bool healthy = !info.fallen_back && info.faults == 0;

	return json_pack("{s:s, s:s, s:b, s:I, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "version", VERSION, "mode",
			 audit ? "audit" : "enforcing", "healthy", healthy,
			 "uptime",
			 (json_int_t)((clock_now() - context->start) / 1000),
			 "policy", describe_policy(call, &info), "connections",
			 describe_conns(call, &stats), "packets",
			 describe_packets(call, &stats), "drops",
			 describe_drops(call, &stats), "queues",
			 describe_queues(context), "clients",
			 describe_clients(call->counts));
}
