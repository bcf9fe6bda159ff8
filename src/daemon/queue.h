/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One NFQUEUE: a batch of packets in, their verdicts out.
 *
 * A queue belongs to one thread at a time; its counters may be read by others.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/queue_marks.h"
#include "engine/packet.h"
#include "engine/timeout.h"
#include "engine/verdict.h"

struct queue;

struct queue_params {
	uint16_t number;
	uint32_t length; /* packets that may wait, 1 to QUEUE_LENGTH_MAX */
	struct queue_marks marks;
	/*
	 * What finds the queue full passes unjudged, for rescue rules stand
	 * behind our chains: as long as all packets come by these.
	 */
	bool fails_open;
};

/* Beyond this the kernel fails, however much one asks for. */
enum { QUEUE_LENGTH_MAX = 65536 };

enum queue_fault {
	QUEUE_FAULT_BUSY,          /* another process holds it */
	QUEUE_FAULT_NOT_PERMITTED, /* no CAP_NET_ADMIN */
	QUEUE_FAULT_UNSUPPORTED,   /* the kernel has no nfnetlink_queue */
	QUEUE_FAULT_OTHER,
};

struct queue_error {
	enum queue_fault fault;
	int error; /* errno */
};

struct queue_stats {
	uint64_t packets;
	uint64_t batches;
	uint64_t answers;        /* one for a run of equal verdicts */
	uint64_t verdict_errors; /* the kernel knew no such packet any more */
	uint64_t malformed;      /* messages without a packet id */
	uint64_t unanswered;     /* packets dropped instead of rejected */
	uint32_t receive_buffer; /* octets, as the kernel counts them */
};

/* Binds the queue.  NULL: @error says why. */
struct queue *queue_open(const struct queue_params *params,
			 struct queue_error *error);
/*
 * The same with the socket of a process that has ended, which has bound it: @fd.
 * Packets that wait in it are judged; those that the process had received and
 * not answered are dropped, so that whoever sent them sends them again.  Owns
 * @fd, and closes it if it returns NULL: it is not the socket of that queue.
 */
struct queue *queue_adopt(const struct queue_params *params, int fd);
/* A socket closes its queue when the last process closes it. */
void queue_close(struct queue *queue);

/* Its socket, for the next process. */
int queue_fd(const struct queue *queue);

/* The receive buffer that holds @length packets, as the kernel counts. */
uint32_t queue_buffer_wanted(uint32_t length);

/* The netlink port that has bound a queue; 0: none, or nobody tells us. */
unsigned int queue_owner(uint16_t number);

uint16_t queue_number(const struct queue *queue);
struct queue_stats queue_stats(const struct queue *queue);

/*
 * Waits for packets, at most a quarter of a second.  Returns how many messages
 * are there now, 0: none, or -errno: the queue is lost.
 */
int queue_receive(struct queue *queue);

/* A packet that waits for its verdict. */
struct queue_packet {
	struct packet_meta meta;
	const uint8_t *data; /* what was copied of it; never NULL */
	size_t len;
	enum action action; /* what becomes of it */
	uint32_t mark;      /* with which it goes on; at first that it has */
};

/* So many packets at most are judged at once. */
enum { QUEUE_PART_MAX = 32 };

/*
 * Says of each packet what becomes of it.  They are in the order in which they
 * came, and on loan until it returns.
 */
typedef void queue_handler(struct queue_packet *packets, size_t count,
			   void *arg);

/*
 * Has @handler judge the @count messages received last, QUEUE_PART_MAX at once,
 * and sends the verdicts of all of them together.  Every packet gets one.  0,
 * or -errno: the queue is lost, as packets without a verdict would wait for
 * ever.
 */
int queue_judge(struct queue *queue, int count, msec_t now,
		queue_handler *handler, void *arg);

#endif
