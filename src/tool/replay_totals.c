/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The totals of a replay.
 */
#include "tool/replay_print.h"

#include <inttypes.h>

#include "tool/output.h"

static double engine_seconds(const struct replay_stats *stats)
{
	return (double)stats->engine_time / 1e9;
}

/* Of those that the engine got to see. */
static double packets_per_second(const struct replay_stats *stats)
{
	if (stats->engine_time == 0)
		return 0;
	return (double)(stats->frames - stats->skipped) / engine_seconds(stats);
}

static void print_count(FILE *out, const char *name, uint64_t count)
{
	if (count > 0)
		fprintf(out, "  %-22s %12" PRIu64 "\n", name, count);
}

void replay_print_totals_text(const struct replay_stats *stats, FILE *out)
{
	const struct engine_stats *engine = stats->engine;

	fprintf(out, "%-24s %12" PRIu64 "\n", "packets", stats->frames);
	for (size_t i = 0; i < ACTION_COUNT; i++)
		print_count(out, action_names[i], engine->packets[i]);
	print_count(out, "skip", stats->skipped);
	fputs("reasons\n", out);
	for (size_t i = 0; i < REASON_COUNT; i++)
		print_count(out, reason_info[i].name, engine->reasons[i]);
	print_count(out, "not-ip", stats->skipped);
	fprintf(out,
		"%-24s %12" PRIu64 "\n"
		"%-24s %12.6f s\n"
		"%-24s %12.0f /s\n",
		"connections", engine->created, "engine time",
		engine_seconds(stats), "packets of engine time",
		packets_per_second(stats));
}

static json_t *describe_actions(const struct replay_stats *stats)
{
	json_t *object = json_object();

	for (size_t i = 0; i < ACTION_COUNT; i++)
		(void)json_object_set_new(
			object, action_names[i],
			json_integer((json_int_t)stats->engine->packets[i]));
	(void)json_object_set_new(object, "skip",
				  json_integer((json_int_t)stats->skipped));
	return object;
}

static void set_count(json_t *object, const char *name, uint64_t count)
{
	if (count > 0)
		(void)json_object_set_new(object, name,
					  json_integer((json_int_t)count));
}

static json_t *describe_reasons(const struct replay_stats *stats)
{
	json_t *object = json_object();

	for (size_t i = 0; i < REASON_COUNT; i++)
		set_count(object, reason_info[i].name,
			  stats->engine->reasons[i]);
	set_count(object, "not-ip", stats->skipped);
	return object;
}

bool replay_print_totals_json(const struct replay_stats *stats, FILE *out)
{
	json_t *object =
		json_pack("{s:I, s:o, s:o, s:I, s:f, s:f}", "packets",
			  (json_int_t)stats->frames, "verdicts",
			  describe_actions(stats), "reasons",
			  describe_reasons(stats), "connections",
			  (json_int_t)stats->engine->created, "engine_seconds",
			  engine_seconds(stats), "packets_per_second",
			  packets_per_second(stats));

	return output_line(object, out);
}
