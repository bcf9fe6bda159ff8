/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file descriptor store.
 */
#include "daemon/fdstore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { NAME_LEN = 256 };

struct fdstore {
	size_t count;
	char **names; /* NULL: it was taken */
};

struct fdstore *fdstore_open(void)
{
	struct fdstore *store = calloc(1, sizeof(*store));
	int count;

	if (!store)
		return NULL;
	/* They are closed at the start of another program from now on. */
	count = sd_listen_fds_with_names(1, &store->names);
	store->count = count > 0 ? (size_t)count : 0;
	return store;
}

static int fd_of(size_t i)
{
	return SD_LISTEN_FDS_START + (int)i;
}

void fdstore_close(struct fdstore *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->count; i++) {
		if (!store->names[i])
			continue;
		(void)close(fd_of(i));
		free(store->names[i]);
	}
	free(store->names);
	free(store);
}

void fdstore_settle(struct fdstore *store)
{
	for (size_t i = 0; store && i < store->count; i++)
		if (store->names[i])
			fdstore_forget(store->names[i]);
	fdstore_close(store);
}

/* .count: there are not so many. */
static size_t find(const struct fdstore *store, size_t i)
{
	size_t j = 0;

	while (j < store->count && (!store->names[j] || i-- > 0))
		j++;
	return j;
}

const char *fdstore_name(const struct fdstore *store, size_t i)
{
	size_t j;

	if (!store)
		return NULL;
	j = find(store, i);
	return j < store->count ? store->names[j] : NULL;
}

int fdstore_fd(const struct fdstore *store, size_t i)
{
	return fd_of(find(store, i));
}

int fdstore_take(struct fdstore *store, const char *name)
{
	for (size_t i = 0; store && i < store->count; i++) {
		if (!store->names[i] || strcmp(store->names[i], name) != 0)
			continue;
		free(store->names[i]);
		store->names[i] = NULL;
		return fd_of(i);
	}
	return -1;
}

/* systemd would close it when it says EPOLLERR, as an overrun queue does. */
void fdstore_put(const char *name, int fd)
{
	char message[NAME_LEN];

	(void)snprintf(message, sizeof(message),
		       "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
	(void)sd_pid_notify_with_fds(0, 0, message, &fd, 1);
}

void fdstore_forget(const char *name)
{
	(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}
