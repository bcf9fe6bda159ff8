/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages, one line each, written at once so that lines never mix.
 */
#include "daemon/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/*
 * systemd.exec(5): the variable names the stream, by device and inode, as who
 * inherits it may write to another one.
 */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char name[64];

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	(void)snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	return strcmp(name, stream) == 0;
}

__attribute__((format(printf, 2, 0))) static void
write_line(const char *level, const char *format, va_list args)
{
	char line[1024];
	int len = vsnprintf(line, sizeof(line), format, args);

	if (len < 0)
		return;
	/* sd-daemon(3): the journal takes the level from the line. */
	fprintf(stderr, "%s%s\n", is_journal() ? level : "", line);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(SD_ERR, format, args);
	va_end(args);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(SD_WARNING, format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(SD_INFO, format, args);
	va_end(args);
}
