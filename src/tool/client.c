/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of the control sockets.
 */
#include "tool/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/usage.h"

static enum exit_status tell_unreachable(const char *path, bool changes)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		complain("%s: not permitted: be root or in group %s", path,
			 changes ? "statewall-admin" : "statewall");
		return EXIT_NOT_PERMITTED;
	case ENOENT:
	case ECONNREFUSED:
		complain("%s: no daemon answers: \"systemctl start "
			 "statewalld\" starts it",
			 path);
		return EXIT_NO_DAEMON;
	default:
		complain("%s: %s", path, strerror(errno));
		return EXIT_NO_DAEMON;
	}
}

/* NULL: it has been told, and *@status is set. */
static FILE *open_socket(const struct question *question,
			 enum exit_status *status)
{
	const char *runtime =
		question->runtime ? question->runtime : "/run/statewall";
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *stream = NULL;

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", runtime,
		       question->changes ? "control.sock" : "monitor.sock");
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		stream = fdopen(fd, "r+");
	if (stream)
		return stream;
	*status = tell_unreachable(addr.sun_path, question->changes);
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static bool send_request(FILE *stream, const struct question *question)
{
	char method[64];
	json_t *request;
	bool ok;

	(void)snprintf(method, sizeof(method), "io.statewall.%s",
		       question->method);
	request = json_pack("{s:s, s:b, s:o}", "method", method, "more",
			    question->more, "parameters",
			    question->parameters ? question->parameters
						 : json_object());
	ok = request && json_dumpf(request, stream, JSON_COMPACT) == 0 &&
	     fputc('\n', stream) != EOF && fflush(stream) == 0;
	json_decref(request);
	return ok;
}

static enum exit_status tell_error(const char *error, const json_t *parameters)
{
	static const struct {
		const char *error;
		enum exit_status status;
	} statuses[] = {
		{ "io.statewall.NotAllowed", EXIT_NOT_PERMITTED },
		{ "io.statewall.Guarded", EXIT_GUARDED },
		{ "org.varlink.service.InvalidParameter", EXIT_USAGE },
	};
	const char *message =
		json_string_value(json_object_get(parameters, "message"));
	const char *text;
	json_t *diagnostic;
	size_t i;

	json_array_foreach(json_object_get(parameters, "diagnostics"), i,
			   diagnostic)
	{
		text = json_string_value(json_object_get(diagnostic, "text"));
		fprintf(stderr, "%s\n", text ? text : "");
	}
	complain("%s", message ? message : error);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(statuses[i].error, error) == 0)
			return statuses[i].status;
	return EXIT_NO;
}

/* One reply; false: there are no more. */
static bool take_reply(const struct question *question, const json_t *reply,
		       enum exit_status *status)
{
	const json_t *parameters = json_object_get(reply, "parameters");
	const char *error = json_string_value(json_object_get(reply, "error"));
	bool continues = json_is_true(json_object_get(reply, "continues"));

	if (error)
		*status = tell_error(error, parameters);
	else if (continues || !question->more)
		*status = question->take(parameters, question->arg);
	return continues;
}

static enum exit_status take_replies(FILE *stream,
				     const struct question *question)
{
	enum exit_status status = EXIT_DONE;
	bool continues = true;
	char *line = NULL;
	size_t size = 0;

	while (continues) {
		json_t *reply;

		if (getline(&line, &size, stream) < 0) {
			complain("the daemon hung up before it had answered");
			status = EXIT_NO_DAEMON;
			break;
		}
		reply = json_loads(line, 0, NULL);
		if (!reply) {
			complain("the daemon answers what is no JSON");
			status = EXIT_INTERNAL;
			break;
		}
		continues = take_reply(question, reply, &status);
		json_decref(reply);
	}
	free(line);
	return status;
}

enum exit_status client_ask(const struct question *question)
{
	enum exit_status status = EXIT_INTERNAL;
	FILE *stream = open_socket(question, &status);

	if (!stream) {
		json_decref(question->parameters);
		return status;
	}
	if (send_request(stream, question)) {
		status = take_replies(stream, question);
	} else {
		complain("the daemon does not take the request");
		status = EXIT_NO_DAEMON;
	}
	(void)fclose(stream);
	return status;
}
