/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets in the file system: who may open which one is for the kernel to
 * say, by their owner and group.
 */
#ifndef DAEMON_CONTROL_SOCKET_H
#define DAEMON_CONTROL_SOCKET_H

#include <stdbool.h>

enum { CONTROL_PATH_LEN = 100 }; /* less than sun_path has */

struct control_socket {
	int fd; /* -1: closed */
	char path[CONTROL_PATH_LEN];
};

/*
 * Listens at @directory/@name, for the owner of the process and @group.  Says
 * in the log what is wrong: without the group it is for the owner alone.
 * false: there is no socket.
 */
bool control_socket_open(struct control_socket *socket, const char *directory,
			 const char *name, const char *group);
void control_socket_close(struct control_socket *socket);

#endif
