/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of metrics, and the text.
 *
 * Source: Prometheus, "Exposition formats", text-based format 0.0.4: all lines
 * of a metric stand together, and a label's value escapes \, " and the end of
 * a line.
 */
#include "tool/metrics.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

enum { LABELS_MAX = 2, DEPTH_MAX = 2 };

struct label {
	const char *name;
	const char *key;   /* of its value in the object, or NULL: ... */
	const char *fixed; /* ... this */
};

/* Rows with the same name stand together; the first has the help. */
struct metric {
	const char *name; /* behind "statewall_" */
	const char *type;
	const char *help;
	const char *from[DEPTH_MAX]; /* keys down to an object or a list */
	struct label labels[LABELS_MAX];
	/* A number, a truth, or a time; NULL: 1. */
	const char *value;
	const char *also;   /* added to that; NULL: nothing */
	const char *equals; /* 1 if the value is this text, else 0 */
};

#define RULE_LABELS                              \
	{                                        \
		{ "rule", "name", NULL },        \
		{                                \
			"action", "action", NULL \
		}                                \
	}
#define TABLE_LABELS                          \
	{                                     \
		{                             \
			"table", "name", NULL \
		}                             \
	}
#define QUEUE_LABELS                           \
	{                                      \
		{                              \
			"queue", "queue", NULL \
		}                              \
	}
#define VERDICT(word)                         \
	{                                     \
		{                             \
			"verdict", NULL, word \
		}                             \
	}
#define MODE(word)                         \
	{                                  \
		{                          \
			"mode", NULL, word \
		}                          \
	}

/* clang-format off */
static const struct metric metrics[] = {
	{ "build_info", "gauge", "The version of the daemon.",
	  { "status" }, { { "version", "version", NULL } }, NULL, NULL, NULL },
	{ "policy_info", "gauge", "The generation of the policy in force.",
	  { "status", "policy" }, { { "generation", "generation", NULL } },
	  NULL, NULL, NULL },
	{ "mode", "gauge", "1 for the mode that the policy is in.",
	  { "status" }, MODE("enforcing"), "mode", NULL, "enforcing" },
	{ "mode", NULL, NULL,
	  { "status" }, MODE("audit"), "mode", NULL, "audit" },
	{ "config_last_reload_successful", "gauge",
	  "1 if what the files say is in force.",
	  { "status" }, { { 0 } }, "healthy", NULL, NULL },
	{ "config_last_reload_success_timestamp_seconds", "gauge",
	  "When the policy in force was loaded.",
	  { "status", "policy" }, { { 0 } }, "loaded", NULL, NULL },
	{ "packets_total", "counter", "Packets, by what was done with them.",
	  { "status", "packets" }, VERDICT("accept"), "accept", NULL, NULL },
	{ "packets_total", NULL, NULL,
	  { "status", "packets" }, VERDICT("drop"), "drop", NULL, NULL },
	{ "packets_total", NULL, NULL,
	  { "status", "packets" }, VERDICT("reject"), "reject", NULL, NULL },
	{ "drops_total", "counter",
	  "Packets that did not pass, by the reason of statewall-reasons(7).",
	  { "status", "drops" }, { { "reason", "reason", NULL } }, "packets",
	  NULL, NULL },
	{ "rule_packets_total", "counter",
	  "Packets that a rule matched, and of connections that it let in.",
	  { "rules" }, RULE_LABELS, "packets", NULL, NULL },
	{ "rule_bytes_total", "counter", "Octets of the same packets.",
	  { "rules" }, RULE_LABELS, "bytes", NULL, NULL },
	{ "rule_last_match_timestamp_seconds", "gauge",
	  "When a rule last matched; not there if it never did.",
	  { "rules" }, { { "rule", "name", NULL } }, "last_match", NULL,
	  NULL },
	{ "would_drop_total", "counter",
	  "Packets that a rule would have refused, in audit mode.",
	  { "rules" }, { { "rule", "name", NULL } }, "would_refuse", NULL,
	  NULL },
	{ "connections", "gauge", "Connections now.",
	  { "status", "connections" }, { { 0 } }, "count", NULL, NULL },
	{ "connections_limit", "gauge", "As many as there may be.",
	  { "status", "connections" }, { { 0 } }, "limit", NULL, NULL },
	{ "connections_created_total", "counter",
	  "Connections since the start.",
	  { "status", "connections" }, { { 0 } }, "created", NULL, NULL },
	{ "connections_evicted_total", "counter",
	  "Connections that ended before their time, to make room.",
	  { "status", "connections" }, { { 0 } }, "evicted", NULL, NULL },
	{ "table_entries", "gauge", "Networks in a table.",
	  { "tables" }, TABLE_LABELS, "networks", "added", NULL },
	{ "table_limit", "gauge", "As many as may be added to a table.",
	  { "tables" }, TABLE_LABELS, "max_added", NULL, NULL },
	{ "queue_length", "gauge", "Packets that wait in a queue.",
	  { "status", "queues" }, QUEUE_LABELS, "waiting", NULL, NULL },
	{ "queue_dropped_total", "counter",
	  "Packets that the kernel dropped, for the queue was full.",
	  { "status", "queues" }, QUEUE_LABELS, "dropped_full", NULL, NULL },
	{ "queue_user_dropped_total", "counter",
	  "Packets that the kernel dropped, for the socket was full.",
	  { "status", "queues" }, QUEUE_LABELS, "dropped_socket", NULL,
	  NULL },
};
/* clang-format on */

