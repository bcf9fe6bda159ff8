/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a filter:
 *
 *	filter	= [ or ]
 *	or	= and { "or" and }
 *	and	= not { [ "and" ] not }
 *	not	= "not" not | "(" or ")" | WORD VALUE { "," VALUE } | PROTOCOL
 *
 * "||", "&&" and "!" are as good.  Values of one word that stand between commas
 * are alternatives.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "policy/filter_state.h"
#include "policy/range.h"
#include "policy/services.h"
#include "policy/suggest.h"

enum { TOKEN_LEN = 200 };

struct filter_reader {
	const char *text;
	const char *rest; /* behind the token */
	struct filter *filter;
	struct filter_fault *fault;
	unsigned int about;
	unsigned int depth;
	size_t column;         /* where the token begins, from 1 */
	char token[TOKEN_LEN]; /* "" at the end */
};

__attribute__((format(printf, 2, 3))) static bool
refuse(struct filter_reader *r, const char *format, ...)
{
	va_list args;

	r->fault->column = r->column;
	va_start(args, format);
	(void)vsnprintf(r->fault->text, sizeof(r->fault->text), format, args);
	va_end(args);
	return false;
}

static size_t token_len(const char *rest)
{
	if (strncmp(rest, "&&", 2) == 0 || strncmp(rest, "||", 2) == 0)
		return 2;
	if (*rest && strchr("()!", *rest))
		return 1;
	return strcspn(rest, " \t\n()!&|");
}

static void next(struct filter_reader *r)
{
	size_t len;

	r->rest += strspn(r->rest, " \t\n");
	r->column = (size_t)(r->rest - r->text) + 1;
	len = token_len(r->rest);
	/* A single '&' or '|' is a token that nobody wants. */
	if (len == 0 && *r->rest)
		len = 1;
	(void)snprintf(r->token, sizeof(r->token), "%.*s", (int)len, r->rest);
	r->rest += len;
}

static bool is_token(const struct filter_reader *r, const char *word,
		     const char *sign)
{
	return strcmp(r->token, word) == 0 || strcmp(r->token, sign) == 0;
}

static struct filter_step *add_step(struct filter_reader *r,
				    enum filter_kind kind)
{
	struct filter *filter = r->filter;

	if (filter->count == FILTER_STEPS_MAX) {
		(void)refuse(r, "the filter is too long: at most %d words",
			     FILTER_STEPS_MAX);
		return NULL;
	}
	filter->steps[filter->count] =
		(struct filter_step){ .kind = (uint8_t)kind };
	return &filter->steps[filter->count++];
}

/* Values, each from one item of a list. */

static bool read_address(struct filter_reader *r, const char *item,
			 struct filter_step *step)
{
	char why[WHY_LEN];
	char *hint;

	if (range_parse(item, &step->range, why))
		return true;
	hint = strchr(why, '\n');
	if (hint)
		*hint = ';';
	return refuse(r, "\"%.60s\" %s", item, why);
}

/* "80", "8000-8010", "https" */
static bool read_port(struct filter_reader *r, const char *item,
		      struct filter_step *step)
{
	struct port_item ports;
	unsigned int port;

	if (!port_item_parse(&ports, item)) {
		step->numbers.first = ports.first;
		step->numbers.last = ports.last;
		return true;
	}
	port = service_port(item, "tcp");
	if (port == 0)
		port = service_port(item, "udp");
	step->numbers.first = step->numbers.last = port;
	return port > 0 ||
	       refuse(r,
		      "\"%.60s\" is not a port: write a number, a range "
		      "\"8000-8010\" or a name from /etc/services",
		      item);
}

/* As rules have it, and in /etc/protocols. */
static bool find_protocol(const char *item, struct filter_step *step)
{
	struct match_fault fault;
	struct match *match = match_proto.parse(NULL, item, &fault);
	const struct protoent *entry;

	if (match) {
		const struct proto_item *proto = match->items;

		step->numbers.first = proto->number;
		step->numbers.last = proto->number;
		match_proto.destroy(match);
		return true;
	}
	entry = getprotobyname(item);
	if (!entry)
		return false;
	step->numbers.first = step->numbers.last = (uint64_t)entry->p_proto;
	return true;
}

static const char *nth_protocol(const void *context, size_t index)
{
	(void)context;
	return match_proto_name(index);
}

static bool read_protocol(struct filter_reader *r, const char *item,
			  struct filter_step *step)
{
	const struct choices choices = { nth_protocol, NULL };
	char hint[SUGGESTION_LEN];

	if (find_protocol(item, step))
		return true;
	suggest(hint, item, &choices);
	return refuse(r, "\"%.60s\" is not a protocol: %s", item, hint);
}

static bool read_number(struct filter_reader *r, const char *item,
			struct filter_step *step)
{
	char *end;

	errno = 0;
	step->numbers.first = strtoull(item, &end, 10);
	step->numbers.last = step->numbers.first;
	if (errno == 0 && !*end && *item >= '0' && *item <= '9')
		return true;
	return refuse(r, "\"%.60s\" is not a number", item);
}

static bool read_name(struct filter_reader *r, const char *item,
		      struct filter_step *step)
{
	size_t len = strlen(item);

