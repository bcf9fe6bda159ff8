/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services.
 */
#include "policy/services.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LEN = 32 };

/* What people call them. */
static const struct {
	const char *word;
	const char *advice;
} advices[] = {
	{ "any", "leave this out to match all of them" },
	{ "all", "leave this out to match all of them" },
	{ "dns", "it is called \"domain\"" },
	{ "web", "it is called \"http\", and \"https\"" },
	{ "dhcp", "it is called \"bootps\" on the server's side, \"bootpc\" on "
		  "the client's" },
	{ "ping", "it has no port: write icmp_type = \"echo-request\"" },
};

unsigned int service_port(const char *name, const char *proto)
{
	const struct servent *entry = getservbyname(name, proto);

	return entry ? ntohs((uint16_t)entry->s_port) : 0;
}

static const char *find_advice(const char *name)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (strcmp(advices[i].word, name) == 0)
			return advices[i].advice;
	return NULL;
}

static bool is_usable(const struct servent *entry)
{
	return (strcmp(entry->s_proto, "tcp") == 0 ||
		strcmp(entry->s_proto, "udp") == 0) &&
	       strlen(entry->s_name) < NAME_LEN;
}

/* false: none is like @name. */
static bool find_nearest(char nearest[NAME_LEN], const char *name)
{
	unsigned int limit = suggest_limit(name) + 1;
	const struct servent *entry;
	bool found = false;

	setservent(1);
	while ((entry = getservent())) {
		unsigned int distance = suggest_distance(name, entry->s_name);

		if (distance >= limit || !is_usable(entry))
			continue;
		(void)snprintf(nearest, NAME_LEN, "%s", entry->s_name);
		limit = distance;
		found = true;
	}
	endservent();
	return found;
}

void service_suggest(char text[SUGGESTION_LEN], const char *name)
{
	const char *advice = find_advice(name);
	char nearest[NAME_LEN];

	if (advice)
		(void)snprintf(text, SUGGESTION_LEN, "%s", advice);
	else if (find_nearest(nearest, name))
		(void)snprintf(text, SUGGESTION_LEN, "did you mean \"%s\"?",
			       nearest);
	else
		(void)snprintf(text, SUGGESTION_LEN,
			       "/etc/services has no such name over tcp or "
			       "udp");
}
