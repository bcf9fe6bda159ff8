/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that ask the daemon have in common.
 */
#include "tool/live.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tool/output.h"
#include "tool/usage.h"

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

bool live_join(int argc, char *argv[], char text[LIVE_FILTER_LEN])
{
	size_t len = 0;

	text[0] = '\0';
	for (int i = optind; i < argc; i++) {
		len += (size_t)snprintf(text + len, LIVE_FILTER_LEN - len,
					"%s%s", len > 0 ? " " : "", argv[i]);
		if (len >= LIVE_FILTER_LEN) {
			complain("the filter is too long");
			return false;
		}
	}
	return true;
}

void live_print_end(const json_t *conn, const char *addr, const char *port)
{
	const char *text = live_string(conn, addr);
	const json_t *number = json_object_get(conn, port);

	if (!json_is_integer(number))
		printf("%s", text);
	else
		printf(strchr(text, ':') ? "[%s]:%" JSON_INTEGER_FORMAT
					 : "%s:%" JSON_INTEGER_FORMAT,
		       text, json_integer_value(number));
}
