/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/run.h"

/* Each is told so much, and these lines are all of one metric. */
static const struct {
	const char *what;
	const char *told;
	const char *name;
	const char *lines;
} cases[] = {
	{ "a text becomes a label", "{\"status\":{\"version\":\"1.2\"}}",
	  "build_info", "statewall_build_info{version=\"1.2\"} 1\n" },
	{ "the mode is one of all", "{\"status\":{\"mode\":\"audit\"}}", "mode",
	  "statewall_mode{mode=\"enforcing\"} 0\n"
	  "statewall_mode{mode=\"audit\"} 1\n" },
	{ "a truth is 0 or 1", "{\"status\":{\"healthy\":false}}",
	  "config_last_reload_successful",
	  "statewall_config_last_reload_successful 0\n" },
	{ "a time is in seconds",
	  "{\"status\":{\"policy\":{\"loaded\":\"2001-09-09T01:46:40.500Z\"}}}",
	  "config_last_reload_success_timestamp_seconds",
	  "statewall_config_last_reload_success_timestamp_seconds "
	  "1000000000\n" },
	{ "what is no time is left out",
	  "{\"status\":{\"policy\":{\"loaded\":\"never\"}}}",
	  "config_last_reload_success_timestamp_seconds", "" },
	{ "each verdict",
	  "{\"status\":{\"packets\":{\"accept\":7,\"drop\":8,\"reject\":9}}}",
	  "packets_total",
	  "statewall_packets_total{verdict=\"accept\"} 7\n"
	  "statewall_packets_total{verdict=\"drop\"} 8\n"
	  "statewall_packets_total{verdict=\"reject\"} 9\n" },
	{ "each reason",
	  "{\"status\":{\"drops\":[{\"reason\":\"policy\",\"packets\":5},"
	  "{\"reason\":\"land\",\"packets\":1}]}}",
	  "drops_total",
	  "statewall_drops_total{reason=\"policy\"} 5\n"
	  "statewall_drops_total{reason=\"land\"} 1\n" },
	{ "two labels",
	  "{\"rules\":[{\"name\":\"web\",\"action\":\"accept\",\"packets\":3}]}",
	  "rule_packets_total",
	  "statewall_rule_packets_total{rule=\"web\",action=\"accept\"} 3\n" },
	{ "a label is escaped",
	  "{\"rules\":[{\"name\":\"a\\\"b\\\\c\\nd\",\"action\":\"drop\","
	  "\"bytes\":1}]}",
	  "rule_bytes_total",
	  "statewall_rule_bytes_total{rule=\"a\\\"b\\\\c\\nd\","
	  "action=\"drop\"} 1\n" },
	{ "a rule that never matched has no time",
	  "{\"rules\":[{\"name\":\"web\",\"last_match\":null}]}",
	  "rule_last_match_timestamp_seconds", "" },
	{ "networks of files and those that were added",
	  "{\"tables\":[{\"name\":\"bad\",\"networks\":2,\"added\":40}]}",
	  "table_entries", "statewall_table_entries{table=\"bad\"} 42\n" },
	{ "a number becomes a label",
	  "{\"status\":{\"queues\":[{\"queue\":3,\"dropped_full\":4}]}}",
	  "queue_dropped_total",
	  "statewall_queue_dropped_total{queue=\"3\"} 4\n" },
	{ "a counter beyond 32 bits",
	  "{\"status\":{\"connections\":{\"created\":5000000000}}}",
	  "connections_created_total",
	  "statewall_connections_created_total 5000000000\n" },
	{ "nothing is told", "{}", "connections", "" },
};

/* The lines of @text that begin with the name of the metric, and no more. */
static void pick(const char *text, const char *name, char *lines, size_t size)
{
	char start[100];
	size_t len =
		(size_t)snprintf(start, sizeof(start), "statewall_%s", name);
	FILE *out = fmemopen(lines, size, "w");

	while (*text) {
		size_t line = strcspn(text, "\n") + 1;

		if (strncmp(text, start, len) == 0 && strchr(" {", text[len]))
			(void)fwrite(text, 1, line, out);
		text += line;
	}
	(void)fclose(out);
}

static char *print(const char *told)
{
	json_t *object = json_loads(told, 0, NULL);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(object);
	ck_assert_ptr_nonnull(out);
	metrics_print(object, out);
	ck_assert_int_eq(fclose(out), 0);
	json_decref(object);
	return text;
}

START_TEST(a_metric_is_printed)
{
	char lines[1000] = "";
	char *text = print(cases[_i].told);

	pick(text, cases[_i].name, lines, sizeof(lines));
	ck_assert_msg(strcmp(lines, cases[_i].lines) == 0,
		      "%s: \"%s\" in \"%s\"", cases[_i].what, lines, text);
	free(text);
}
END_TEST

/* Once, and before its lines. */
START_TEST(a_metric_is_explained)
{
	static const char expected[] =
		"# HELP statewall_mode 1 for the mode that the policy is in.\n"
		"# TYPE statewall_mode gauge\n"
		"statewall_mode{mode=\"enforcing\"} 1\n"
		"statewall_mode{mode=\"audit\"} 0\n"
		"# HELP ";
	char *text = print("{\"status\":{\"mode\":\"enforcing\"}}");

	ck_assert_msg(strstr(text, expected), "%s", text);
	free(text);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, a_metric_is_printed, 0, COUNT(cases));
	tcase_add_test(tc, a_metric_is_explained);
	return run_tests(tc, "tool_metrics");
}
