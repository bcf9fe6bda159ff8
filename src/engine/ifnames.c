/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of interfaces.
 */
#include "engine/ifnames.h"

#include <string.h>

uint8_t ifnames_number(struct ifnames *ifnames,
		       const char name[PACKET_IFNAME_LEN])
{
	if (name[0] == '\0')
		return 0;
	for (uint8_t i = 0; i < ifnames->count; i++)
		if (strncmp(ifnames->names[i], name, PACKET_IFNAME_LEN) == 0)
			return (uint8_t)(i + 1);
	if (ifnames->count == IFNAMES_MAX)
		return 0;
	memcpy(ifnames->names[ifnames->count], name, PACKET_IFNAME_LEN);
	return ++ifnames->count;
}

const char *ifnames_name(const struct ifnames *ifnames, uint8_t number)
{
	static const char none[PACKET_IFNAME_LEN];

	return number ? ifnames->names[number - 1] : none;
}
