/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients.  A request ends with a newline or with NUL, and so do its replies:
 * with NUL that is what Varlink says.
 */
#include "daemon/control_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/control_message.h"

enum { TAKEN_MIN = 4096 }; /* octets in CLIENT_TIME_LIMIT */

struct client {
	int fd;
	char *input; /* of CONTROL_REQUEST_MAX + 1 octets */
	size_t input_len;
	size_t searched;    /* for the end of a request */
	size_t request_len; /* of the request at its beginning, if .has_it */
	bool has_it;
	char end; /* of that request */
	char *output;
	size_t output_len;
	size_t output_sent;
	size_t output_size;
	msec_t idle_since;    /* no request is begun */
	msec_t begun;         /* when the first octet of one came */
	msec_t blocked_since; /* when the reader last took a good deal */
	size_t taken;         /* since then */
};

struct client *client_create(int fd, msec_t now)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->input = malloc(CONTROL_REQUEST_MAX + 1);
	if (!client->input) {
		free(client);
		return NULL;
	}
	client->fd = fd;
	client->end = '\n';
	client->idle_since = now;
	return client;
}

void client_destroy(struct client *client)
{
	if (!client)
		return;
	(void)close(client->fd);
	free(client->input);
	free(client->output);
	free(client);
}

int client_fd(const struct client *client)
{
	return client->fd;
}

static bool find_end(struct client *client)
{
	for (; client->searched < client->input_len; client->searched++) {
		char c = client->input[client->searched];

		if (c != '\n' && c != '\0')
			continue;
		client->end = c;
		client->request_len = client->searched;
		client->has_it = true;
		return true;
	}
	return false;
}

bool client_has_request(struct client *client)
{
	return client->has_it || find_end(client);
}

enum client_input client_read(struct client *client, msec_t now)
{
	size_t before = client->input_len;
	ssize_t len;

	if (client_has_request(client))
		return CLIENT_REQUEST;
	if (before > CONTROL_REQUEST_MAX)
		return CLIENT_TOO_LONG;
	len = recv(client->fd, client->input + before,
		   CONTROL_REQUEST_MAX + 1 - before, 0);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return CLIENT_NOTHING;
	if (len <= 0)
		return CLIENT_END;
	if (before == 0)
		client->begun = now;
	client->input_len += (size_t)len;
	if (find_end(client))
		return CLIENT_REQUEST;
	return client->input_len > CONTROL_REQUEST_MAX ? CLIENT_TOO_LONG
						       : CLIENT_NOTHING;
}

const char *client_request(const struct client *client, size_t *len)
{
	*len = client->request_len;
	return client->input;
}

void client_next(struct client *client, msec_t now)
{
	size_t skip = client->request_len + 1;

	client->input_len -= skip;
	memmove(client->input, client->input + skip, client->input_len);
	client->has_it = false;
	client->searched = 0;
	client->idle_since = client->begun = now;
}

/* What was sent makes room. */
static bool make_room(struct client *client, size_t len)
{
	size_t rest = client->output_len - client->output_sent;
	char *larger;

	if (client->output_sent > 0)
		memmove(client->output, client->output + client->output_sent,
			rest);
	client->output_sent = 0;
	client->output_len = rest;
	if (rest + len <= client->output_size)
		return true;
	larger = realloc(client->output, 2 * (rest + len));
	if (!larger)
		return false;
	client->output = larger;
	client->output_size = 2 * (rest + len);
	return true;
}

bool client_say(struct client *client, json_t *message, msec_t now)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) + 1 : 0;
	bool ok = text && make_room(client, len);

	json_decref(message);
	if (ok) {
		if (!client_has_output(client))
			client->blocked_since = now;
		/* The NUL is part of it, or makes way for the newline. */
		text[len - 1] = client->end;
		memcpy(client->output + client->output_len, text, len);
		client->output_len += len;
	}
	free(text);
	return ok;
}

bool client_write(struct client *client, msec_t now)
{
	size_t rest = client->output_len - client->output_sent;
	ssize_t len;

	if (rest == 0)
		return true;
	len = send(client->fd, client->output + client->output_sent, rest,
		   MSG_NOSIGNAL | MSG_DONTWAIT);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR;
	client->output_sent += (size_t)len;
	client->taken += (size_t)len;
	/* An octet now and then is not reading. */
	if (client->taken >= TAKEN_MIN || !client_has_output(client)) {
		client->blocked_since = now;
		client->taken = 0;
	}
	if (!client_has_output(client))
		client->idle_since = now;
	return true;
}

bool client_has_output(const struct client *client)
{
	return client->output_len > client->output_sent;
}

bool client_is_full(const struct client *client)
{
	return client->output_len - client->output_sent >= CLIENT_OUTPUT_FULL;
}

enum client_fault client_check(const struct client *client, bool is_busy,
			       msec_t now)
{
	if (client_has_output(client) &&
	    now - client->blocked_since >= CLIENT_TIME_LIMIT)
		return CLIENT_SLOW_READER;
	if (is_busy || client_has_output(client))
		return CLIENT_FINE;
	if (client->input_len > 0 && now - client->begun >= CLIENT_TIME_LIMIT)
		return CLIENT_SLOW_WRITER;
	if (client->input_len == 0 &&
	    now - client->idle_since >= CLIENT_IDLE_LIMIT)
		return CLIENT_IDLE;
	return CLIENT_FINE;
}

msec_t client_idle_since(const struct client *client)
{
	return client->idle_since;
}