/* "2026-01-31T10:00:00.123Z", as the daemon writes it; false: it is not. */
static bool read_time(const char *text, json_int_t *seconds)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!end || (*end != '.' && *end != 'Z'))
		return false;
	*seconds = timegm(&tm);
	return true;
}

/* false: there is nothing to say. */
static bool read_value(const struct metric *metric, const json_t *object,
		       json_int_t *value)
{
	const json_t *member;

	*value = 1;
	if (!metric->value)
		return true;
	member = json_object_get(object, metric->value);
	if (metric->equals && json_is_string(member))
		*value = strcmp(json_string_value(member), metric->equals) == 0;
	else if (json_is_string(member))
		return read_time(json_string_value(member), value);
	else if (json_is_integer(member))
		*value = json_integer_value(member);
	else if (json_is_boolean(member))
		*value = json_is_true(member);
	else
		return false;
	if (metric->also)
		*value += json_integer_value(
			json_object_get(object, metric->also));
	return true;
}

static void print_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_label(const struct label *label, const json_t *object,
			FILE *out)
{
	const json_t *value = json_object_get(object, label->key);

	fprintf(out, "%s=\"", label->name);
	if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
	else if (json_is_string(value))
		print_escaped(json_string_value(value), out);
	else if (label->fixed)
		fputs(label->fixed, out);
	fputc('"', out);
}

static void print_sample(const struct metric *metric, const json_t *object,
			 FILE *out)
{
	json_int_t value;

	if (!read_value(metric, object, &value))
		return;
	fprintf(out, "statewall_%s", metric->name);
	for (size_t i = 0; i < LABELS_MAX && metric->labels[i].name; i++) {
		fputc(i == 0 ? '{' : ',', out);
		print_label(&metric->labels[i], object, out);
	}
	fprintf(out, "%s %" JSON_INTEGER_FORMAT "\n",
		metric->labels[0].name ? "}" : "", value);
}

static void print_metric(const struct metric *metric, const json_t *told,
			 FILE *out)
{
	const json_t *from = told;
	const json_t *object;
	size_t i;

	for (i = 0; i < DEPTH_MAX && metric->from[i]; i++)
		from = json_object_get(from, metric->from[i]);
	if (!from)
		return;
	if (metric->help)
		fprintf(out,
			"# HELP statewall_%s %s\n"
			"# TYPE statewall_%s %s\n",
			metric->name, metric->help, metric->name, metric->type);
	if (json_is_object(from))
		print_sample(metric, from, out);
	json_array_foreach(from, i, object) print_sample(metric, object, out);
}

void metrics_print(const json_t *told, FILE *out)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(&metrics[i], told, out);
}
