/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of interfaces by index, remembered for a second: rules speak of names,
 * the kernel of numbers, and a name may move to another interface.
 */
#ifndef DAEMON_IFACE_H
#define DAEMON_IFACE_H

#include <stdint.h>

#include "engine/packet.h"
#include "engine/timeout.h"

enum { IFACE_CACHE_LEN = 64 };

struct iface_entry {
	uint32_t index; /* 0: the entry is empty */
	msec_t read;
	char name[PACKET_IFNAME_LEN];
};

/* Belongs to one thread.  @fd is a socket of the network namespace to ask. */
struct iface_cache {
	int fd;
	struct iface_entry entries[IFACE_CACHE_LEN];
};

/* -errno: no socket. */
int iface_cache_init(struct iface_cache *cache);
void iface_cache_fini(struct iface_cache *cache);

/*
 * PACKET_IFNAME_LEN octets: the name, or "" for index 0 and for an interface
 * that is gone.  Valid until the next call.
 */
const char *iface_name(struct iface_cache *cache, uint32_t index, msec_t now);

#endif
