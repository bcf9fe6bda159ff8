/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of filters, and what they match.
 *
 * To add a word: its row in the table, a function that says whether it holds,
 * and its line in statewall-filter(7).
 */
#include "policy/filter.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "engine/proto.h"
#include "policy/filter_state.h"

/* ::/0 has no address of IPv4. */
static bool has_address(const struct filter_step *step,
			const struct tuple *tuple, const struct addr *addr)
{
	return addr_is_ipv4(&step->range.first) == (tuple->ipversion == 4) &&
	       addr_range_contains(&step->range, addr);
}

static bool holds_src(const struct filter_step *step,
		      const struct filter_subject *subject)
{
	return has_address(step, subject->tuple, &subject->tuple->src);
}

static bool holds_dst(const struct filter_step *step,
		      const struct filter_subject *subject)
{
	return has_address(step, subject->tuple, &subject->tuple->dst);
}

static bool holds_host(const struct filter_step *step,
		       const struct filter_subject *subject)
{
	return holds_src(step, subject) || holds_dst(step, subject);
}

static bool has_number(const struct filter_step *step, uint64_t number)
{
	return number >= step->numbers.first && number <= step->numbers.last;
}

static bool has_ports(const struct filter_subject *subject)
{
	return proto_find(subject->tuple->ipproto)->has_ports;
}

static bool holds_sport(const struct filter_step *step,
			const struct filter_subject *subject)
{
	return has_ports(subject) && has_number(step, subject->tuple->sport);
}

static bool holds_dport(const struct filter_step *step,
			const struct filter_subject *subject)
{
	return has_ports(subject) && has_number(step, subject->tuple->dport);
}

static bool holds_port(const struct filter_step *step,
		       const struct filter_subject *subject)
{
	return holds_sport(step, subject) || holds_dport(step, subject);
}

static bool holds_proto(const struct filter_step *step,
			const struct filter_subject *subject)
{
	return has_number(step, subject->tuple->ipproto);
}

static bool holds_family(const struct filter_step *step,
			 const struct filter_subject *subject)
{
	return has_number(step, subject->tuple->ipversion);
}

static bool holds_id(const struct filter_step *step,
		     const struct filter_subject *subject)
{
	return has_number(step, subject->id);
}

static bool is_name(const struct filter_step *step, const char *name)
{
	return name && strcmp(step->name, name) == 0;
}

/* What we write in capitals nobody should have to type so. */
static bool is_word(const struct filter_step *step, const char *word)
{
	return word && strcasecmp(step->name, word) == 0;
}

/* "-" is the policy, as in the log. */
static bool holds_rule(const struct filter_step *step,
		       const struct filter_subject *subject)
{
	const char *rule = subject->rule;

	return is_name(step, rule && !*rule ? "-" : rule);
}

static bool holds_state(const struct filter_step *step,
			const struct filter_subject *subject)
{
	return is_word(step, subject->state);
}

static bool holds_from(const struct filter_step *step,
		       const struct filter_subject *subject)
{
	return is_name(step, subject->zone_from);
}

static bool holds_to(const struct filter_step *step,
		     const struct filter_subject *subject)
{
	return is_name(step, subject->zone_to);
}

static bool holds_zone(const struct filter_step *step,
		       const struct filter_subject *subject)
{
	return holds_from(step, subject) || holds_to(step, subject);
}

static bool holds_in(const struct filter_step *step,
		     const struct filter_subject *subject)
{
	return is_name(step, subject->indev);
}

static bool holds_out(const struct filter_step *step,
		      const struct filter_subject *subject)
{
	return is_name(step, subject->outdev);
}

static bool holds_verdict(const struct filter_step *step,
			  const struct filter_subject *subject)
{
	return is_word(step, subject->verdict);
}

static bool holds_reason(const struct filter_step *step,
			 const struct filter_subject *subject)
{
	return is_word(step, subject->reason);
}

enum { BOTH = FILTER_CONNECTIONS | FILTER_DECISIONS };

/* clang-format off */
const struct filter_word filter_words[] = {
	{ "host",    FILTER_ADDRESS,  BOTH, holds_host },
	{ "src",     FILTER_ADDRESS,  BOTH, holds_src },
	{ "dst",     FILTER_ADDRESS,  BOTH, holds_dst },
	{ "port",    FILTER_PORT,     BOTH, holds_port },
	{ "sport",   FILTER_PORT,     BOTH, holds_sport },
	{ "dport",   FILTER_PORT,     BOTH, holds_dport },
	{ "proto",   FILTER_PROTOCOL, BOTH, holds_proto },
	{ "family",  FILTER_NUMBER,   BOTH, holds_family },
	{ "rule",    FILTER_NAME,     BOTH, holds_rule },
	{ "zone",    FILTER_NAME,     BOTH, holds_zone },
	{ "from",    FILTER_NAME,     BOTH, holds_from },
	{ "to",      FILTER_NAME,     BOTH, holds_to },
	{ "in",      FILTER_NAME,     BOTH, holds_in },
	{ "out",     FILTER_NAME,     BOTH, holds_out },
	{ "state",   FILTER_NAME,     FILTER_CONNECTIONS, holds_state },
	{ "id",      FILTER_NUMBER,   FILTER_CONNECTIONS, holds_id },
	{ "verdict", FILTER_NAME,     FILTER_DECISIONS, holds_verdict },
	{ "reason",  FILTER_NAME,     FILTER_DECISIONS, holds_reason },
};
/* clang-format on */

const size_t filter_word_count = sizeof(filter_words) / sizeof(filter_words[0]);

const char *filter_word(size_t index)
{
	return index < filter_word_count ? filter_words[index].name : NULL;
}

/* A stack of bits: the parser admits no more steps than it has. */
bool filter_matches(const struct filter *filter,
		    const struct filter_subject *subject)
{
	uint64_t stack = 1;

	static_assert(FILTER_STEPS_MAX <= 64, "the stack is too small");
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_step *step = &filter->steps[i];
		uint64_t top = stack & 1;

		switch ((enum filter_kind)step->kind) {
		case FILTER_WORD:
			stack = stack << 1 |
				filter_words[step->word].holds(step, subject);
			break;
		case FILTER_NOT:
			stack ^= 1;
			break;
		case FILTER_AND:
			stack = stack >> 1 &
				(top ? UINT64_MAX : UINT64_MAX - 1);
			break;
		case FILTER_OR:
			stack = stack >> 1 | top;
			break;
		}
	}
	return stack & 1;
}
