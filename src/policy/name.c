/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names.
 */
#include "policy/name.h"

#include <string.h>

static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789-_";

bool name_is_valid(const char *name)
{
	size_t len = strspn(name, allowed);

	return len > 0 && len <= NAME_MAX_LEN && name[len] == '\0';
}
