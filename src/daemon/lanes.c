/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queues with their workers.
 */
#include "daemon/lanes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/fdstore.h"
#include "daemon/log.h"
#include "daemon/packetlog.h"
#include "daemon/recorder.h"
#include "daemon/report.h"
#include "daemon/worker.h"

enum { STORE_NAME_LEN = 32 };

struct lane {
	struct queue *queue;
	struct packetlog *log;
	struct recorder *recorder;
	struct worker *worker;
	uint64_t heartbeat; /* the last one seen */
};

struct lanes {
	struct dataplane *dataplane;
	size_t count;
	struct lane list[];
};

static void tell_busy(const struct queue_params *params)
{
	unsigned int port = queue_owner(params->number);

	if (port)
		log_error("queue %u is bound by another process (netlink port "
			  "%u, usually its pid): stop that, or choose other "
			  "queues",
			  params->number, port);
	else
		log_error("queue %u is bound by another process: stop that, or "
			  "choose other queues",
			  params->number);
}

static void tell_fault(const struct queue_params *params,
		       const struct queue_error *error)
{
	switch (error->fault) {
	case QUEUE_FAULT_BUSY:
		tell_busy(params);
		break;
	case QUEUE_FAULT_NOT_PERMITTED:
		log_error("queue %u: not permitted: CAP_NET_ADMIN is missing "
			  "in the user namespace of this network namespace",
			  params->number);
		break;
	case QUEUE_FAULT_UNSUPPORTED:
		log_error("queue %u: this kernel has no NFQUEUE: load the "
			  "module nfnetlink_queue",
			  params->number);
		break;
	case QUEUE_FAULT_OTHER:
		log_error("queue %u: %s", params->number,
			  strerror(error->error));
		break;
	}
}

/* The queue's buffer should outlast its length. */
static void warn_of_buffer(const struct queue *queue,
			   const struct queue_params *params)
{
	uint32_t buffer = queue_stats(queue).receive_buffer;

	if (buffer >= queue_buffer_wanted(params->length))
		return;
	log_warn("queue %u: the kernel gives a receive buffer of %u octets "
		 "only: packets may be lost before queue_length = %u is "
		 "reached; raise the sysctl net.core.rmem_max to %u",
		 params->number, buffer, params->length,
		 queue_buffer_wanted(params->length));
}

static void name_in_store(char name[STORE_NAME_LEN], uint16_t number)
{
	(void)snprintf(name, STORE_NAME_LEN, "queue-%u", number);
}

/* With the socket of the process before this one, if there is one. */
static struct queue *open_queue(const struct queue_params *params,
				struct fdstore *store,
				struct queue_error *error)
{
	struct queue *queue = NULL;
	char name[STORE_NAME_LEN];
	int fd;

	name_in_store(name, params->number);
	fd = fdstore_take(store, name);
	if (fd >= 0)
		queue = queue_adopt(params, fd);
	if (queue)
		return queue;
	if (fd >= 0)
		fdstore_forget(name);
	queue = queue_open(params, error);
	if (queue)
		fdstore_put(name, queue_fd(queue));
	return queue;
}

static bool open_lane(struct lane *lane, const struct queue_params *params,
		      struct fdstore *store, struct queue_error *error)
{
	*error = (struct queue_error){ QUEUE_FAULT_OTHER, ENOMEM };
	lane->log = packetlog_create();
	lane->recorder = recorder_create();
	if (lane->log && lane->recorder)
		lane->queue = open_queue(params, store, error);
	if (!lane->queue) {
		tell_fault(params, error);
		return false;
	}
	warn_of_buffer(lane->queue, params);
	return true;
}

struct lanes *lanes_open(const struct lanes_params *params,
			 enum queue_fault *fault)
{
	size_t count = (size_t)(params->last - params->first) + 1;
	struct lanes *lanes =
		calloc(1, sizeof(*lanes) + count * sizeof(lanes->list[0]));

	if (!lanes) {
		log_error("no memory for %zu queues", count);
		return NULL;
	}
	lanes->dataplane = params->dataplane;
	lanes->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct queue_params queue = {
			.number = (uint16_t)(params->first + i),
			.length = params->length,
			.marks = params->marks,
			.fails_open = params->fails_open,
		};
		struct queue_error error;

		if (open_lane(&lanes->list[i], &queue, params->store, &error))
			continue;
		*fault = error.fault;
		lanes_close(lanes);
		return NULL;
	}
	return lanes;
}

void lanes_close(struct lanes *lanes)
{
	if (!lanes)
		return;
	for (size_t i = 0; i < lanes->count; i++) {
		queue_close(lanes->list[i].queue);
		packetlog_destroy(lanes->list[i].log);
		recorder_destroy(lanes->list[i].recorder);
	}
	free(lanes);
}

bool lanes_start(struct lanes *lanes, bool caged)
{
	for (size_t i = 0; i < lanes->count; i++) {
		struct lane *lane = &lanes->list[i];
		const struct worker_params params = {
			.queue = lane->queue,
			.dataplane = lanes->dataplane,
			.log = lane->log,
			.recorder = lane->recorder,
			.caged = caged,
		};

		lane->worker = worker_start(&params);
		if (!lane->worker)
			return false;
	}
	return true;
}

void lanes_stop(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++)
		worker_ask_to_stop(lanes->list[i].worker);
	for (size_t i = 0; i < lanes->count; i++) {
		worker_stop(lanes->list[i].worker);
		lanes->list[i].worker = NULL;
	}
}

bool lanes_all_moved(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++)
		if (worker_heartbeat(lanes->list[i].worker) ==
		    lanes->list[i].heartbeat)
			return false;
	for (size_t i = 0; i < lanes->count; i++)
		lanes->list[i].heartbeat =
			worker_heartbeat(lanes->list[i].worker);
	return true;
}

bool lanes_have_failed(const struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++) {
		const struct lane *lane = &lanes->list[i];
		int error = worker_error(lane->worker);
		char name[STORE_NAME_LEN];

		if (error == 0)
			continue;
		/* It would be of no use to the next process either. */
		name_in_store(name, queue_number(lane->queue));
		fdstore_forget(name);
		log_error("queue %u is lost: %s", queue_number(lane->queue),
			  strerror(error));
		return true;
	}
	return false;
}

uint64_t lanes_unanswered(const struct lanes *lanes)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < lanes->count; i++)
		sum += queue_stats(lanes->list[i].queue).unanswered;
	return sum;
}

void lanes_drain_logs(struct lanes *lanes, void (*write)(const char *line))
{
	for (size_t i = 0; i < lanes->count; i++)
		packetlog_drain(lanes->list[i].log, write);
}

void lanes_report(const struct lanes *lanes, void (*write)(const char *line))
{
	for (size_t i = 0; i < lanes->count; i++)
		report_queue(lanes->list[i].queue, write);
}

const struct recorder *lanes_recorder(const struct lanes *lanes, size_t number)
{
	return lanes && number < lanes->count ? lanes->list[number].recorder
					      : NULL;
}
