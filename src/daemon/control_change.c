/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes: two lists and two descriptors.
 */
#include "daemon/control_change.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/log.h"

struct list {
	struct change *first;
	struct change **end;
};

struct changes {
	pthread_mutex_t lock; /* of the lists */
	struct list asked;
	struct list done;
	int asked_fd; /* for the main thread */
	int done_fd;  /* for that of the sockets */
	/* The main thread's. */
	struct control_context context;
	struct reload *reload;
	struct event_loop *loop;
	struct change *current;
	bool tables;
};

static void append(struct list *list, struct change *change)
{
	change->next = NULL;
	*list->end = change;
	list->end = &change->next;
}

static struct change *take(struct list *list)
{
	struct change *change = list->first;

	if (!change)
		return NULL;
	list->first = change->next;
	if (!list->first)
		list->end = &list->first;
	return change;
}

/* Adds up; whoever waits for it comes once. */
static void wake(int fd)
{
	const uint64_t one = 1;
	ssize_t len = write(fd, &one, sizeof(one));

	(void)len;
}

static void drain(int fd)
{
	uint64_t count;
	ssize_t len = read(fd, &count, sizeof(count));

	(void)len;
}

static struct change *take_locked(struct changes *changes, struct list *list)
{
	struct change *change;

	pthread_mutex_lock(&changes->lock);
	change = take(list);
	pthread_mutex_unlock(&changes->lock);
	return change;
}

void changes_turn(void *arg)
{
	struct changes *changes = arg;
	struct change *change;

	drain(changes->asked_fd);
	if (changes->current)
		return;
	change = take_locked(changes, &changes->asked);
	if (!change)
		return;
	changes->current = change;
	change->context = &changes->context;
	change->reload = changes->reload;
	change->method->change(change);
}

struct changes *changes_create(const struct control_context *context,
			       struct reload *reload, struct event_loop *loop)
{
	struct changes *changes = calloc(1, sizeof(*changes));

	if (!changes)
		return NULL;
	pthread_mutex_init(&changes->lock, NULL);
	changes->asked.end = &changes->asked.first;
	changes->done.end = &changes->done.first;
	changes->context = *context;
	changes->reload = reload;
	changes->asked_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	changes->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (changes->asked_fd >= 0 && changes->done_fd >= 0 &&
	    event_add_fd(loop, changes->asked_fd, changes_turn, changes) == 0) {
		changes->loop = loop;
		return changes;
	}
	changes_destroy(changes);
	return NULL;
}

void change_destroy(struct change *change)
{
	if (!change)
		return;
	json_decref(change->parameters);
	json_decref(change->reply);
	free(change);
}

static void destroy_list(struct list *list)
{
	struct change *change;

	while ((change = take(list)))
		change_destroy(change);
}

void changes_destroy(struct changes *changes)
{
	if (!changes)
		return;
	if (changes->loop)
		event_remove_fd(changes->loop, changes->asked_fd);
	destroy_list(&changes->asked);
	destroy_list(&changes->done);
	change_destroy(changes->current);
	if (changes->asked_fd >= 0)
		(void)close(changes->asked_fd);
	if (changes->done_fd >= 0)
		(void)close(changes->done_fd);
	pthread_mutex_destroy(&changes->lock);
	free(changes);
}

bool changes_of_tables(struct changes *changes)
{
	bool changed = changes && changes->tables;

	if (changed)
		changes->tables = false;
	return changed;
}

void changes_note_tables(struct changes *changes)
{
	changes->tables = true;
}

void change_finish(struct change *change, json_t *reply)
{
	struct changes *changes = change->changes;

	change->reply = reply;
	changes->current = NULL;
	pthread_mutex_lock(&changes->lock);
	append(&changes->done, change);
	pthread_mutex_unlock(&changes->lock);
	wake(changes->done_fd);
	/* There may be another one. */
	wake(changes->asked_fd);
}

void change_log(const struct change *change, const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	log_info("%s: by %s", what, change->peer.text);
}

bool changes_put(struct changes *changes, const struct control_method *method,
		 json_t *parameters, const struct control_peer *peer,
		 uint64_t client)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change) {
		json_decref(parameters);
		return false;
	}
	change->method = method;
	change->parameters = parameters;
	change->peer = *peer;
	change->changes = changes;
	change->client = client;
	pthread_mutex_lock(&changes->lock);
	append(&changes->asked, change);
	pthread_mutex_unlock(&changes->lock);
	wake(changes->asked_fd);
	return true;
}

int changes_fd(const struct changes *changes)
{
	return changes->done_fd;
}

struct change *changes_collect(struct changes *changes)
{
	drain(changes->done_fd);
	return take_locked(changes, &changes->done);
}
