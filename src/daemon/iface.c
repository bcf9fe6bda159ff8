/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A direct-mapped cache in front of ioctl(SIOCGIFNAME).
 */
#include "daemon/iface.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRUSTED_FOR = 1000 /* ms */ };

int iface_cache_init(struct iface_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
	cache->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return cache->fd < 0 ? -errno : 0;
}

void iface_cache_fini(struct iface_cache *cache)
{
	close(cache->fd);
}

static void read_name(const struct iface_cache *cache,
		      struct iface_entry *entry)
{
	struct ifreq request = { .ifr_ifindex = (int)entry->index };

	if (ioctl(cache->fd, SIOCGIFNAME, &request) < 0)
		request.ifr_name[0] = '\0';
	memcpy(entry->name, request.ifr_name, sizeof(entry->name));
	entry->name[sizeof(entry->name) - 1] = '\0';
}

const char *iface_name(struct iface_cache *cache, uint32_t index, msec_t now)
{
	static const char none[PACKET_IFNAME_LEN];
	struct iface_entry *entry = &cache->entries[index % IFACE_CACHE_LEN];

	if (index == 0)
		return none;
	if (entry->index != index || now - entry->read >= TRUSTED_FOR) {
		entry->index = index;
		entry->read = now;
		read_name(cache, entry);
	}
	return entry->name;
}
