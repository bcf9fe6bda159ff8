/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of services, as /etc/services has them.
 */
#ifndef POLICY_SERVICES_H
#define POLICY_SERVICES_H

#include "policy/suggest.h"

/* The port of @name over @proto, "tcp" or "udp"; 0: it has none. */
unsigned int service_port(const char *name, const char *proto);

/* The end of a sentence about a name that has none over either. */
void service_suggest(char text[SUGGESTION_LEN], const char *name);

#endif
