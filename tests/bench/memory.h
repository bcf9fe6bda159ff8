/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limit that memory sets: the lines of a connection table that a packet
 * needs, asked for in the order and in the steps in which the engine does it,
 * and nothing done with them.  No engine that keeps its connections in such
 * memory can be faster than this and its own work together, unless it needs
 * fewer lines.
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct memory;

struct memory *memory_create(size_t conns);
void memory_destroy(struct memory *memory);

/* Nanoseconds for each of @count packets of connections in random order. */
double memory_run(struct memory *memory, size_t count);

#endif
