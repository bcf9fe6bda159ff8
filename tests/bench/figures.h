/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures of the benchmarks: several runs of one measurement, and what is
 * printed of them: a line of text for people, and, if the environment variable
 * BENCH_JSON names a file, a line of JSON at its end (see tests/bench/run).
 *
 * Nothing here fails because of a figure; a bound is printed beside it.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RUNS = 5, RUNS_MAX = 32 };

struct runs {
	double values[RUNS_MAX];
	size_t len;
};

void runs_add(struct runs *runs, double value);
double runs_median(const struct runs *runs);
double runs_min(const struct runs *runs);
double runs_max(const struct runs *runs);

struct figure {
	const char *group; /* "engine" */
	const char *name;  /* what was measured */
	const char *unit;
	double at_most;  /* what is required of the median; 0: nothing */
	double at_least; /* the same */
};

/* Ends the program if the file of BENCH_JSON cannot be written. */
void figure_print(const struct figure *figure, const struct runs *runs);
/* Of a single number, as of memory. */
void figure_print_one(const struct figure *figure, double value);

/* Nanoseconds: those of the world, and those that this thread has used. */
uint64_t clock_wall(void);
uint64_t clock_cpu(void);
/* What the latter takes by itself, at the least, and is to be taken off. */
uint64_t clock_cpu_cost(void);

/*
 * How evenly the machine runs: the time of a fixed piece of work, again and
 * again.  A figure whose runs differ by no more than these says no more.
 */
void figure_print_noise(const char *group);

/* To one processor, if there is one; others are left to others. */
void pin_to_cpu(unsigned int cpu);

/* Octets that malloc() has given out. */
size_t memory_used(void);

/* Says what went wrong, and ends the program. */
_Noreturn void give_up(const char *what);

/* What must not go wrong in a benchmark. */
static inline void need(bool holds, const char *what)
{
	if (!holds)
		give_up(what);
}

#endif
