/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers.  The kernel says the numbers; the name is for people.
 */
#include "daemon/control_peer.h"

#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>

enum { PASSWD_LEN = 1024 };

struct control_peer control_peer_of(int fd)
{
	struct ucred credentials = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(credentials);
	char buffer[PASSWD_LEN];
	struct passwd entry;
	struct passwd *found = NULL;
	struct control_peer peer;

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len);
	(void)getpwuid_r(credentials.uid, &entry, buffer, sizeof(buffer),
			 &found);
	peer = (struct control_peer){ .uid = credentials.uid,
				      .pid = credentials.pid };
	(void)snprintf(peer.text, sizeof(peer.text), "%.40s (uid %u, pid %d)",
		       found ? found->pw_name : "somebody", credentials.uid,
		       credentials.pid);
	return peer;
}
