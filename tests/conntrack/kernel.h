/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_conntrack as a judge: a router in a network namespace of its own, between
 * two tun devices.
 *
 * What is written to one device passes through the stack and stands in the
 * queue of the other one when write(2) returns, or never comes.  So there is
 * nothing to wait for.
 */
#ifndef CONNTRACK_KERNEL_H
#define CONNTRACK_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "conntrack/terms.h"

struct kernel;

/*
 * Moves the process into a new network namespace and makes it that router, with
 * all of struct terms false.  NULL: @why says what this machine lacks.  What
 * goes wrong after that ends the program.
 */
struct kernel *kernel_create(const char **why);
void kernel_destroy(struct kernel *kernel);

/* From the next packet on. */
void kernel_set_terms(struct kernel *kernel, const struct terms *terms);

/*
 * The packet comes in from inside, or from outside; whether it goes out again,
 * unchanged but for its hop limit.
 */
bool kernel_forwards(struct kernel *kernel, bool from_inside,
		     const uint8_t *packet, size_t len);

#endif
