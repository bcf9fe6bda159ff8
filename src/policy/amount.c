/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amounts and rates.
 */
#include "policy/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/duration.h"

static const struct {
	const char *name;
	unsigned int shift;
} units[] = {
	{ "", 0 },
	{ "KiB", 10 },
	{ "MiB", 20 },
	{ "GiB", 30 },
};

enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

bool amount_parse(uint64_t *amount, const char *text, bool bytes)
{
	size_t len = strspn(text, "0123456789");
	uint64_t value = 0;
	size_t unit = 0;

	if (len == 0 || len > 10 || (len > 1 && *text == '0'))
		return false;
	for (size_t i = 0; i < len; i++)
		value = 10 * value + (uint64_t)(text[i] - '0');
	while (unit < UNIT_COUNT && strcmp(units[unit].name, text + len) != 0)
		unit++;
	if (unit == UNIT_COUNT || (unit > 0 && !bytes) || value == 0 ||
	    value > LIMIT_AMOUNT_MAX >> units[unit].shift)
		return false;
	*amount = value << units[unit].shift;
	return true;
}

bool percent_parse(uint32_t *percent, const char *text)
{
	size_t len = strspn(text, "0123456789");
	uint64_t value;
	char number[5];

	if (len == 0 || len >= sizeof(number) || strcmp(text + len, "%") != 0)
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	if (!amount_parse(&value, number, false))
		return false;
	*percent = (uint32_t)value;
	return true;
}

/* "1m", "m" */
static bool parse_period(msec_t *period, const char *text)
{
	char copy[32];

	if (strlen(text) + 2 > sizeof(copy))
		return false;
	(void)snprintf(copy, sizeof(copy), "%s%s",
		       strspn(text, "0123456789") == 0 ? "1" : "", text);
	return duration_parse(period, copy) == DURATION_OK && *period > 0 &&
	       *period <= LIMIT_PERIOD_MAX;
}

const char *rate_parse(struct rate *rate, const char *text, bool bytes)
{
	char amount[AMOUNT_TEXT_LEN];
	size_t len = strcspn(text, "/");
	msec_t period;

	if (text[len] == '\0')
		return bytes ? "write how much and a slash, and in which time: "
			       "\"1MiB/s\" or \"64KiB/10s\""
			     : "write how many and a slash, and in which time: "
			       "\"20/s\" or \"10/1m\"";
	(void)snprintf(amount, sizeof(amount), "%.*s",
		       (int)(len < sizeof(amount) ? len : sizeof(amount) - 1),
		       text);
	if (!amount_parse(&rate->amount, amount, bytes))
		return bytes ? "write a size before the slash, up to \"4GiB\"; "
			       "units are KiB MiB GiB"
			     : "write a number from 1 to 4294967296 before the "
			       "slash";
	if (!parse_period(&period, text + len + 1))
		return "write a duration behind the slash, up to \"1w\": "
		       "\"20/s\" or \"10/1m\"";
	rate->period = (uint32_t)period;
	return NULL;
}

void rate_format(const struct rate *rate, char text[RATE_TEXT_LEN])
{
	char period[DURATION_TEXT_LEN];

	duration_format(rate->period, period);
	(void)snprintf(text, RATE_TEXT_LEN, "%" PRIu64 "/%s", rate->amount,
		       period);
}
