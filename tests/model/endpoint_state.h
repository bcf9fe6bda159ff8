/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of an endpoint share: endpoint.c (its lives), endpoint_open.c
 * and endpoint_input.c (what it receives, before and in a connection), and
 * endpoint_output.c (what it sends, and when).
 */
#ifndef MODEL_ENDPOINT_STATE_H
#define MODEL_ENDPOINT_STATE_H

#include "model/endpoint.h"

/* A new connection begins: its numbers are drawn, nothing is sent. */
void end_begin(struct endpoint *ep, msec_t now);
/* The connection is no more. */
void end_finish(struct endpoint *ep, enum end_outcome outcome);
void end_open(struct endpoint *ep, msec_t now); /* ESTABLISHED */
void end_enter_time_wait(struct endpoint *ep, msec_t now);

/* Octets that the buffer has room for. */
uint32_t end_room(const struct endpoint *ep);

/* What both SYNs offer is in force now. */
void end_agree(struct endpoint *ep);

/* SYN or, when the other's is known, SYN-ACK. */
void end_send_syn(struct endpoint *ep, msec_t now, struct burst *out);
void end_send_ack(struct endpoint *ep, msec_t now, struct burst *out);
/* First number again, of what is in flight. */
void end_resend(struct endpoint *ep, msec_t now, struct burst *out);
/* A RST of the connection. */
void end_send_reset(const struct endpoint *ep, struct burst *out);
/* The RST that answers a segment which fits no connection. */
void end_refuse(const struct segment *seg, struct burst *out);
/* The SYN-ACK of a listener that keeps nothing in mind. */
void end_send_cookie(struct endpoint *ep, const struct segment *syn, msec_t now,
		     struct burst *out);
/* Whether the ACK answers such a SYN-ACK. */
bool end_knows_cookie(const struct endpoint *ep, const struct segment *ack,
		      msec_t now);

/* The timer of retransmissions and probes, as far as it has a purpose. */
void end_arm(struct endpoint *ep, msec_t now);

/* Input. */
void end_open_passive(struct endpoint *ep, const struct segment *syn,
		      msec_t now, struct burst *out);
/* It acknowledges what was not acknowledged yet. */
bool end_acks_new(const struct endpoint *ep, const struct segment *seg);
void end_receive_listening(struct endpoint *ep, const struct segment *seg,
			   msec_t now, struct burst *out);
void end_receive_syn_sent(struct endpoint *ep, const struct segment *seg,
			  msec_t now, struct burst *out);
void end_receive_synchronised(struct endpoint *ep, const struct segment *seg,
			      msec_t now, struct burst *out);

#endif
