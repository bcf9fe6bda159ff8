/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main thread's loop: descriptors, signals and one timer, each with a
 * handler.  It never sees a packet.
 */
#ifndef DAEMON_EVENT_H
#define DAEMON_EVENT_H

#include "engine/timeout.h"

struct event_loop;

typedef void event_handler(void *arg);

struct event_loop *event_loop_create(void); /* NULL: errno says why */
/*
 * Signals that were handled are as they were before, but for those that came
 * and were not handled: they are forgotten.
 */
void event_loop_destroy(struct event_loop *loop);

/*
 * Each returns 0 or -errno.  @fd belongs to the caller, who takes it out before
 * closing it.  A signal that has a handler is blocked in this thread and in
 * those that it starts from then on.  @interval: milliseconds.
 */
int event_add_fd(struct event_loop *loop, int fd, event_handler *handler,
		 void *arg);
void event_remove_fd(struct event_loop *loop, int fd);
int event_add_signal(struct event_loop *loop, int signal,
		     event_handler *handler, void *arg);
int event_set_timer(struct event_loop *loop, msec_t interval,
		    event_handler *handler, void *arg);

/* Returns 0 after event_loop_stop(), or -errno. */
int event_loop_run(struct event_loop *loop);
void event_loop_stop(struct event_loop *loop); /* for handlers */

#endif
