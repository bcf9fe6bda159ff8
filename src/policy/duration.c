/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durations.
 */
#include "policy/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The larger units first: each may stand once, and only in this order. */
static const struct {
	const char *name;
	int value; /* ms */
} units[] = {
	{ "w", 7 * 24 * 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "m", 60 * 1000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

static const char digits[] = "0123456789";
static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

/* UNIT_COUNT: there is no such unit. */
static size_t find_unit(const char *name, size_t len)
{
	size_t i = 0;

	while (i < UNIT_COUNT && (strlen(units[i].name) != len ||
				  memcmp(units[i].name, name, len) != 0))
		i++;
	return i;
}

/* One part, "30m"; @unit is that of the part before. */
static enum duration_error take_part(const char **text, size_t *unit,
				     msec_t *sum)
{
	size_t count = strspn(*text, digits);
	const char *name = *text + count;
	size_t name_len = strspn(name, letters);
	size_t found = find_unit(name, name_len);
	msec_t value = 0;

	if (count == 0 || found == UNIT_COUNT ||
	    (*unit < UNIT_COUNT && found <= *unit))
		return DURATION_SYNTAX;
	if (count > 12)
		return DURATION_TOO_LONG;
	for (size_t i = 0; i < count; i++)
		value = 10 * value + ((*text)[i] - '0');
	if (value > DURATION_MAX / units[found].value)
		return DURATION_TOO_LONG;
	*sum += value * units[found].value;
	*text = name + name_len;
	*unit = found;
	return *sum > DURATION_MAX ? DURATION_TOO_LONG : DURATION_OK;
}

enum duration_error duration_parse(msec_t *duration, const char *text)
{
	size_t unit = UNIT_COUNT;
	msec_t sum = 0;

	if (*text == '\0')
		return DURATION_SYNTAX;
	if (text[strspn(text, digits)] == '\0')
		return DURATION_NO_UNIT;
	while (*text) {
		enum duration_error error = take_part(&text, &unit, &sum);

		if (error != DURATION_OK)
			return error;
	}
	*duration = sum;
	return DURATION_OK;
}

void duration_format(msec_t duration, char text[DURATION_TEXT_LEN])
{
	size_t used = 0;

	if (duration == 0) {
		(void)snprintf(text, DURATION_TEXT_LEN, "0s");
		return;
	}
	/* Without weeks: "14d" reads better than "2w". */
	for (size_t i = 1; i < UNIT_COUNT; i++) {
		msec_t count = duration / units[i].value;

		duration %= units[i].value;
		if (count > 0)
			used += (size_t)snprintf(text + used,
						 DURATION_TEXT_LEN - used,
						 "%" PRId64 "%s", count,
						 units[i].name);
	}
}
