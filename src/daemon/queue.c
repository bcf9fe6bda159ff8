/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side of NFQUEUE, with libmnl and libnetfilter_queue's
 * nfq_nlmsg_* functions.
 *
 * Configuration goes in one acknowledged message, so that no packet meets a
 * queue that is bound but not yet set up.  Packets come in batches of what is
 * there already, and the verdicts of a batch leave together, in order: nobody
 * waits for a batch to fill.
 *
 * One message answers a run of equal verdicts.  It means all packets that wait
 * up to the last one's id, and these are the run: the kernel numbers a packet
 * and hands it over under one lock, so what came before has been judged.  A mark
 * in a message replaces the whole mark of all of them, so it is said only where
 * it is another one, and only those that leave with the same one make a run.
 *
 * GSO: super-packets come whole, and the kernel leaves checksums alone.
 * NETLINK_NO_ENOBUFS: an overrun does not stop the queue until it is empty.
 */
#include "daemon/queue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "daemon/iface.h"
#include "daemon/queue_message.h"

enum {
	BATCH_MAX = 64,
	/*
	 * Every ordinary packet is copied whole, so that its checksum can be
	 * verified; of a super-packet the headers are enough.
	 */
	COPY_LEN = 2048,
	SLOT_LEN = 4096, /* a copy and its attributes */
	/* A waiting packet of COPY_LEN is charged up to this much. */
	CHARGE_MAX = 4608,
	VERDICT_LEN_MAX = 64,
	CONFIG_LEN = 256,
	WAIT_US = 250000,
	SEND_TRIES = 3,
};

struct counters {
	_Atomic uint64_t packets; /* all written by the queue's thread */
	_Atomic uint64_t batches;
	_Atomic uint64_t answers;
	_Atomic uint64_t verdict_errors;
	_Atomic uint64_t malformed;
};

/* Packets in a row that get the same verdict. */
struct run {
	size_t len;
	uint32_t last; /* id */
	enum action action;
	bool is_marked; /* they get another mark */
	uint32_t mark;
};

/* Packets of a batch that are judged together. */
struct part {
	struct queue_packet packets[QUEUE_PART_MAX];
	uint32_t ids[QUEUE_PART_MAX];
	size_t len;
};

