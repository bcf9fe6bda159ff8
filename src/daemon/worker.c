/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of a worker.
 */
#include "daemon/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/homing.h"

struct worker {
	struct worker_params params;
	pthread_t thread;
	_Atomic bool stop;          /* written by the main thread */
	_Atomic uint64_t heartbeat; /* this and the next by the worker */
	_Atomic int error;
	msec_t now; /* the time of the batch; the worker's */
};

/* Nothing else happens to a packet between the kernel and the engine. */
static enum action handle_packet(const struct packet_meta *meta,
				 const uint8_t *data, size_t len, void *arg)
{
	struct worker *worker = arg;
	const struct worker_params *params = &worker->params;
	struct packet pkt;
	struct judged judged;
	enum reason reason = packet_parse(&pkt, meta, data, len);

	if (reason != REASON_NONE)
		return dataplane_refuse(params->dataplane, reason).action;
	judged = dataplane_decide(params->dataplane, &pkt, worker->now);
	if (judged.verdict.log)
		packetlog_put(params->log, &pkt, &judged);
	return judged.verdict.action;
}

/* What has come by now; 0, or -errno: the queue is lost. */
static int judge_batch(struct worker *worker, struct homing *homing)
{
	struct queue *queue = worker->params.queue;
	int count = queue_receive(queue);
	int r;

	worker->now = clock_now();
	if (count <= 0)
		return count;
	r = queue_judge(queue, count, worker->now, handle_packet, worker);
	homing_note(homing, (size_t)count, worker->now);
	return r;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	struct homing *homing = homing_start();
	int r = 0;

	while (r == 0 && !atomic_load(&worker->stop)) {
		r = judge_batch(worker, homing);
		if (r < 0)
			atomic_store(&worker->error, -r);
		atomic_fetch_add(&worker->heartbeat, 1);
	}
	homing_end(homing);
	return NULL;
}

/* Signals are the main thread's. */
static int start_thread(struct worker *worker)
{
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&worker->thread, NULL, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct worker *worker_start(const struct worker_params *params)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	worker->params = *params;
	if (start_thread(worker) != 0) {
		free(worker);
		return NULL;
	}
	return worker;
}

void worker_ask_to_stop(struct worker *worker)
{
	if (worker)
		atomic_store(&worker->stop, true);
}

void worker_stop(struct worker *worker)
{
	if (!worker)
		return;
	worker_ask_to_stop(worker);
	pthread_join(worker->thread, NULL);
	free(worker);
}

uint64_t worker_heartbeat(const struct worker *worker)
{
	return atomic_load(&worker->heartbeat);
}

int worker_error(const struct worker *worker)
{
	return atomic_load(&worker->error);
}
