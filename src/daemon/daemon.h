/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as a whole: everything is opened, run and closed from here.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "daemon/options.h"

/* As in sysexits.h, where supervisors look them up. */
enum exit_status {
	EXIT_STOPPED = 0,
	EXIT_USAGE = 64,
	EXIT_INTERNAL = 70,
	EXIT_QUEUE_BUSY = 75,    /* another process holds a queue */
	EXIT_NOT_PERMITTED = 77, /* CAP_NET_ADMIN is missing */
	EXIT_NO_POLICY = 78,     /* none that can be used */
};

/* Runs until a signal stops it; what went wrong has been logged. */
enum exit_status daemon_run(const struct options *options);

#endif
