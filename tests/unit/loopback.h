/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP over loopback, an octet at a time: see netns_enter().
 */
#ifndef UNIT_LOOPBACK_H
#define UNIT_LOOPBACK_H

#include <netinet/in.h>
#include <stdint.h>

enum { LOOPBACK_PATIENCE = 2000 /* ms, for what is on its way */ };

struct sockaddr_in loopback_addr(uint16_t port);

/* A socket that is bound to @port; 0: to any. */
int loopback_open(uint16_t port);

/* From @from, 0: from any port. */
void loopback_send(uint16_t from, uint16_t to, int octet);

/* The next octet; -1: none comes. */
int loopback_receive(int fd);

#endif
