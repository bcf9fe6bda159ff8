/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop of a worker.
 */
#include "daemon/worker.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/cage.h"
#include "daemon/clock.h"
#include "daemon/homing.h"
#include "daemon/recorder.h"

struct worker {
	struct worker_params params;
	pthread_t thread;
	_Atomic bool stop;          /* written by the main thread */
	_Atomic uint64_t heartbeat; /* this and the next by the worker */
	_Atomic int error;
	/* The worker's: the time of the batch, and a part of it. */
	msec_t now;
	struct packet packets[QUEUE_PART_MAX];
	size_t numbers[QUEUE_PART_MAX];
	struct judged judged[QUEUE_PART_MAX];
};

static_assert((int)QUEUE_PART_MAX <= (int)DATAPLANE_PART_MAX,
	      "a part is judged at once");

/* What cannot be judged: as much as was understood of it is recorded. */
static enum action refuse(const struct worker *worker, size_t number,
			  enum reason reason)
{
	const struct worker_params *params = &worker->params;
	const struct judged judged = {
		.verdict = dataplane_refuse(params->dataplane, reason),
	};

	recorder_put(params->recorder, &worker->packets[number], &judged,
		     worker->now);
	return judged.verdict.action;
}

/* Those that can be judged: their numbers among all of the part. */
static size_t parse(struct worker *worker, struct queue_packet *packets,
		    size_t count)
{
	size_t parsed = 0;

	for (size_t i = 0; i < count; i++) {
		struct queue_packet *packet = &packets[i];
		enum reason reason =
			packet_parse(&worker->packets[parsed], &packet->meta,
				     packet->data, packet->len);

		if (reason == REASON_NONE)
			worker->numbers[parsed++] = i;
		else
			packet->action = refuse(worker, parsed, reason);
	}
	return parsed;
}

/* Nothing else happens to packets between the kernel and the engine. */
static void handle_packets(struct queue_packet *packets, size_t count,
			   void *arg)
{
	struct worker *worker = arg;
	const struct worker_params *params = &worker->params;
	size_t parsed = parse(worker, packets, count);

	dataplane_judge(params->dataplane, worker->packets, parsed, worker->now,
			worker->judged);
	for (size_t i = 0; i < parsed; i++) {
		const struct judged *judged = &worker->judged[i];
		struct queue_packet *packet = &packets[worker->numbers[i]];

		if (judged->verdict.log)
			packetlog_put(params->log, &worker->packets[i], judged);
		if (verdict_is_notable(&judged->verdict))
			recorder_put(params->recorder, &worker->packets[i],
				     judged, worker->now);
		packet->action = judged->verdict.action;
		packet->mark = verdict_mark(&judged->verdict, packet->mark);
	}
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
	r = queue_judge(queue, count, worker->now, handle_packets, worker);
	homing_note(homing, (size_t)count, worker->now);
	return r;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	struct homing *homing = homing_start();
	int r = worker->params.caged ? cage_enter(CAGE_WORKER) : 0;

	if (r < 0)
		atomic_store(&worker->error, -r);
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
