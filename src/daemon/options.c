/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options.
 */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "daemon/compile.h"
#include "policy/queues.h"

enum {
	OPTION_QUEUES = 256,
	OPTION_FOREGROUND,
	OPTION_NO_SANDBOX,
	OPTION_RUNTIME,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION_COMPILE
};

const char options_help[] =
	"usage: statewalld [-c FILE] [-t] [--queues A[-B]] [--no-sandbox]\n"
	"                  [--runtime DIR]\n"
	"\n"
	"  -c FILE         configuration, default "
	"/etc/statewall/statewall.conf\n"
	"  -t              check the configuration and exit\n"
	"  --queues A[-B]  numbers of the queues, instead of those of the "
	"file\n"
	"  --no-sandbox    keep all privileges\n"
	"  --runtime DIR   directory of the sockets, default "
	"/run/statewall\n"
	"  --foreground    has no effect: it always stays there\n"
	"  --version, --help\n"
	"\n"
	"SIGHUP: read the configuration again.  SIGUSR2: log counters and\n"
	"connections.  SIGTERM: stop.  See statewalld(8).\n";

static const struct option long_options[] = {
	{ "queues", required_argument, NULL, OPTION_QUEUES },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX },
	{ "runtime", required_argument, NULL, OPTION_RUNTIME },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ compile_option, required_argument, NULL, OPTION_COMPILE },
	{ 0 },
};

static bool take_queues(struct options *options, const char *text)
{
	options->has_queues = true;
	if (queues_parse(text, &options->queue_first, &options->queue_last) ==
	    QUEUES_OK)
		return true;
	fprintf(stderr,
		"statewalld: --queues %s: write a number from 0 to 65535 or a "
		"range \"0-3\" of at most %d\n",
		text, QUEUES_MAX);
	return false;
}

static bool take_option(struct options *options, int option)
{
	switch (option) {
	case 'c':
		options->path = optarg;
		return true;
	case 't':
		options->task = TASK_CHECK;
		return true;
	case OPTION_QUEUES:
		return take_queues(options, optarg);
	case OPTION_FOREGROUND:
		return true;
	case OPTION_NO_SANDBOX:
		options->no_sandbox = true;
		return true;
	case OPTION_RUNTIME:
		options->runtime = optarg;
		return true;
	case OPTION_VERSION:
		options->task = TASK_VERSION;
		return true;
	case OPTION_HELP:
		options->task = TASK_HELP;
		return true;
	case OPTION_COMPILE:
		options->task = TASK_COMPILE;
		options->path = optarg;
		return true;
	default:
		/* getopt has said what is wrong. */
		fprintf(stderr, "Try \"statewalld --help\".\n");
		return false;
	}
}

bool options_parse(struct options *options, int argc, char *argv[])
{
	int option;

	*options = (struct options){
		.path = "/etc/statewall/statewall.conf",
	};
	while ((option = getopt_long(argc, argv, "c:t", long_options, NULL)) !=
	       -1)
		if (!take_option(options, option))
			return false;
	if (optind == argc)
		return true;
	fprintf(stderr,
		"statewalld: \"%s\" is not expected here; a configuration is "
		"given with -c\nTry \"statewalld --help\".\n",
		argv[optind]);
	return false;
}
