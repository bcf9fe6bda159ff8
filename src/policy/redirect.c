/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words and the defaults of the sections redirect and rescue.
 */
#include "policy/redirect.h"

#include <string.h>

const char *const redirect_failure_names[FAILURE_COUNT] = {
	[FAILURE_RESCUE] = "rescue",
	[FAILURE_CLOSED] = "closed",
	[FAILURE_OPEN] = "open",
};

const char *const redirect_family_names[FAMILY_COUNT] = {
	[FAMILY_INET] = "inet",
	[FAMILY_INET6] = "inet6",
};

/* The upper half of the mark is used least by others, its top bit not at all. */
struct redirect redirect_defaults(void)
{
	return (struct redirect){
		.hooks = (1U << HOOK_COUNT) - 1,
		.families = (1U << FAMILY_COUNT) - 1,
		.skip = { "lo" },
		.skip_count = 1,
		.on_failure = FAILURE_RESCUE,
		.accept_mark = 0x10000000,
		.reject_mark = 0x20000000,
		.self_heal = true,
	};
}

struct rescue rescue_defaults(void)
{
	return (struct rescue){
		.ssh_ports = { 22 },
		.ssh_port_count = 1,
		.ssh_from_any = true,
		.output = true,
		.established = true,
	};
}

bool redirect_is_interface(const char *word)
{
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_-.@");

	if (word[len] == '*' && len > 0)
		return word[len + 1] == '\0' && len < PACKET_IFNAME_LEN - 1;
	return word[len] == '\0' && len > 0 && len < PACKET_IFNAME_LEN;
}
