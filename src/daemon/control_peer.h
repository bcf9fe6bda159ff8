/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a socket.
 */
#ifndef DAEMON_CONTROL_PEER_H
#define DAEMON_CONTROL_PEER_H

#include "daemon/control_change.h"

struct control_peer control_peer_of(int fd);

#endif
