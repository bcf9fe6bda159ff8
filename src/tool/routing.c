/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From addresses to hook and interfaces:
 *
 *	from one of our own addresses   output, it arrives nowhere
 *	to one of our own addresses     input, it leaves nowhere
 *	all others                      forwarded
 *
 * A packet arrives on .arrival if that is set; else, if networks are inside, on
 * the inner interface if its source is in one of them, on the outer one if not.
 * A forwarded packet leaves by the one on which it would not have arrived, one
 * of our own by the one behind which its destination is.
 */
#include "tool/routing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WORD_LEN = ADDR_TEXT_LEN + 8 };

typedef bool add_word(struct routing *routing, const char *word,
		      char fault[ROUTING_FAULT_LEN]);

/* Calls @add for each word between commas, blanks around it removed. */
static bool for_each_word(struct routing *routing, const char *list,
			  add_word *add, char fault[ROUTING_FAULT_LEN])
{
	for (;;) {
		size_t len = strcspn(list, ",");
		char word[WORD_LEN];

		(void)snprintf(word, sizeof(word), "%.*s", (int)len, list);
		if (!add(routing, word, fault))
			return false;
		if (!list[len])
			return true;
		list += len + 1;
	}
}

static bool add_inside(struct routing *routing, const char *word,
		       char fault[ROUTING_FAULT_LEN])
{
	char meant[ADDR_RANGE_TEXT_LEN];
	struct prefix prefix;
	struct addr_range range;

	switch (prefix_parse(&prefix, word)) {
	case 0:
		break;
	case -ERANGE:
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "the length of \"%s\" is too large", word);
		return false;
	case -EDOM:
		range = prefix_range(&prefix);
		addr_range_format(&range, meant);
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "\"%s\" is an address in a network: write %s",
			       word, meant);
		return false;
	default:
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "\"%s\" is not a network: write one like "
			       "10.0.0.0/8 or 2001:db8::/32",
			       word);
		return false;
	}
	if (routing->inside_count == ROUTING_MAX) {
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "these are more than %d networks", ROUTING_MAX);
		return false;
	}
	routing->inside[routing->inside_count++] = prefix;
	return true;
}

static bool add_self(struct routing *routing, const char *word,
		     char fault[ROUTING_FAULT_LEN])
{
	struct addr addr;

	if (addr_parse(&addr, word) < 0) {
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "\"%s\" is not an address: write one like "
			       "192.0.2.1 or 2001:db8::1",
			       word);
		return false;
	}
	if (routing->self_count == ROUTING_MAX) {
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "these are more than %d addresses", ROUTING_MAX);
		return false;
	}
	routing->self[routing->self_count++] = addr;
	return true;
}

bool routing_add_inside(struct routing *routing, const char *list,
			char fault[ROUTING_FAULT_LEN])
{
	return for_each_word(routing, list, add_inside, fault);
}

bool routing_add_self(struct routing *routing, const char *list,
		      char fault[ROUTING_FAULT_LEN])
{
	return for_each_word(routing, list, add_self, fault);
}

bool routing_set_interface(char interface[PACKET_IFNAME_LEN], const char *name,
			   char fault[ROUTING_FAULT_LEN])
{
	size_t len = strlen(name);

	if (len == 0 || len >= PACKET_IFNAME_LEN) {
		(void)snprintf(fault, ROUTING_FAULT_LEN,
			       "\"%.40s\" is not the name of an interface: "
			       "they have 1 to %d characters",
			       name, PACKET_IFNAME_LEN - 1);
		return false;
	}
	memcpy(interface, name, len + 1);
	return true;
}

static void set_default(char interface[PACKET_IFNAME_LEN], const char *name)
{
	if (interface[0] == '\0')
		(void)snprintf(interface, PACKET_IFNAME_LEN, "%s", name);
}

void routing_set_defaults(struct routing *routing)
{
	if (routing->inside_count == 0)
		return;
	set_default(routing->inside_if, "inside");
	set_default(routing->outside_if, "outside");
}

static bool is_inside(const struct routing *routing, const struct addr *addr)
{
	for (size_t i = 0; i < routing->inside_count; i++)
		if (prefix_contains(&routing->inside[i], addr))
			return true;
	return false;
}

static bool is_self(const struct routing *routing, const struct addr *addr)
{
	for (size_t i = 0; i < routing->self_count; i++)
		if (addr_equal(&routing->self[i], addr))
			return true;
	return false;
}

/* The interface behind which @addr is. */
static const char *interface_to(const struct routing *routing,
				const struct addr *addr)
{
	return is_inside(routing, addr) ? routing->inside_if
					: routing->outside_if;
}

static const char *arrives_on(const struct routing *routing,
			      const struct addr *src)
{
	if (routing->arrival[0])
		return routing->arrival;
	return routing->inside_count ? interface_to(routing, src) : "";
}

static const char *leaves_by(const struct routing *routing, enum hook hook,
			     const struct addr *src, const struct addr *dst)
{
	/* On a host there may be one interface only, the one of --in. */
	if (hook == HOOK_OUTPUT && !routing->outside_if[0])
		return routing->arrival;
	if (hook == HOOK_OUTPUT)
		return interface_to(routing, dst);
	return is_inside(routing, src) || !routing->inside_count
		       ? routing->outside_if
		       : routing->inside_if;
}

static enum hook find_hook(const struct routing *routing,
			   const struct addr *src, const struct addr *dst)
{
	if (is_self(routing, src))
		return HOOK_OUTPUT;
	return is_self(routing, dst) ? HOOK_INPUT : HOOK_FORWARD;
}

void routing_apply(const struct routing *routing, const struct addr *src,
		   const struct addr *dst, struct packet_meta *meta)
{
	const char *indev = "";
	const char *outdev = "";

	meta->hook = find_hook(routing, src, dst);
	if (meta->hook != HOOK_OUTPUT)
		indev = arrives_on(routing, src);
	if (meta->hook != HOOK_INPUT)
		outdev = leaves_by(routing, meta->hook, src, dst);
	(void)snprintf(meta->indev, sizeof(meta->indev), "%s", indev);
	(void)snprintf(meta->outdev, sizeof(meta->outdev), "%s", outdev);
}
