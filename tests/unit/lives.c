/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An emulated file descriptor store.
 */
#include "unit/lives.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STORED_MAX = 16,
	NAME_LEN = 64,
	FIRST_FD = 3,   /* SD_LISTEN_FDS_START */
	ASIDE_FD = 200, /* and on: out of the way of those */
};

struct stored {
	char name[NAME_LEN];
	int fd;
};

static char directory[] = "/tmp/statewall-test-XXXXXX";
static char socket_path[64];
static int socket_fd;
static struct stored stored[STORED_MAX];
static int count;

void lives_setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* The NUL behind it stays. */
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(socket_path, sizeof(socket_path), "%s/notify",
		       directory);
	memcpy(address.sun_path, socket_path, sizeof(socket_path));
	socket_fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(socket_fd, (struct sockaddr *)&address,
			      sizeof(address)),
			 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", socket_path, 1), 0);
	ck_assert_int_eq(setenv("STATE_DIRECTORY", directory, 1), 0);
	count = 0;
}

void lives_teardown(void)
{
	char path[80];

	(void)snprintf(path, sizeof(path), "%s/connections", directory);
	(void)unlink(path);
	(void)unlink(socket_path);
	ck_assert_msg(rmdir(directory) == 0, "something else was left there");
}

static void forget(const char *name)
{
	int kept = 0;

	for (int i = 0; i < count; i++) {
		if (strcmp(stored[i].name, name) == 0)
			(void)close(stored[i].fd);
		else
			stored[kept++] = stored[i];
	}
	count = kept;
}

/* The value of a variable of the message, which it cuts off; NULL: none. */
static char *value_of(char *message, const char *variable)
{
	char *at = strstr(message, variable);

	if (!at)
		return NULL;
	at += strlen(variable);
	at[strcspn(at, "\n")] = '\0';
	return at;
}

static void take_message(char *message, int fd)
{
	bool stores = strstr(message, "FDSTORE=1");
	bool removes = strstr(message, "FDSTOREREMOVE=1");
	bool polls = !strstr(message, "FDPOLL=0");
	char *name = value_of(message, "FDNAME=");

	ck_assert_int_eq(stores, fd >= 0);
	if (stores) {
		ck_assert(name && !polls && count < STORED_MAX);
		stored[count].fd = fd;
		(void)snprintf(stored[count++].name, NAME_LEN, "%s", name);
	} else if (removes) {
		ck_assert_ptr_nonnull(name);
		forget(name);
	}
}

static bool receive_message(void)
{
	char message[2048];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { message, sizeof(message) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(socket_fd, &msg, MSG_CMSG_CLOEXEC);
	int fd = -1;

	if (len < 0)
		return false;
	message[len] = '\0';
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	take_message(message, fd);
	return true;
}

/* In the new process: where systemd puts them. */
static void pass_on(void)
{
	char names[STORED_MAX * NAME_LEN] = "";
	char number[16];
	size_t len = 0;

	for (int i = 0; i < count; i++)
		stored[i].fd = fcntl(stored[i].fd, F_DUPFD, ASIDE_FD);
	for (int i = 0; i < count; i++) {
		(void)dup2(stored[i].fd, FIRST_FD + i);
		(void)close(stored[i].fd);
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s", i ? ":" : "", stored[i].name);
	}
	(void)snprintf(number, sizeof(number), "%d", count);
	(void)setenv("LISTEN_FDS", number, 1);
	(void)setenv("LISTEN_FDNAMES", names, 1);
	(void)snprintf(number, sizeof(number), "%d", (int)getpid());
	(void)setenv("LISTEN_PID", number, 1);
}

void lives_run(bool (*life)(void))
{
	pid_t pid = fork();
	int status = 0;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		pass_on();
		_exit(life() ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
		      "a life has failed, see above");
	while (receive_message())
		;
}

int lives_stored(const char *prefix)
{
	int found = 0;

	for (int i = 0; i < count; i++)
		found += strncmp(stored[i].name, prefix, strlen(prefix)) == 0;
	return found;
}
