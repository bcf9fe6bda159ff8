/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ssh session: sshd(8) tells its shell of it in SSH_CONNECTION.  sudo and su
 * drop the variable, but the processes above them still have it.
 */
#include "tool/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ENVIRON_LEN = 256 * 1024, /* more is not looked at */
	STAT_LEN = 1024,
	ANCESTORS_MAX = 64,
};

static const char variable[] = "SSH_CONNECTION=";

bool session_in_environ(const char *vars, size_t len, char text[SESSION_LEN])
{
	const size_t name_len = sizeof(variable) - 1;

	while (len > 0) {
		size_t entry = strnlen(vars, len);
		size_t skip = entry < len ? entry + 1 : entry;

		if (entry > name_len && entry - name_len < SESSION_LEN &&
		    memcmp(vars, variable, name_len) == 0) {
			memcpy(text, vars + name_len, entry - name_len);
			text[entry - name_len] = '\0';
			return true;
		}
		vars += skip;
		len -= skip;
	}
	return false;
}

pid_t session_parent(const char *stat)
{
	/* proc(5): the name may have anything in it, even ")". */
	const char *behind = strrchr(stat, ')');
	char state;
	int parent;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes it. */
	if (!behind || sscanf(behind, ") %c %d", &state, &parent) != 2)
		return 0;
	return parent > 0 ? parent : 0;
}

/* How much of it was read: 0 if it may not be. */
static size_t read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	size_t len = 0;
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (len < size && (got = read(fd, text + len, size - len)) > 0)
		len += (size_t)got;
	(void)close(fd);
	return len;
}

static pid_t parent_of(pid_t pid)
{
	char stat[STAT_LEN];
	size_t len = read_proc(pid, "stat", stat, sizeof(stat) - 1);

	stat[len] = '\0';
	return session_parent(stat);
}

static bool find_above(char text[SESSION_LEN])
{
	char *vars = malloc(ENVIRON_LEN);
	pid_t pid = getppid();
	bool found = false;

	if (!vars)
		return false;
	for (int i = 0; i < ANCESTORS_MAX && pid > 0 && !found; i++) {
		size_t len = read_proc(pid, "environ", vars, ENVIRON_LEN);

		found = session_in_environ(vars, len, text);
		pid = parent_of(pid);
	}
	free(vars);
	return found;
}

static bool find(char text[SESSION_LEN])
{
	const char *own = getenv("SSH_CONNECTION");

	if (!own || !*own)
		return find_above(text);
	(void)snprintf(text, SESSION_LEN, "%s", own);
	return true;
}

json_t *session_find(void)
{
	char text[SESSION_LEN];

	return find(text) ? json_string(text) : json_null();
}

json_t *session_address(void)
{
	char text[SESSION_LEN];

	if (!find(text))
		return json_null();
	return json_stringn(text, strcspn(text, " "));
}
