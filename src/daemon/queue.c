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
#include <unistd.h>

#include "daemon/iface.h"
#include "daemon/queue_message.h"

enum {
	BATCH_MAX = 64,
	VERDICTS_MAX = BATCH_MAX + 1, /* one for those that were inherited */
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
	/* Of messages: verdicts have none. */
	SEQ_CONFIG = 1,
	SEQ_UNCERTAIN = 2, /* a verdict on packets that may not be there */
};

struct counters {
	_Atomic uint64_t packets; /* all written by the queue's thread */
	_Atomic uint64_t batches;
	_Atomic uint64_t answers;
	_Atomic uint64_t verdict_errors;
	_Atomic uint64_t malformed;
	_Atomic uint64_t unanswered;
};

/* Packets in a row that get the same verdict. */
struct run {
	size_t len;
	uint32_t last; /* id */
	bool accept;
	bool is_marked; /* they get another mark */
	uint32_t mark;
};

/* Packets of a batch that are judged together. */
struct part {
	struct queue_packet packets[QUEUE_PART_MAX];
	uint32_t ids[QUEUE_PART_MAX];
	uint32_t marks[QUEUE_PART_MAX]; /* as they came */
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
	/* Packets wait that another process has received. */
	bool has_inherited;
	/* A packet waits whose id nobody knows: no message may mean it. */
	bool has_lost_id;
	/* Whether packets came by our chains, or by other rules. */
	bool has_ours;
	bool has_others;
	bool fails_open; /* the kernel was told so */
	struct part part;
	struct run run;
	size_t verdicts_len;
	_Alignas(MNL_ALIGNTO) char verdicts[VERDICTS_MAX * VERDICT_LEN_MAX];
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
			      run.accept ? NF_ACCEPT : NF_DROP);
	if (run.is_marked)
		nfq_nlmsg_verdict_put_mark(nlh, run.mark);
	queue->verdicts_len += nlh->nlmsg_len;
	queue->run.len = 0;
	add(&queue->counters.answers, 1);
}

/*
 * The first packet that was waiting has that id: all before it were received
 * by the process that has ended.  What it thought of them nobody knows.
 */
static void drop_inherited(struct queue *queue, uint32_t id)
{
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(queue->verdicts + queue->verdicts_len,
			      NFQNL_MSG_VERDICT_BATCH, queue->params.number);

	nlh->nlmsg_seq = SEQ_UNCERTAIN;
	nfq_nlmsg_verdict_put(nlh, (int)(id - 1), NF_DROP);
	queue->verdicts_len += nlh->nlmsg_len;
	queue->has_inherited = false;
}

static bool continues(const struct run *run, const struct run *next)
{
	return run->accept == next->accept &&
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

/* Number @i of the part. */
static void put_packet(struct queue *queue, size_t i)
{
	const struct part *part = &queue->part;
	const struct queue_packet *packet = &part->packets[i];
	struct queue_answer answer =
		queue_marks_answer(&queue->params.marks, packet->meta.hook,
				   packet->action, part->marks[i],
				   packet->mark);

	if (answer.unanswered)
		add(&queue->counters.unanswered, 1);
	put_verdict(queue, &(struct run){ .len = 1,
					  .last = part->ids[i],
					  .accept = answer.accept,
					  .is_marked = answer.is_marked,
					  .mark = answer.is_marked ? answer.mark
								   : 0 });
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
		put_verdict(queue, &(struct run){ .len = 1, .last = msg.id });
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
	nlh->nlmsg_seq = SEQ_CONFIG;
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

static void put_settings(const struct queue *queue, struct nlmsghdr *nlh)
{
	uint32_t flags = NFQA_CFG_F_GSO;

	if (queue->fails_open)
		flags |= NFQA_CFG_F_FAIL_OPEN;
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, COPY_LEN);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, queue->params.length);
	/* All of them in one pair: of several the last one counts. */
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(flags));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK,
			 htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN));
}

static int bind_queue(struct queue *queue)
{
	_Alignas(MNL_ALIGNTO) char buffer[CONFIG_LEN];
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue->params.number);
	int r;

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	put_settings(queue, nlh);
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

/* Without a socket.  NULL: errno says why. */
static struct queue *create_queue(const struct queue_params *params)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	int r;

	if (!queue)
		return NULL;
	queue->params = *params;
	if (queue->params.length > QUEUE_LENGTH_MAX)
		queue->params.length = QUEUE_LENGTH_MAX;
	prepare_slots(queue);
	r = iface_cache_init(&queue->ifaces);
	if (r == 0)
		return queue;
	free(queue);
	errno = -r;
	return NULL;
}

