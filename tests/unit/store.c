/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An emulated file descriptor store.
 */
#include "unit/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	FIRST_FD = 3,   /* SD_LISTEN_FDS_START */
	ASIDE_FD = 200, /* and on: out of the way of those */
};

bool store_open(struct store *store, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*store = (struct store){ 0 };
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	store->socket =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return store->socket >= 0 &&
	       bind(store->socket, (struct sockaddr *)&address,
		    sizeof(address)) == 0;
}

static void forget(struct store *store, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < store->count; i++) {
		if (strcmp(store->list[i].name, name) == 0)
			(void)close(store->list[i].fd);
		else
			store->list[kept++] = store->list[i];
	}
	store->count = kept;
}

/* Copies the value of a variable of the message; "": there is none. */
static void copy_value(char value[STORE_NAME_LEN], const char *message,
		       const char *variable)
{
	const char *at = strstr(message, variable);

	value[0] = '\0';
	if (!at)
		return;
	at += strlen(variable);
	(void)snprintf(value, STORE_NAME_LEN, "%.*s", (int)strcspn(at, "\n"),
		       at);
}

/* Without FDPOLL=0 systemd would close it at the first error. */
static void obey(struct store *store, const char *message, int fd)
{
	char name[STORE_NAME_LEN];

	copy_value(name, message, "FDNAME=");
	if (strstr(message, "FDSTOREREMOVE=1"))
		forget(store, name);
	if (fd < 0)
		return;
	if (!strstr(message, "FDSTORE=1") || !strstr(message, "FDPOLL=0") ||
	    store->count == STORE_MAX) {
		(void)close(fd);
		return;
	}
	store->list[store->count].fd = fd;
	memcpy(store->list[store->count++].name, name, sizeof(name));
}

bool store_receive(struct store *store, char message[STORE_MESSAGE_LEN])
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { message, STORE_MESSAGE_LEN - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(store->socket, &msg, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *extra = CMSG_FIRSTHDR(&msg);
	int fd = -1;

	if (len < 0)
		return false;
	message[len] = '\0';
	if (extra && extra->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(extra), sizeof(fd));
	obey(store, message, fd);
	return true;
}

size_t store_count(const struct store *store, const char *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < store->count; i++)
		count += strncmp(store->list[i].name, prefix, strlen(prefix)) ==
			 0;
	return count;
}

static void set_number(const char *variable, size_t number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%zu", number);
	(void)setenv(variable, text, 1);
}

void store_pass_on(const struct store *store)
{
	char names[STORE_MAX * (STORE_NAME_LEN + 1)] = "";
	int fds[STORE_MAX] = { 0 };
	size_t len = 0;

	for (size_t i = 0; i < store->count; i++)
		fds[i] = fcntl(store->list[i].fd, F_DUPFD_CLOEXEC, ASIDE_FD);
	for (size_t i = 0; i < store->count; i++) {
		(void)dup2(fds[i], FIRST_FD + (int)i);
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s", i ? ":" : "",
					store->list[i].name);
	}
	(void)setenv("LISTEN_FDNAMES", names, 1);
	set_number("LISTEN_FDS", store->count);
	set_number("LISTEN_PID", (size_t)getpid());
}