	if (len == 0 || len >= sizeof(step->name))
		return refuse(r, "\"%.60s\" is not a name: 1 to %d characters",
			      item, NAME_MAX_LEN);
	memcpy(step->name, item, len + 1);
	return true;
}

static bool read_item(struct filter_reader *r, const char *item, size_t word)
{
	static bool (*const readers[])(struct filter_reader * r,
				       const char *item,
				       struct filter_step *step) = {
		[FILTER_ADDRESS] = read_address,
		[FILTER_PORT] = read_port,
		[FILTER_PROTOCOL] = read_protocol,
		[FILTER_NUMBER] = read_number,
		[FILTER_NAME] = read_name,
	};
	struct filter_step *step = add_step(r, FILTER_WORD);

	if (!step)
		return false;
	step->word = (uint8_t)word;
	return readers[filter_words[word].value](r, item, step);
}

/* The token is a list of alternatives. */
static bool read_list(struct filter_reader *r, size_t word)
{
	char *item = r->token;
	bool is_first = true;

	do {
		char *comma = strchr(item, ',');

		if (comma)
			*comma = '\0';
		if (!read_item(r, item, word))
			return false;
		if (!is_first && !add_step(r, FILTER_OR))
			return false;
		is_first = false;
		item = comma ? comma + 1 : NULL;
	} while (item);
	next(r);
	return true;
}

static size_t find_word(const char *name)
{
	size_t i = 0;

	while (i < filter_word_count && strcmp(filter_words[i].name, name) != 0)
		i++;
	return i;
}

static const char *nth_word(const void *context, size_t index)
{
	(void)context;
	return filter_word(index);
}

/* "tcp" is as good as "proto tcp". */
static bool read_bare(struct filter_reader *r)
{
	const struct choices choices = { nth_word, NULL };
	char hint[SUGGESTION_LEN];
	struct filter_step step;
	struct addr addr;

	if (addr_parse(&addr, r->token) == 0)
		return refuse(r,
			      "write \"host %s\", or \"src\" or \"dst\" in "
			      "front of the address",
			      r->token);
	if (find_protocol(r->token, &step))
		return read_list(r, find_word("proto"));
	suggest(hint, r->token, &choices);
	return refuse(r, "\"%.60s\" is not a word of filters: %s", r->token,
		      hint);
}

static bool read_word(struct filter_reader *r)
{
	size_t word = find_word(r->token);

	if (!*r->token)
		return refuse(r, "the filter ends too early");
	if (strchr("()&|", *r->token))
		return refuse(r, "\"%s\" is not expected here", r->token);
	if (word == filter_word_count)
		return read_bare(r);
	if (!(filter_words[word].about & r->about))
		return refuse(r, "\"%s\" can only be asked of %s", r->token,
			      r->about == FILTER_DECISIONS ? "connections"
							   : "decisions");
	next(r);
	if (!*r->token || strchr("()!&|", *r->token))
		return refuse(r, "what follows \"%s\" is missing",
			      filter_words[word].name);
	return read_list(r, word);
}

static bool read_or(struct filter_reader *r);

/* It may come back to itself, FILTER_DEPTH_MAX times. */
static bool read_not(struct filter_reader *r)
{
	bool ok;

	if (!is_token(r, "not", "!") && !is_token(r, "(", "("))
		return read_word(r);
	if (++r->depth > FILTER_DEPTH_MAX)
		return refuse(r,
			      "too many parentheses and \"not\"s: at most %d "
			      "in one another",
			      FILTER_DEPTH_MAX);
	if (is_token(r, "(", "(")) {
		next(r);
		ok = read_or(r);
		if (ok && !is_token(r, ")", ")"))
			return refuse(r, "a \")\" is missing");
		next(r);
	} else {
		next(r);
		ok = read_not(r) && add_step(r, FILTER_NOT);
	}
	r->depth--;
	return ok;
}

static bool ends_and(const struct filter_reader *r)
{
	return !*r->token || is_token(r, ")", ")") || is_token(r, "or", "||");
}

static bool read_and(struct filter_reader *r)
{
	if (!read_not(r))
		return false;
	while (!ends_and(r)) {
		if (is_token(r, "and", "&&"))
			next(r);
		if (!read_not(r) || !add_step(r, FILTER_AND))
			return false;
	}
	return true;
}

static bool read_or(struct filter_reader *r)
{
	if (!read_and(r))
		return false;
	while (is_token(r, "or", "||")) {
		next(r);
		if (!read_and(r) || !add_step(r, FILTER_OR))
			return false;
	}
	return true;
}

bool filter_parse(struct filter *filter, const char *text, unsigned int about,
		  struct filter_fault *fault)
{
	struct filter_reader r = {
		.text = text,
		.rest = text,
		.filter = filter,
		.fault = fault,
		.about = about,
	};

	filter->count = 0;
	next(&r);
	if (!*r.token)
		return true;
	if (strlen(text) >= FILTER_TEXT_LEN)
		return refuse(&r, "the filter is too long");
	if (!read_or(&r))
		return false;
	return !*r.token || refuse(&r, "\")\" is not expected here");
}
