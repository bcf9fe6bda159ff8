/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends packets as they are built, source address included.
 */
#ifndef SYSTEM_RAW_H
#define SYSTEM_RAW_H

#include "unit/build.h"

enum { RAW_PACKET_MAX = 1500 };

/* A socket of the calling thread's network namespace. @version: 4 or 6. */
int raw_open(uint8_t version);

/* Builds and sends the packet.  What is wrong ends the program. */
void raw_send(int fd, const struct build *b);

/* 4 or 6; an address that is neither ends the program with a message. */
uint8_t raw_version(const char *address);

#endif
