/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accept_all [-n] QUEUE: accepts every packet of a queue, until it is killed.
 *
 * As it stands it is the limit of the method: packets are received, and their
 * verdicts sent, in the way that statewalld does it, and nothing else is done.
 *
 * With -n it is what programs that filter by NFQUEUE do today: the functions of
 * libnetfilter_queue, one system call to receive a packet, whole, and one to
 * answer it; what the kernel has merged it has to take apart before.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

/* Those of src/daemon/queue.c. */
enum {
	BATCH_MAX = 64,
	COPY_LEN = 2048,
	SLOT_LEN = 4096,
	VERDICT_LEN = 64,
	QUEUE_LENGTH = 8192,
	RECEIVE_BUFFER = QUEUE_LENGTH * 4608 / 2,
	NAIVE_LEN = 0xffff,
};

struct batch {
	struct mmsghdr headers[BATCH_MAX];
	struct iovec slots[BATCH_MAX];
	_Alignas(MNL_ALIGNTO) char buffers[BATCH_MAX][SLOT_LEN];
	uint32_t last; /* id, if there was a packet */
	bool has_packet;
};

static void size_buffer(int fd)
{
	int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		err(EXIT_FAILURE, "receive buffer");
}

static struct mnl_socket *open_queue(uint16_t number)
{
	_Alignas(MNL_ALIGNTO) char buffer[256];
	struct mnl_socket *socket = mnl_socket_open(NETLINK_NETFILTER);
	struct nlmsghdr *nlh;
	int on = 1;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		err(EXIT_FAILURE, "netlink");
	size_buffer(mnl_socket_get_fd(socket));
	(void)mnl_socket_setsockopt(socket, NETLINK_NO_ENOBUFS, &on,
				    sizeof(on));
	nlh = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, number);
	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, COPY_LEN);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, QUEUE_LENGTH);
	mnl_attr_put_u32(nlh, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
	mnl_attr_put_u32(nlh, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
	if (mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0)
		err(EXIT_FAILURE, "queue %u", number);
	return socket;
}

/* The header is always the first attribute. */
static void note_message(struct batch *batch, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr =
		mnl_nlmsg_get_payload_offset(nlh, sizeof(struct nfgenmsg));
	const struct nfqnl_msg_packet_hdr *hdr;

	if (nlh->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
		return;
	hdr = mnl_attr_get_payload(attr);
	batch->last = ntohl(hdr->packet_id);
	batch->has_packet = true;
}

/* One message answers all. */
static void answer(struct mnl_socket *socket, uint16_t number, uint32_t last)
{
	_Alignas(MNL_ALIGNTO) char buffer[VERDICT_LEN];
	struct nlmsghdr *nlh =
		nfq_nlmsg_put(buffer, NFQNL_MSG_VERDICT_BATCH, number);

	nfq_nlmsg_verdict_put(nlh, (int)last, NF_ACCEPT);
	if (mnl_socket_sendto(socket, nlh, nlh->nlmsg_len) < 0)
		err(EXIT_FAILURE, "send");
}

static void accept_batches(uint16_t number)
{
	static struct batch batch;
	struct mnl_socket *socket = open_queue(number);
	int fd = mnl_socket_get_fd(socket);

	for (size_t i = 0; i < BATCH_MAX; i++) {
		batch.slots[i].iov_base = batch.buffers[i];
		batch.slots[i].iov_len = SLOT_LEN;
		batch.headers[i].msg_hdr.msg_iov = &batch.slots[i];
		batch.headers[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		int n = recvmmsg(fd, batch.headers, BATCH_MAX, MSG_WAITFORONE,
				 NULL);

		if (n < 0 && errno != EINTR && errno != ENOBUFS)
			err(EXIT_FAILURE, "receive");
		batch.has_packet = false;
		for (int i = 0; i < n; i++)
			note_message(&batch, (void *)batch.buffers[i]);
		if (batch.has_packet)
			answer(socket, number, batch.last);
	}
}

static int accept_one(struct nfq_q_handle *queue, struct nfgenmsg *msg,
		      struct nfq_data *data, void *arg)
{
	const struct nfqnl_msg_packet_hdr *hdr = nfq_get_msg_packet_hdr(data);

	(void)msg;
	(void)arg;
	return nfq_set_verdict(queue, ntohl(hdr->packet_id), NF_ACCEPT, 0,
			       NULL);
}

static void accept_singly(uint16_t number)
{
	static char buffer[NAIVE_LEN + 4096];
	struct nfq_handle *handle = nfq_open();
	struct nfq_q_handle *queue;
	ssize_t len;

	queue = handle ? nfq_create_queue(handle, number, accept_one, NULL)
		       : NULL;
	if (!queue || nfq_set_mode(queue, NFQNL_COPY_PACKET, NAIVE_LEN) < 0)
		err(EXIT_FAILURE, "queue %u", number);
	(void)nfq_set_queue_maxlen(queue, QUEUE_LENGTH);
	size_buffer(nfq_fd(handle));
	for (;;) {
		len = recv(nfq_fd(handle), buffer, sizeof(buffer), 0);
		if (len >= 0)
			(void)nfq_handle_packet(handle, buffer, (int)len);
		else if (errno != EINTR && errno != ENOBUFS)
			err(EXIT_FAILURE, "receive");
	}
}

int main(int argc, char *argv[])
{
	bool is_naive = argc > 1 && strcmp(argv[1], "-n") == 0;
	uint16_t number;

	if (argc != 2 + is_naive)
		errx(EXIT_FAILURE, "usage: accept_all [-n] QUEUE");
	guard_namespace();
	number = (uint16_t)number_parse(argv[1 + is_naive], UINT16_MAX);
	if (is_naive)
		accept_singly(number);
	else
		accept_batches(number);
	return EXIT_SUCCESS;
}
