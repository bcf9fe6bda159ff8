/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: one request at a time, in the order in which they came.
 */
#include "daemon/control_session.h"

#include <stdlib.h>

#include "daemon/control.h"
#include "daemon/control_peer.h"

enum { STEPS = 64 }; /* replies of a stream, and then others have their turn */

struct session {
	struct client *client;
	uint64_t serial;
	bool may_change;
	bool ends; /* the client says no more, or nothing of use */
	/* The request that is being answered; .method is NULL: none. */
	const struct control_method *method;
	struct control_request request;
	struct control_call call;
	struct session_server *server; /* whose stream it is */
	bool has_news;
};

struct session *session_create(const struct session_params *params)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->client = client_create(params->fd, params->now);
	if (!session->client) {
		free(session);
		return NULL;
	}
	session->serial = params->serial;
	session->may_change = params->may_change;
	return session;
}

int session_fd(const struct session *session)
{
	return client_fd(session->client);
}

uint64_t session_serial(const struct session *session)
{
	return session->serial;
}

/* A stream is over, whether to its end or not. */
static void end_stream(struct session *session)
{
	if (!session->server)
		return;
	session->method->end(&session->call);
	session->server->streams--;
	session->server = NULL;
}

/* The request is answered. */
static void end_request(struct session *session, msec_t now)
{
	end_stream(session);
	session->method = NULL;
	session->has_news = false;
	control_request_fini(&session->request);
	client_next(session->client, now);
}

void session_destroy(struct session *session)
{
	if (!session)
		return;
	end_stream(session);
	control_request_fini(&session->request);
	client_destroy(session->client);
	free(session);
}

/* Takes @message; who wants no answer gets none. */
static void say(struct session *session, json_t *message, msec_t now)
{
	if (session->request.oneway)
		json_decref(message);
	else if (!client_say(session->client, message, now))
		session->ends = true;
}

void session_answer(struct session *session, json_t *reply, msec_t now)
{
	say(session, reply, now);
	end_request(session, now);
}

static json_t *begin_stream(struct session *session,
			    struct session_server *server)
{
	json_t *error;

	if (!session->request.more)
		return control_refuse(CONTROL_EXPECTED_MORE,
				      "there is more than one reply: say "
				      "\"more\":true");
	if (server->streams == CONTROL_STREAMS_MAX)
		return control_refuse(
			"Busy", "too many ask for long answers: try again "
				"in a moment");
	error = session->method->begin(&session->call);
	if (error)
		return error;
	session->server = server;
	server->streams++;
	return NULL;
}

static json_t *begin_change(struct session *session,
			    struct session_server *server)
{
	struct control_peer peer;
	json_t *parameters = session->request.parameters;

	if (!session->may_change)
		return control_refuse("NotAllowed",
				      "this is asked for at control.sock");
	peer = control_peer_of(session_fd(session));
	session->request.parameters = NULL;
	if (!changes_put(server->changes, session->method, parameters, &peer,
			 session->serial))
		return control_refuse("NoMemory", "no memory");
	return NULL;
}

/* An answer that is complete, or NULL: there will be one. */
static json_t *begin_method(struct session *session,
			    struct session_server *server)
{
	const struct control_method *method =
		control_method_find(session->request.method);

	if (!method)
		return control_error(CONTROL_METHOD_NOT_FOUND,
				     json_pack("{s:s}", "method",
					       session->request.method));
	session->method = method;
	session->call = (struct control_call){
		.context = server->context,
		.rates = server->rates,
		.counts = server->counts,
		.parameters = session->request.parameters,
	};
	if (method->change)
		return begin_change(session, server);
	if (method->begin)
		return begin_stream(session, server);
	/* It may be an error itself. */
	return method->answer(&session->call);
}

/* What .answer returns are parameters, unless it is an error. */
static json_t *as_reply(json_t *message)
{
	if (json_object_get(message, "error"))
		return message;
	return control_reply(message, false);
}

static void begin_request(struct session *session,
			  struct session_server *server, msec_t now)
{
	json_t *error = NULL;
	json_t *answer;
	const char *text;
	size_t len;

	text = client_request(session->client, &len);
	atomic_fetch_add(&server->counts->served, 1);
	if (!control_request_read(&session->request, text, len, &error)) {
		say(session, error, now);
		client_next(session->client, now);
		return;
	}
	answer = begin_method(session, server);
	if (answer)
		session_answer(session, as_reply(answer), now);
	else if (!session->method || session->method->answer)
		session->ends = true; /* no memory */
}

/* Some replies of a stream. */
static void continue_stream(struct session *session, msec_t now)
{
	session->has_news = false;
	for (int i = 0; i < STEPS && !session->ends; i++) {
		json_t *parameters;

		if (client_is_full(session->client))
			return;
		parameters = session->method->next(&session->call);
		if (session->call.last) {
			session_answer(session,
				       control_reply(parameters, false), now);
			return;
		}
		if (parameters)
			say(session, control_reply(parameters, true), now);
		else if (session->call.waits)
			session->has_news = true;
		if (session->has_news)
			return;
	}
}

static void read_input(struct session *session, struct session_server *server,
		       msec_t now)
{
	switch (client_read(session->client, now)) {
	case CLIENT_NOTHING:
		break;
	case CLIENT_REQUEST:
		begin_request(session, server, now);
		break;
	case CLIENT_TOO_LONG:
		say(session,
		    control_refuse("InvalidRequest",
				   "a request has at most %d octets",
				   CONTROL_REQUEST_MAX),
		    now);
		session->ends = true;
		break;
	case CLIENT_END:
		session->ends = true;
		break;
	}
}

bool session_move(struct session *session, struct session_server *server,
		  msec_t now)
{
	if (session_wants_input(session))
		read_input(session, server, now);
	if (session->server)
		continue_stream(session, now);
	if (!client_write(session->client, now))
		return false;
	return !session->ends || client_has_output(session->client);
}

bool session_wants_input(const struct session *session)
{
	return !session->method && !session->ends &&
	       !client_is_full(session->client);
}

bool session_wants_output(const struct session *session)
{
	/* A request that was read already makes no descriptor readable. */
	if (session_wants_input(session) && client_has_request(session->client))
		return true;
	return client_has_output(session->client) ||
	       (session->server && !session->has_news);
}

bool session_is_busy(const struct session *session)
{
	return session->method != NULL;
}

bool session_has_news(const struct session *session)
{
	return session->has_news;
}

bool session_is_idle(const struct session *session, msec_t *since)
{
	if (session->method || client_has_output(session->client))
		return false;
	if (since)
		*since = client_idle_since(session->client);
	return true;
}

bool session_is_overdue(const struct session *session, msec_t now)
{
	bool is_busy = session->method != NULL;

	return client_check(session->client, is_busy, now) != CLIENT_FINE;
}
