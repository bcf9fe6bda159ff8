/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One message of the kernel's queue: bytes in, fields out.
 */
#ifndef DAEMON_QUEUE_MESSAGE_H
#define DAEMON_QUEUE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/packet.h"

struct nlmsghdr;

/* The payload belongs to the message. */
struct queue_message {
	uint32_t id;
	uint32_t indev; /* index, 0: none */
	uint32_t outdev;
	uint32_t mark;
	uint32_t len; /* of the packet, whatever was copied of it */
	enum hook hook;
	bool verify_checksum;
	bool gso;
	const uint8_t *payload; /* from the IP header on; never NULL */
	size_t payload_len;     /* 0: none came */
};

/*
 * @nlh and the length that it gives are there to be read.  false: this is not
 * a packet, or not even its id can be read.
 */
bool queue_message_parse(struct queue_message *msg, const struct nlmsghdr *nlh);

#endif