struct queue {
	struct mnl_socket *socket;
	struct queue_params params;
	uint32_t receive_buffer;
	struct counters counters;
	struct iface_cache ifaces;
	struct mmsghdr headers[BATCH_MAX];
	struct iovec slots[BATCH_MAX];
	/* A packet waits whose id nobody knows: no message may mean it. */
	bool has_lost_id;
	struct part part;
	struct run run;
	size_t verdicts_len;
	_Alignas(MNL_ALIGNTO) char verdicts[BATCH_MAX * VERDICT_LEN_MAX];
	_Alignas(MNL_ALIGNTO) char buffers[BATCH_MAX][SLOT_LEN];
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Verdicts. */

/* Rejecting will be the kernel's work, by a mark; until then it is a drop. */
static uint32_t kernel_verdict(enum action action)
{
	return action == ACTION_ACCEPT ? NF_ACCEPT : NF_DROP;
}

static void end_run(struct queue *queue)
{
	const struct run run = queue->run;
	char *end = queue->verdicts + queue->verdicts_len;
	struct nlmsghdr *nlh;

	if (run.len == 0)
		return;
	nlh = nfq_nlmsg_put(
		end, run.len > 1 ? NFQNL_MSG_VERDICT_BATCH : NFQNL_MSG_VERDICT,
		queue->params.number);
	nfq_nlmsg_verdict_put(nlh, (int)run.last,
			      (int)kernel_verdict(run.action));
	if (run.is_marked)
		nfq_nlmsg_verdict_put_mark(nlh, run.mark);
	queue->verdicts_len += nlh->nlmsg_len;
	queue->run.len = 0;
	add(&queue->counters.answers, 1);
}

static bool continues(const struct run *run, const struct run *next)
{
	return run->action == next->action &&
	       run->is_marked == next->is_marked && run->mark == next->mark;
}

/* @next: a run of one. */
static void put_verdict(struct queue *queue, const struct run *next)
{
	size_t len;

	if (!continues(&queue->run, next) || queue->has_lost_id)
		end_run(queue);
	len = queue->run.len;
	queue->run = *next;
	queue->run.len += len;
}

static void put_packet(struct queue *queue, uint32_t id,
		       const struct queue_packet *packet)
{
	struct run one = { .len = 1, .last = id, .action = packet->action };

	if (packet->action == ACTION_ACCEPT &&
	    packet->mark != packet->meta.mark) {
		one.is_marked = true;
		one.mark = packet->mark;
	}
	put_verdict(queue, &one);
}

/* All of a batch, or none: a message to the kernel is not sent in parts. */
static int send_verdicts(struct queue *queue)
{
	ssize_t sent = -1;

	end_run(queue);
	if (queue->verdicts_len == 0)
		return 0;
	/* The kernel may have had no memory for a moment. */
	for (int i = 0; i < SEND_TRIES && sent < 0; i++)
		sent = mnl_socket_sendto(queue->socket, queue->verdicts,
					 queue->verdicts_len);
	queue->verdicts_len = 0;
	return sent < 0 ? -errno : 0;
}

/* Opening. */

uint32_t queue_buffer_wanted(uint32_t length)
{
	return length * CHARGE_MAX;
}

/*
 * The buffer must hold more than the queue, or packets are lost where nobody
 * counts them by their queue.
 */
static void size_receive_buffer(struct queue *queue)
{
	int fd = mnl_socket_get_fd(queue->socket);
	/* The kernel doubles what it is asked for. */
	int size = (int)(queue_buffer_wanted(queue->params.length) / 2);
	socklen_t len = sizeof(size);

	/* FORCE needs the capability in the first user namespace. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, len) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, len);
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0)
		queue->receive_buffer = (uint32_t)size;
}

static int set_options(struct queue *queue)
{
	const struct timeval wait = { .tv_usec = WAIT_US };
	int fd = mnl_socket_get_fd(queue->socket);
	int on = 1;

	size_receive_buffer(queue);
	if (mnl_socket_setsockopt(queue->socket, NETLINK_NO_ENOBUFS, &on,
				  sizeof(on)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
		return -errno;
	return 0;
}

/* A packet that comes before the answer: nobody can judge it yet. */
static int drop_early(const struct nlmsghdr *nlh, void *arg)
{
	struct queue *queue = arg;
	struct queue_message msg;

	if (queue_message_parse(&msg, nlh)) {
		put_verdict(queue, &(struct run){ .len = 1,
						  .last = msg.id,
						  .action = ACTION_DROP });
		if (send_verdicts(queue) < 0)
			return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

/* A process that is stopped and goes on is interrupted, handlers or not. */
static ssize_t receive_answer(struct queue *queue)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(queue->socket, queue->buffers[0],
					  SLOT_LEN);
	} while (len < 0 && errno == EINTR);
	return len;
}

/* Sends a configuration message and waits for the kernel's answer. */
static int transact(struct queue *queue, struct nlmsghdr *nlh)
{
	unsigned int port = mnl_socket_get_portid(queue->socket);
	ssize_t len;
	int done;

	nlh->nlmsg_flags |= NLM_F_ACK;
	nlh->nlmsg_seq = 1;
	if (mnl_socket_sendto(queue->socket, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		len = receive_answer(queue);
		if (len < 0)
			return -errno;
		done = mnl_cb_run(queue->buffers[0], (size_t)len, 1, port,
				  drop_early, queue);
	} while (done > MNL_CB_STOP);
	return done < 0 ? -errno : 0;
}

/* A command that the kernel ignores, for whom it lets give commands. */
static bool is_permitted(struct queue *queue)
{
	_Alignas(MNL_ALIGNTO) char buffer[CONFIG_LEN];
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue->params.number);

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_PF_BIND);
	return transact(queue, nlh) == 0;
}

static int bind_queue(struct queue *queue)
{
	_Alignas(MNL_ALIGNTO) char buffer[CONFIG_LEN];
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue->params.number);
	int r;

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, COPY_LEN);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, queue->params.length);
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
	r = transact(queue, nlh);
	/* So the kernel says it too if another process has the queue. */
	return r == -EPERM && is_permitted(queue) ? -EBUSY : r;
}

static void prepare_slots(struct queue *queue)
{
	for (size_t i = 0; i < BATCH_MAX; i++) {
		queue->slots[i].iov_base = queue->buffers[i];
		queue->slots[i].iov_len = SLOT_LEN;
		queue->headers[i].msg_hdr.msg_iov = &queue->slots[i];
		queue->headers[i].msg_hdr.msg_iovlen = 1;
	}
}

static enum queue_fault classify_fault(int error)
{
	switch (error) {
	case EBUSY:
		return QUEUE_FAULT_BUSY;
	case EPERM:
		return QUEUE_FAULT_NOT_PERMITTED;
	case EPROTONOSUPPORT:
	case EINVAL:
		return QUEUE_FAULT_UNSUPPORTED;
	default:
		return QUEUE_FAULT_OTHER;
	}
}

struct queue *queue_open(const struct queue_params *params,
			 struct queue_error *error)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int r = -ENOMEM;

	if (!queue)
		goto err;
	queue->params = *params;
	if (queue->params.length > QUEUE_LENGTH_MAX)
		queue->params.length = QUEUE_LENGTH_MAX;
	prepare_slots(queue);
	r = iface_cache_init(&queue->ifaces);
	if (r < 0)
		goto err_free;
	queue->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	r = -errno;
	if (!queue->socket)
		goto err_ifaces;
	if (mnl_socket_bind(queue->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		goto err_socket;
	}
	r = set_options(queue);
	if (r == 0)
		r = bind_queue(queue);
	if (r == 0)
		return queue;

err_socket:
	mnl_socket_close(queue->socket);
err_ifaces:
	iface_cache_fini(&queue->ifaces);
err_free:
	free(queue);
err:
	*error = (struct queue_error){ classify_fault(-r), -r };
	return NULL;
}

