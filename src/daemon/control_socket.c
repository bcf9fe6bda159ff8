/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets in the file system.
 */
#include "daemon/control_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/log.h"

enum { BACKLOG = 4096 }; /* who waits there is accepted in turn */

static struct sockaddr_un address_of(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	return addr;
}

/* Whether somebody answers there, who is then to be left alone. */
static bool is_in_use(const char *path)
{
	const struct sockaddr_un addr = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool in_use;

	if (fd < 0)
		return false;
	in_use = connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) ==
			 0 ||
		 errno == EAGAIN;
	(void)close(fd);
	return in_use;
}

/* Bound with a mask that lets in nobody but the owner. */
static int listen_at(const char *path)
{
	const struct sockaddr_un addr = address_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return -errno;
	(void)unlink(path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&addr, sizeof(addr));
	(void)umask(mask);
	if (r == 0)
		r = listen(fd, BACKLOG);
	if (r == 0)
		return fd;
	r = -errno;
	(void)close(fd);
	return r;
}

static void let_in(const char *path, const char *name)
{
	const struct group *group = getgrnam(name);

	if (!group) {
		log_warn("%s is for the owner of the daemon alone: there is no "
			 "group %s; systemd-sysusers or groupadd makes one",
			 path, name);
		return;
	}
	if (chown(path, (uid_t)-1, group->gr_gid) < 0 || chmod(path, 0660) < 0)
		log_warn("%s is for the owner of the daemon alone: it cannot "
			 "be given to group %s: %s; the service needs "
			 "SupplementaryGroups=%s",
			 path, name, strerror(errno), name);
}

bool control_socket_open(struct control_socket *socket, const char *directory,
			 const char *name, const char *group)
{
	int len = snprintf(socket->path, sizeof(socket->path), "%s/%s",
			   directory, name);

	socket->fd = -1;
	if (len < 0 || (size_t)len >= sizeof(socket->path)) {
		log_warn("%s: the name is too long for a socket", directory);
		return false;
	}
	if (is_in_use(socket->path)) {
		log_warn("%s: another daemon answers there; this one cannot "
			 "be asked anything",
			 socket->path);
		return false;
	}
	socket->fd = listen_at(socket->path);
	if (socket->fd < 0) {
		log_warn("%s: no socket: %s; this daemon cannot be asked "
			 "anything",
			 socket->path, strerror(-socket->fd));
		socket->fd = -1;
		return false;
	}
	let_in(socket->path, group);
	return true;
}

void control_socket_close(struct control_socket *socket)
{
	if (socket->fd < 0)
		return;
	(void)unlink(socket->path);
	(void)close(socket->fd);
	socket->fd = -1;
}
