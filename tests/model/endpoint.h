/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a TCP connection as RFC 9293 describes it, with RFC 7323 (window
 * scaling, timestamps), RFC 2018 and 2883 (SACK), RFC 5961 (challenge ACKs),
 * RFC 6191 (TIME-WAIT) and RFC 7413 (data in SYNs).  The same ports live many
 * times: each connection is a life of the endpoint.
 *
 * It is a value: a copy of it behaves like the original, which is how it is
 * found out what a segment would have done.
 */
#ifndef MODEL_ENDPOINT_H
#define MODEL_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/ranges.h"
#include "model/segment.h"
#include "model/stack.h"

enum end_state {
	END_CLOSED,
	END_LISTEN,
	END_SYN_SENT,
	END_SYN_RECEIVED,
	END_ESTABLISHED,
	END_FIN_WAIT_1,
	END_FIN_WAIT_2,
	END_CLOSE_WAIT,
	END_CLOSING,
	END_LAST_ACK,
	END_TIME_WAIT,
	END_STATE_COUNT
};

extern const char *const end_state_names[END_STATE_COUNT];

/* How a life ends. */
enum end_outcome {
	OUTCOME_CLOSED,     /* both FINs went their way */
	OUTCOME_RESET,      /* by the other end */
	OUTCOME_GAVE_UP,    /* after many retransmissions */
	OUTCOME_LEFT,       /* aborted or crashed */
	OUTCOME_UNANSWERED, /* its SYN */
	OUTCOME_COUNT
};

/* What a SYN says. */
struct offer {
	bool has_wscale;
	bool has_sack;
	bool has_ts;
	uint8_t wscale;
	uint32_t ts_val;
	uint32_t isn;
	bool is_used; /* it has opened a connection */
};

struct sender {
	uint32_t iss;
	uint32_t syn_data; /* octets that go with the SYN */
	uint32_t una;      /* first number that is not acknowledged */
	uint32_t next;     /* to be sent next */
	uint32_t max;      /* behind all that was ever sent */
	uint32_t written;  /* behind what the application has written */
	uint32_t window;   /* granted, from .una on */
	uint32_t window_max;
	uint32_t wl1; /* number and ... */
	uint32_t wl2; /* ... acknowledgement of the last window update */
	struct ranges sacked;
	msec_t timer; /* retransmission or probe */
	msec_t again; /* more to send than fits a burst */
	uint8_t shift;
	uint8_t retries;
	uint8_t duplicates; /* ACKs in a row that acknowledge nothing new */
	bool has_fin;       /* FIN follows .written */
};

struct receiver {
	uint32_t irs;
	uint32_t next;
	uint32_t edge;    /* right edge of the window that was granted last */
	uint32_t updated; /* .next when that was */
	uint32_t read;    /* behind what the application has read */
	uint32_t fin;     /* number of the other's FIN, with .has_fin */
	uint32_t recent;  /* in which range data came last */
	uint32_t count;   /* segments since the last ACK */
	struct ranges queue;
	struct range duplicate; /* for D-SACK, with .has_duplicate */
	msec_t ack_timer;
	uint8_t shift;
	bool has_fin;
	bool has_duplicate;
	bool ack_now;
};

enum { PAST_LEN = 8 };

struct endpoint {
	const struct stack *stack;
	uint64_t seed;
	bool listens; /* when it is closed */
	bool is_passive;
	bool has_crossed; /* its SYN and the other's have crossed */
	bool was_open;    /* this life has reached ESTABLISHED */
	bool has_left;    /* the life that is over ended before its time */
	bool has_doubted; /* has refused what may have overtaken the cookie */
	enum end_state state;
	uint32_t life;                    /* counts connections, from 1 */
	uint32_t outcomes[OUTCOME_COUNT]; /* of lives that were open, mostly */
	struct sender snd;
	struct receiver rcv;
	struct offer peer; /* what the other's SYN said */
	bool has_wscale;   /* both have offered it: it is in force */
	bool has_sack;
	bool has_ts;
	uint32_t isn_base;
	uint32_t past[PAST_LEN]; /* where the numbers of past lives ended */
	uint32_t ts_offset;
	uint32_t ts_recent;
	msec_t challenge_from; /* no challenge ACK before that */
	msec_t keepalive;
	uint8_t beats; /* keep-alives without an answer */
	msec_t time_wait;
};

#define END_NEVER INT64_MAX

/* What an endpoint sends at once. */
enum { BURST_MAX = 16 };

struct burst {
	struct segment list[BURST_MAX];
	size_t count;
};

void endpoint_init(struct endpoint *ep, const struct stack *stack,
		   uint64_t seed, bool listens);

/* What applications do. */
/* @octets are written already: a SYN may carry some. */
void endpoint_connect(struct endpoint *ep, uint32_t octets, msec_t now,
		      struct burst *out);
void endpoint_write(struct endpoint *ep, uint32_t octets);
void endpoint_read(struct endpoint *ep, uint32_t octets);
void endpoint_shutdown(struct endpoint *ep); /* FIN behind what was written */
void endpoint_abort(struct endpoint *ep, msec_t now, struct burst *out);
/* It forgets all, and says nothing. */
void endpoint_crash(struct endpoint *ep);

/* Octets that wait to be read. */
uint32_t endpoint_unread(const struct endpoint *ep);
/* Octets that were written and are not acknowledged. */
uint32_t endpoint_unsent(const struct endpoint *ep);
/* There is no connection, or what is left of it needs no care. */
bool endpoint_is_free(const struct endpoint *ep);
/* A connection is open, as far as applications see. */
bool endpoint_is_open(const struct endpoint *ep);
/* The other end has closed, and all before that has come. */
bool endpoint_at_end(const struct endpoint *ep);

/* Only what the segment itself provokes; endpoint_output() sends the rest. */
void endpoint_receive(struct endpoint *ep, const struct segment *seg,
		      msec_t now, struct burst *out);
void endpoint_output(struct endpoint *ep, msec_t now, struct burst *out);

/* When endpoint_tick() has to be called next; END_NEVER. */
msec_t endpoint_deadline(const struct endpoint *ep);
void endpoint_tick(struct endpoint *ep, msec_t now, struct burst *out);

/* What a segment does to an endpoint: bits. */
enum effect {
	EFFECT_STATE = 1,   /* another state, or another life */
	EFFECT_DATA = 2,    /* octets, or a FIN, that were missing */
	EFFECT_ACK = 4,     /* something is acknowledged */
	EFFECT_WINDOW = 8,  /* the window is another one */
	EFFECT_ANSWER = 16, /* it is answered */
	EFFECT_ALL = 31
};

/* What endpoint_receive() would do, on a copy. */
unsigned int endpoint_effects(const struct endpoint *ep,
			      const struct segment *seg, msec_t now);

#endif
