/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and replies of the control sockets: objects of JSON in the shape that
 * Varlink gives them, one a line.
 *
 *	{"method":"io.statewall.Status","parameters":{}}
 *	{"parameters":{...}}
 *	{"error":"io.statewall.NotFound","parameters":{"message":"..."}}
 *
 * A request with "more" may have several replies; all but the last have
 * "continues".
 */
#ifndef DAEMON_CONTROL_MESSAGE_H
#define DAEMON_CONTROL_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	CONTROL_REQUEST_MAX = 64 * 1024, /* octets, without what ends it */
	CONTROL_DEPTH_MAX = 8,           /* of objects and lists */
	CONTROL_NAME_LEN = 64,
};

struct control_request {
	char method[CONTROL_NAME_LEN];
	json_t *parameters; /* an object; owned */
	bool more;
	bool oneway; /* nobody waits for a reply */
};

/*
 * false: *@error is an error reply, which the caller owns (NULL: no memory),
 * and @request is untouched.
 */
bool control_request_read(struct control_request *request, const char *text,
			  size_t len, json_t **error);
void control_request_fini(struct control_request *request);

/* The following take @parameters; NULL: no memory. */
json_t *control_reply(json_t *parameters, bool continues);
/* @name without a dot is one of ours. */
json_t *control_error(const char *name, json_t *parameters);
/* An error with a sentence, printf-like. */
__attribute__((format(printf, 2, 3))) json_t *
control_refuse(const char *name, const char *format, ...);

/* Errors of Varlink's own. */
#define CONTROL_METHOD_NOT_FOUND  "org.varlink.service.MethodNotFound"
#define CONTROL_INVALID_PARAMETER "org.varlink.service.InvalidParameter"
#define CONTROL_EXPECTED_MORE     "org.varlink.service.ExpectedMore"

/* What the names of our methods and errors begin with. */
#define CONTROL_INTERFACE "io.statewall."

/* A string, or null for NULL; octets that are no UTF-8 become '?'. */
json_t *control_text(const char *text);

#endif
