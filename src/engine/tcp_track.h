/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP's part of struct proto: see the members of the same names there.
 */
#ifndef ENGINE_TCP_TRACK_H
#define ENGINE_TCP_TRACK_H

#include "engine/proto.h"

enum reason tcp_track_opens(const struct packet *pkt,
			    const struct track_input *in);
void tcp_track_open(struct conn *conn, const struct packet *pkt);
bool tcp_track_asks(const struct conn *conn, const struct packet *pkt,
		    enum direction dir);
struct track tcp_track(struct conn *conn, const struct packet *pkt,
		       const struct track_input *in);
enum reason tcp_track_relates(const struct conn *conn,
			      const struct quoted *quoted, enum direction dir);
void tcp_track_forget_rules(struct conn *conn);
enum timeout tcp_track_timeout(const struct conn *conn);
const char *tcp_track_state_name(const struct conn *conn);

#endif