static void destroy_queue(struct queue *queue)
{
	iface_cache_fini(&queue->ifaces);
	free(queue);
}

/* NULL: errno says why. */
static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int error;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return socket;
	error = errno;
	mnl_socket_close(socket);
	errno = error;
	return NULL;
}

struct queue *queue_open(const struct queue_params *params,
			 struct queue_error *error)
{
	struct queue *queue = create_queue(params);
	int r = -errno;

	if (!queue)
		goto err;
	queue->socket = open_socket();
	r = -errno;
	if (!queue->socket)
		goto err_queue;
	r = set_options(queue);
	if (r == 0)
		r = bind_queue(queue);
	if (r == 0)
		return queue;
	mnl_socket_close(queue->socket);

err_queue:
	destroy_queue(queue);
err:
	*error = (struct queue_error){ classify_fault(-r), -r };
	return NULL;
}

void queue_close(struct queue *queue)
{
	if (!queue)
		return;
	mnl_socket_close(queue->socket);
	destroy_queue(queue);
}

/* The kernel tells a stranger that somebody has the queue. */
static bool is_bound(const struct queue_params *params)
{
	struct queue *stranger = create_queue(params);
	_Alignas(MNL_ALIGNTO) char buffer[CONFIG_LEN];
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, params->number);
	bool bound = false;

	if (!stranger)
		return false;
	stranger->socket = open_socket();
	if (stranger->socket) {
		put_settings(stranger, nlh);
		bound = transact(stranger, nlh) == -EPERM &&
			is_permitted(stranger);
		mnl_socket_close(stranger->socket);
	}
	destroy_queue(stranger);
	return bound;
}

static bool is_netfilter(int fd)
{
	int domain = 0;
	int protocol = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       domain == AF_NETLINK && protocol == NETLINK_NETFILTER;
}

/*
 * Packets may be waiting in front of any answer, so none is asked for.  Should
 * the settings be refused, the error comes with the packets.
 */
static int send_settings(struct queue *queue)
{
	_Alignas(MNL_ALIGNTO) char buffer[CONFIG_LEN];
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, queue->params.number);

	put_settings(queue, nlh);
	nlh->nlmsg_seq = SEQ_CONFIG;
	return mnl_socket_sendto(queue->socket, nlh, nlh->nlmsg_len) < 0
		       ? -errno
		       : 0;
}

struct queue *queue_adopt(const struct queue_params *params, int fd)
{
	struct queue *queue = NULL;

	if (is_netfilter(fd) && is_bound(params))
		queue = create_queue(params);
	if (!queue)
		goto err_fd;
	queue->socket = mnl_socket_fdopen(fd);
	if (!queue->socket)
		goto err_queue;
	queue->has_inherited = true;
	if (set_options(queue) == 0 && send_settings(queue) == 0)
		return queue;
	queue_close(queue);
	return NULL;

err_queue:
	destroy_queue(queue);
err_fd:
	(void)close(fd);
	return NULL;
}

int queue_fd(const struct queue *queue)
{
	return mnl_socket_get_fd(queue->socket);
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
		.unanswered = read_counter(&counters->unanswered),
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
	if (answer->msg.nlmsg_seq == SEQ_UNCERTAIN)
		return 0;
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
		put_packet(queue, i);
	add(&queue->counters.packets, part->len);
	part->len = 0;
}

static void note_way(struct queue *queue, uint32_t mark)
{
	if (queue_marks_are_set(&queue->params.marks, mark))
		queue->has_ours = true;
	else
		queue->has_others = true;
}

/*
 * What a full queue lets pass must meet rescue rules behind it, as it does if
 * all comes by our chains.
 */
static int adjust_failing(struct queue *queue)
{
	bool fails_open = queue->params.fails_open && queue->has_ours &&
			  !queue->has_others;

	if (fails_open == queue->fails_open)
		return 0;
	queue->fails_open = fails_open;
	return send_settings(queue);
}

/* false: it is no packet that could be judged. */
static bool gather(struct queue *queue, const struct nlmsghdr *nlh, msec_t now)
{
	struct part *part = &queue->part;
	struct queue_packet *packet = &part->packets[part->len];
	struct queue_message msg;

	if (!queue_message_parse(&msg, nlh))
		return false;
	if (queue->has_inherited)
		drop_inherited(queue, msg.id);
	note_way(queue, msg.mark);
	part->marks[part->len] = msg.mark;
	msg.mark = queue_marks_clear(&queue->params.marks, msg.mark);
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
	if (r == 0)
		r = adjust_failing(queue);
	if (count > 0)
		add(&queue->counters.batches, 1);
	return fault < 0 ? fault : r;
}
