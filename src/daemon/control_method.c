/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of methods.
 */
#include "daemon/control_method.h"

#include <string.h>

/* clang-format off */
static const struct control_method methods[] = {
	{ .name = "Status", .answer = control_status },
	{ .name = "Connections", .begin = control_conns_begin,
	  .next = control_conns_next, .end = control_conns_end },
	{ .name = "Decisions", .begin = control_decisions_begin,
	  .next = control_decisions_next, .end = control_decisions_end },
	{ .name = "Rules", .begin = control_rules_begin,
	  .next = control_rules_next, .end = control_rules_end },
	{ .name = "Tables", .answer = control_tables },
	{ .name = "TableEntries", .begin = control_entries_begin,
	  .next = control_entries_next, .end = control_entries_end },
	{ .name = "TableTest", .answer = control_table_test },
	{ .name = "Kill", .change = control_kill },
	{ .name = "TableAdd", .change = control_table_add },
	{ .name = "TableDelete", .change = control_table_delete },
	{ .name = "TableFlush", .change = control_table_flush },
	{ .name = "Reload", .change = control_reload },
};
/* clang-format on */

const struct control_method *control_method_find(const char *name)
{
	size_t len = strlen(CONTROL_INTERFACE);

	if (strncmp(name, CONTROL_INTERFACE, len) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name + len) == 0)
			return &methods[i];
	return NULL;
}

const char *control_string(const json_t *parameters, const char *key)
{
	return json_string_value(json_object_get(parameters, key));
}

json_t *control_wrong(const char *key, const char *what)
{
	return control_error(CONTROL_INVALID_PARAMETER,
			     json_pack("{s:s, s:s}", "parameter", key,
				       "message", what));
}