void queue_close(struct queue *queue)
{
	if (!queue)
		return;
	mnl_socket_close(queue->socket);
	iface_cache_fini(&queue->ifaces);
	free(queue);
}

unsigned int queue_owner(uint16_t number)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	unsigned int owner = 0;
	char line[128];

	if (!list)
		return 0;
	/* A queue a line: its number, its port, and what is no matter here. */
	while (owner == 0 && fgets(line, sizeof(line), list)) {
		char *rest;

		if (strtoul(line, &rest, 10) == number)
			owner = (unsigned int)strtoul(rest, NULL, 10);
	}
	(void)fclose(list);
	return owner;
}

uint16_t queue_number(const struct queue *queue)
{
	return queue->params.number;
}

struct queue_stats queue_stats(const struct queue *queue)
{
	const struct counters *counters = &queue->counters;

	return (struct queue_stats){
		.packets = read_counter(&counters->packets),
		.batches = read_counter(&counters->batches),
		.answers = read_counter(&counters->answers),
		.verdict_errors = read_counter(&counters->verdict_errors),
		.malformed = read_counter(&counters->malformed),
		.receive_buffer = queue->receive_buffer,
	};
}

/* Receiving. */

static bool is_passing(int error)
{
	return error == EAGAIN || error == EINTR || error == ENOBUFS;
}

int queue_receive(struct queue *queue)
{
	int n = recvmmsg(mnl_socket_get_fd(queue->socket), queue->headers,
			 BATCH_MAX, MSG_WAITFORONE, NULL);

	if (n < 0)
		return is_passing(errno) ? 0 : -errno;
	return n;
}

static struct packet_meta make_meta(struct queue *queue,
				    const struct queue_message *msg, msec_t now)
{
	struct packet_meta meta = {
		.hook = msg->hook,
		.len = msg->len,
		.mark = msg->mark,
		.verify_checksum = msg->verify_checksum,
		.gso = msg->gso,
	};

	memcpy(meta.indev, iface_name(&queue->ifaces, msg->indev, now),
	       sizeof(meta.indev));
	memcpy(meta.outdev, iface_name(&queue->ifaces, msg->outdev, now),
	       sizeof(meta.outdev));
	return meta;
}

/*
 * The answer to a verdict that had no effect.  ENOENT: the packet is gone, the
 * kernel drops what waits when an interface goes down or a hook is removed.
 * Any other error will be the answer to the next verdict too.
 */
static int take_error(struct queue *queue, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_len < sizeof(*nlh) + sizeof(*answer)) {
		add(&queue->counters.malformed, 1);
		return 0;
	}
	if (answer->error != -ENOENT)
		return answer->error;
	add(&queue->counters.verdict_errors, 1);
	return 0;
}

/* Has what was gathered judged. */
static void judge_part(struct queue *queue, queue_handler *handler, void *arg)
{
	struct part *part = &queue->part;

	if (part->len == 0)
		return;
	handler(part->packets, part->len, arg);
	for (size_t i = 0; i < part->len; i++)
		put_packet(queue, part->ids[i], &part->packets[i]);
	add(&queue->counters.packets, part->len);
	part->len = 0;
}

/* false: it is no packet that could be judged. */
static bool gather(struct queue *queue, const struct nlmsghdr *nlh, msec_t now)
{
	struct part *part = &queue->part;
	struct queue_packet *packet = &part->packets[part->len];
	struct queue_message msg;

	if (!queue_message_parse(&msg, nlh))
		return false;
	packet->meta = make_meta(queue, &msg, now);
	packet->data = msg.payload;
	packet->len = msg.payload_len;
	packet->action = ACTION_DROP;
	packet->mark = msg.mark;
	part->ids[part->len++] = msg.id;
	return true;
}

static void judge_packet(struct queue *queue, const struct nlmsghdr *nlh,
			 msec_t now, queue_handler *handler, void *arg)
{
	if (!gather(queue, nlh, now)) {
		judge_part(queue, handler, arg);
		add(&queue->counters.malformed, 1);
		end_run(queue);
		queue->has_lost_id = true;
	}
	if (queue->part.len == QUEUE_PART_MAX)
		judge_part(queue, handler, arg);
}

int queue_judge(struct queue *queue, int count, msec_t now,
		queue_handler *handler, void *arg)
{
	int fault = 0;
	int r;

	for (int i = 0; i < count; i++) {
		struct nlmsghdr *nlh = (void *)queue->buffers[i];
		uint32_t len = queue->headers[i].msg_len;

		/* A message longer than its slot was cut: so is its length. */
		if (len < sizeof(*nlh) || nlh->nlmsg_len > len)
			nlh->nlmsg_len = len;
		if (nlh->nlmsg_type != NLMSG_ERROR)
			judge_packet(queue, nlh, now, handler, arg);
		else if (fault == 0)
			fault = take_error(queue, nlh);
	}
	judge_part(queue, handler, arg);
	r = send_verdicts(queue);
	if (count > 0)
		add(&queue->counters.batches, 1);
	return fault < 0 ? fault : r;
}
