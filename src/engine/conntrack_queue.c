/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timeout classes: expiry, and eviction when the table is full.
 *
 * One queue a class, in the order of the time when a connection was last put
 * at its end.  A refresh only stores the new deadline.  The sweep looks at the
 * head of a queue once an eighth of the shortest timeout of its class has
 * passed, and puts it at the end again if it lives.  So connections are removed
 * at most that much late, which nobody sees, since a lookup tests the deadline.
 *
 * Eviction takes from the classes in the order of enum evict, the connection
 * that was quiet for the longest time first: among the first few of a queue,
 * for a refresh does not move it there.
 */
#include "engine/conntrack_state.h"

#include "engine/halfopen.h"

enum { SWEEPS_PER_TIMEOUT = 8, LOOKS_PER_EVICTION = 8 };

void queue_init(struct conntrack *ct)
{
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		ct->queues[i] =
			(struct queue){ POOL_NONE, POOL_NONE, UINT32_MAX / 2 };
}

static void enqueue(struct conntrack *ct, struct conn *conn, msec_t now)
{
	struct queue *queue = &ct->queues[conn->timeout];
	uint32_t number = conn_number(ct, conn);

	conn->queued = (uint32_t)now;
	conn->queue_prev = queue->tail;
	conn->queue_next = POOL_NONE;
	if (queue->tail != POOL_NONE)
		conn_at(ct, queue->tail)->queue_next = number;
	else
		queue->head = number;
	queue->tail = number;
}

static void dequeue(struct conntrack *ct, const struct conn *conn)
{
	struct queue *queue = &ct->queues[conn->timeout];

	if (conn->queue_prev != POOL_NONE)
		conn_at(ct, conn->queue_prev)->queue_next = conn->queue_next;
	else
		queue->head = conn->queue_next;
	if (conn->queue_next != POOL_NONE)
		conn_at(ct, conn->queue_next)->queue_prev = conn->queue_prev;
	else
		queue->tail = conn->queue_prev;
}

/* A class of half-open connections is counted, by their ends. */
static bool is_counted(const struct conntrack *ct, uint8_t timeout)
{
	return ct->halfopen && timeout < TIMEOUT_COUNT &&
	       timeout_info[timeout].half_open;
}

static void count_half_open(struct conntrack *ct, const struct conn *conn,
			    uint8_t before, uint8_t after)
{
	struct tuple tuple;

	if (is_counted(ct, before) == is_counted(ct, after))
		return;
	tuple = conn_original_tuple(conn);
	if (is_counted(ct, after))
		halfopen_add(ct->halfopen, &tuple);
	else
		halfopen_remove(ct->halfopen, &tuple);
}

void queue_set_class(struct conntrack *ct, struct conn *conn,
		     enum timeout timeout, msec_t now)
{
	count_half_open(ct, conn, conn->timeout, (uint8_t)timeout);
	if (conn->timeout < TIMEOUT_COUNT)
		dequeue(ct, conn);
	conn->timeout = timeout & 0x1f;
	conn->class_since = (uint32_t)now;
	if (timeout < TIMEOUT_COUNT)
		enqueue(ct, conn, now);
}

/*
 * The shortest life that begins in the class decides how often to look at it.
 * Later ones may end at once, and would have the sweep do nothing else.
 */
void queue_note_life(struct conntrack *ct, enum timeout timeout, msec_t life)
{
	struct queue *queue = &ct->queues[timeout];
	msec_t interval = life / SWEEPS_PER_TIMEOUT;

	if (interval < queue->interval)
		queue->interval = (uint32_t)interval;
}

static size_t sweep_queue(struct conntrack *ct, const struct queue *queue,
			  msec_t now, size_t *budget)
{
	size_t removed = 0;

	while (queue->head != POOL_NONE && *budget > 0) {
		struct conn *conn = conn_at(ct, queue->head);

		if ((uint32_t)now - conn->queued < queue->interval)
			break;
		(*budget)--;
		if (conn->expires <= now) {
			conntrack_remove(ct, conn);
			removed++;
		} else {
			dequeue(ct, conn);
			enqueue(ct, conn, now);
		}
	}
	return removed;
}

size_t conntrack_expire(struct conntrack *ct, msec_t now, size_t budget)
{
	size_t first = ct->swept_first;
	size_t removed = 0;

	/* Another one each time: a flood must not use up what all need. */
	ct->swept_first = (first + 1) % TIMEOUT_COUNT;
	for (size_t i = 0; i < TIMEOUT_COUNT && budget > 0; i++)
		removed += sweep_queue(ct,
				       &ct->queues[(first + i) % TIMEOUT_COUNT],
				       now, &budget);
	index_rekey(ct, budget);
	return removed;
}

/* When the connection last moved, if its life is that of its class, shrunk. */
static msec_t last_moved(const struct conn *conn,
			 const msec_t lives[TIMEOUT_COUNT])
{
	return conn->expires - timeout_shrink((enum timeout)conn->timeout,
					      lives[conn->timeout],
					      conn->shrunk);
}

/* The better victim of the two; NULL is none. */
static struct conn *quieter(struct conn *a, struct conn *b,
			    const msec_t lives[TIMEOUT_COUNT])
{
	if (!a || !b)
		return a ? a : b;
	return last_moved(b, lives) < last_moved(a, lives) ? b : a;
}

/* NULL: the class has none that may go. */
static struct conn *find_quietest(struct conntrack *ct, enum timeout timeout,
				  const struct eviction *eviction, msec_t now)
{
	uint32_t number = ct->queues[timeout].head;
	msec_t quiet_min = timeout_info[timeout].quiet_min;
	struct conn *quietest = NULL;

	if (quiet_min < eviction->quiet_min)
		quiet_min = eviction->quiet_min;
	for (int i = 0; i < LOOKS_PER_EVICTION && number != POOL_NONE; i++) {
		struct conn *conn = conn_at(ct, number);

		quietest = quieter(quietest, conn, eviction->lives);
		number = conn->queue_next;
	}
	if (quietest && now - last_moved(quietest, eviction->lives) < quiet_min)
		return NULL;
	return quietest;
}

bool conntrack_evict(struct conntrack *ct, const struct eviction *eviction,
		     msec_t now)
{
	struct conn *victim = NULL;

	for (unsigned int evict = EVICT_CLOSED;
	     evict <= eviction->last && !victim; evict++)
		for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
			if (timeout_info[i].evict == evict &&
			    (!eviction->half_open || timeout_info[i].half_open))
				victim = quieter(victim,
						 find_quietest(ct,
							       (enum timeout)i,
							       eviction, now),
						 eviction->lives);
	if (victim)
		conntrack_remove(ct, victim);
	return victim != NULL;
}
