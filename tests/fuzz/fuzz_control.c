/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any octets as what a client of the control socket says, one piece at a time.
 *
 * Whatever it is, each reply is an object of JSON on a line of its own, or ended
 * by NUL, with "parameters" and, if it is none of a stream's, to one request.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/control_rates.h"
#include "daemon/control_session.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 640, TURNS = 200, RECEIVED_MAX = 1 << 20 };

static const char policy_text[] =
	"version = 1;\n"
	"zones = { lan = { interfaces = [ \"lan0\" ]; }; };\n"
	"tables = {\n"
	"  bad = { dynamic = true; block = true; max_entries = 8; };\n"
	"  admins = { entries = [ \"198.51.100.20\" ]; never_block = true; };\n"
	"};\n"
	"rules = ( { name = \"web\"; action = \"accept\"; dport = \"443\"; "
	"proto = \"tcp\"; from = \"lan\"; } );\n";

static struct control_context context;
static struct control_rates rates;
static struct control_counts counts;
static struct changes *changes;
static struct event_loop *loop;
static char received[RECEIVED_MAX];

static void prepare(void)
{
	static const struct hash_key key = { 3, 5 };
	struct diagnostics diags = { 0 };
	struct policy *policy = policy_parse(
		policy_text, sizeof(policy_text) - 1, "fuzz", &diags);

	if (!policy)
		diagnostics_print(&diags, stderr);
	assert(policy);
	loop = event_loop_create();
	assert(loop);
	context.dataplane = dataplane_create(
		ROOM, &key, policy_take_rules(policy), clock_now());
	assert(context.dataplane);
	context.inforce = inforce_create(context.dataplane, policy, false);
	context.path = "/etc/statewall/statewall.conf";
	changes = changes_create(&context, NULL, loop);
	assert(context.inforce && changes);
}

/* It reads files, in a process of its own. */
static bool is_reload(const uint8_t *data, size_t size)
{
	struct control_request request;
	bool found = false;

	for (size_t i = 0; i < size && !found;) {
		const uint8_t *start = data + i;
		json_t *error = NULL;
		size_t len = 0;

		while (i + len < size && start[len] != '\n' && start[len])
			len++;
		i += len + 1;
		if (!control_request_read(&request, (const char *)start, len,
					  &error)) {
			json_decref(error);
			continue;
		}
		found = strstr(request.method, "Reload") != NULL;
		control_request_fini(&request);
	}
	return found;
}

static void check_replies(size_t len)
{
	char *line = received;

	while (line < received + len) {
		size_t end = strcspn(line, "\n");
		json_t *reply = json_loadb(line, end, 0, NULL);

		assert(line + end < received + len);
		assert(json_is_object(json_object_get(reply, "parameters")));
		json_decref(reply);
		line += end + 1;
	}
}

/* Both threads in turn, until nothing moves. */
static void converse(struct session *session, struct session_server *server,
		     int other)
{
	size_t len = 0;
	bool goes_on = true;

	for (int i = 0; i < TURNS && goes_on; i++) {
		struct change *change;
		ssize_t more;

		goes_on = session_move(session, server, i);
		changes_turn(changes);
		while ((change = changes_collect(changes))) {
			session_answer(session, change->reply, i);
			change->reply = NULL;
			change_destroy(change);
		}
		more = recv(other, received + len, RECEIVED_MAX - 1 - len,
			    MSG_DONTWAIT);
		len += more > 0 ? (size_t)more : 0;
	}
	received[len] = '\0';
	while (len > 0 && received[len - 1] != '\n' && received[len - 1])
		len--;
	check_replies(len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_server server = { .context = &context,
					 .rates = &rates,
					 .counts = &counts };
	struct session_params params = { .serial = 1, .may_change = true };
	struct session *session;
	int fds[2];

	if (!context.inforce)
		prepare();
	if (is_reload(data, size))
		return 0;
	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	server.changes = changes;
	params.fd = fds[0];
	session = session_create(&params);
	assert(session);
	(void)send(fds[1], data, size, MSG_NOSIGNAL);
	(void)shutdown(fds[1], SHUT_WR);
	converse(session, &server, fds[1]);
	session_destroy(session);
	(void)close(fds[1]);
	return 0;
}
