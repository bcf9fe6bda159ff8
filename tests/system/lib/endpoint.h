/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, ports and numbers from the command line, and sockets of them.
 * What is wrong ends the program with a message.
 */
#ifndef SYSTEM_ENDPOINT_H
#define SYSTEM_ENDPOINT_H

#include <stdint.h>
#include <sys/socket.h>

struct endpoint {
	struct sockaddr_storage addr;
	socklen_t len;
};

uint32_t number_parse(const char *text, uint32_t max);

/* @port NULL: 0. */
struct endpoint endpoint_parse(const char *address, const char *port);

/* A socket of @type, bound to @port of all addresses of both families. */
int endpoint_bind(int type, const char *port);

/* A socket of @type that is connected to @address. */
int endpoint_connect(int type, const char *address, const char *port);

/*
 * The calling process goes on in the background, the shell that waits for the
 * program goes on too: what it waited for, the sockets, is there.
 */
void endpoint_background(void);

#endif
