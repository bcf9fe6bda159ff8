/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols above IP: each file proto_*.c publishes one of these.
 */
#ifndef ENGINE_PROTO_H
#define ENGINE_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/packet.h"
#include "engine/timeout.h"
#include "engine/wire.h"

struct conn;
struct tcp_settings;

/* The part of a packet behind the IP headers. */
struct transport {
	struct reader copy; /* what we have of it */
	uint32_t len;       /* how long it really is */
	bool verify;        /* its checksum can be verified, and should */
};

/* What becomes of a connection's timer. */
enum track_effect {
	TRACK_KEEP,    /* nothing */
	TRACK_AWAIT,   /* it lasts until what was sent again can be answered */
	TRACK_RESTART, /* the timeout of the new state starts now */
	TRACK_REPLACE, /* it is over: this packet opens the next one */
	/* It is over: another one stands in its place already ... */
	TRACK_RENEW,
	TRACK_RENEW_REVERSED, /* ... opened by its responder */
};

/* Whether to pass the packet is in the kind of the reason. */
struct track {
	enum reason reason;
	enum track_effect effect;
};

/* What a protocol is told beside the packet. */
struct track_input {
	enum direction dir;
	msec_t now;
	const struct tcp_settings *tcp;
	/* Of what may open a connection: a segment in the middle, too. */
	bool picks_up;
	uint32_t rule; /* that allows the packet, if asks() was true */
};

struct proto {
	enum timeout first; /* class of a new connection */
	bool has_ports;     /* that rules may ask for: in the tuple */
	/* Reads the header: REASON_NONE, or why to drop the packet. */
	enum reason (*parse)(struct packet *pkt, struct transport *l4);
	/*
	 * Reads the first octets of a packet that an ICMP error quotes into
	 * quoted->tuple, whose addresses are set.
	 */
	enum reason (*parse_quoted)(struct quoted *quoted, struct reader *r);
	/*
	 * REASON_NEW, or REASON_PICKUP: it may ask to open a connection, or
	 * to have one picked up in the middle; else why not.
	 */
	enum reason (*opens)(const struct packet *pkt,
			     const struct track_input *in);
	/* Begins a connection, all zero until now, with its first packet. */
	void (*open)(struct conn *conn, const struct packet *pkt);
	/* A packet of a known connection that the rules must be asked about. */
	bool (*asks)(const struct conn *conn, const struct packet *pkt,
		     enum direction dir);
	/* A packet that is dropped leaves @conn as it was. */
	struct track (*track)(struct conn *conn, const struct packet *pkt,
			      const struct track_input *in);
	/*
	 * A packet sent in @dir comes back in an ICMP error: REASON_RELATED,
	 * or why that cannot be.
	 */
	enum reason (*relates)(const struct conn *conn,
			       const struct quoted *quoted, enum direction dir);
	/* The rules have changed: their numbers in @conn mean nothing now. */
	void (*forget_rules)(struct conn *conn);
	/*
	 * Sets in @pkt, whose addresses and ports are set, what the connection
	 * remembers of its first packet.
	 */
	void (*recall)(const struct conn *conn, struct packet *pkt);
	/*
	 * Whether what it knows of a connection can be, of one that comes from
	 * outside of this process.  Requests and rules in it do not count.
	 */
	bool (*is_sound)(const struct conn *conn);
	enum timeout (*timeout)(const struct conn *conn);
	const char *(*state_name)(const struct conn *conn);
};

/* Never NULL: protocols we do not know are tracked by their addresses. */
const struct proto *proto_find(uint8_t ipproto);

/* "tcp", as people call it; NULL: we do not know it. */
const char *proto_name(uint8_t ipproto);

/* For headers that end too early: is it the packet or our copy of it? */
enum reason transport_too_short(const struct transport *l4, uint32_t header);

/*
 * What follows serves protocols that have less to say: see proto_generic.c.
 * Their state is whether the other side has answered.
 */
enum reason proto_always_opens(const struct packet *pkt,
			       const struct track_input *in);
void proto_open_unreplied(struct conn *conn, const struct packet *pkt);
bool proto_never_asks(const struct conn *conn, const struct packet *pkt,
		      enum direction dir);
struct track proto_track_reply(struct conn *conn, const struct packet *pkt,
			       const struct track_input *in);
void proto_has_no_rules(struct conn *conn);
void proto_recall_ports(const struct conn *conn, struct packet *pkt);
void proto_recall_nothing(const struct conn *conn, struct packet *pkt);
enum reason proto_always_relates(const struct conn *conn,
				 const struct quoted *quoted,
				 enum direction dir);
const char *proto_reply_name(const struct conn *conn);
bool proto_reply_is_sound(const struct conn *conn);

extern const struct proto proto_tcp;
extern const struct proto proto_udp;
extern const struct proto proto_udplite;
extern const struct proto proto_icmp;
extern const struct proto proto_sctp;
extern const struct proto proto_gre;
extern const struct proto proto_esp;
extern const struct proto proto_ah;
extern const struct proto proto_dccp;
extern const struct proto proto_generic;

#endif
