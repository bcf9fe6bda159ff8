/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon counts, in the text format of Prometheus.
 *
 * The names and what they mean never change; statewall(8) lists them.  Labels
 * are rules, reasons, tables and queues, never addresses: nobody can make more
 * of them from outside.
 */
#ifndef TOOL_METRICS_H
#define TOOL_METRICS_H

#include <jansson.h>
#include <stdio.h>

/*
 * @told has the parameters of the replies that it is made of: "status", and
 * the lists "tables" and "rules".  What is missing there is left out.
 */
void metrics_print(const json_t *told, FILE *out);

#endif
