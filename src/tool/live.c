/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that ask the daemon have in common.
 */
#include "tool/live.h"

#include "tool/output.h"

bool take_runtime(void *settings, const char *value)
{
	((struct live *)settings)->runtime = value;
	return true;
}

const char *live_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

json_int_t live_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

enum exit_status live_print_json(const json_t *parameters)
{
	return output_line(json_deep_copy(parameters), stdout) ? EXIT_DONE
							       : EXIT_INTERNAL;
}
