/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * systemd's file descriptor store, emulated: see FDSTORE=1 in sd_notify(3).
 */
#ifndef UNIT_STORE_H
#define UNIT_STORE_H

#include <stdbool.h>
#include <stddef.h>

enum { STORE_MAX = 16, STORE_NAME_LEN = 64, STORE_MESSAGE_LEN = 1024 };

struct store {
	int socket;
	size_t count;
	struct {
		char name[STORE_NAME_LEN];
		int fd;
	} list[STORE_MAX];
};

/* Listens there, as NOTIFY_SOCKET names it; false: errno says why. */
bool store_open(struct store *store, const char *path);

/*
 * Takes a message and does what it says; false: there is none now.  @message
 * is all of it.
 */
bool store_receive(struct store *store, char message[STORE_MESSAGE_LEN]);

/* How many there are whose name begins like that. */
size_t store_count(const struct store *store, const char *prefix);

/* In a process that is to be another program: hands them over. */
void store_pass_on(const struct store *store);

#endif
