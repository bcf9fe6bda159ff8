/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages for the administrator: on standard error, with the level in front
 * if that is the journal's.
 *
 * Called from the main thread, never from the path of packets.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#define LOG_FORMAT __attribute__((format(printf, 1, 2)))

LOG_FORMAT void log_error(const char *format, ...);
LOG_FORMAT void log_warn(const char *format, ...);
LOG_FORMAT void log_info(const char *format, ...);

#endif
