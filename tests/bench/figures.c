/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures, clocks and processors.
 */
#include "bench/figures.h"

#include <jansson.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

_Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "bench: %s\n", what);
	exit(EXIT_FAILURE);
}

void runs_add(struct runs *runs, double value)
{
	need(runs->len < RUNS_MAX, "too many runs");
	runs->values[runs->len++] = value;
}

static int compare_values(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

static double rank(const struct runs *runs, size_t place)
{
	double sorted[RUNS_MAX];

	need(runs->len > 0, "no runs");
	memcpy(sorted, runs->values, sizeof(sorted));
	qsort(sorted, runs->len, sizeof(sorted[0]), compare_values);
	return sorted[place];
}

double runs_median(const struct runs *runs)
{
	return rank(runs, runs->len / 2);
}

double runs_min(const struct runs *runs)
{
	return rank(runs, 0);
}

double runs_max(const struct runs *runs)
{
	return rank(runs, runs->len - 1);
}

/* "yes", "NO", or nothing if nothing is required. */
static const char *is_reached(const struct figure *figure, double median)
{
	if (figure->at_most == 0 && figure->at_least == 0)
		return "";
	if (figure->at_most > 0 && median > figure->at_most)
		return "NO";
	if (figure->at_least > 0 && median < figure->at_least)
		return "NO";
	return "yes";
}

static void print_text(const struct figure *figure, const struct runs *runs)
{
	char bound[32] = "";

	if (figure->at_most > 0)
		(void)snprintf(bound, sizeof(bound), "<= %g", figure->at_most);
	if (figure->at_least > 0)
		(void)snprintf(bound, sizeof(bound), ">= %g", figure->at_least);
	(void)printf("%-8s %-50s %10.4g %-9s %9.4g %9.4g  %-8s %s\n",
		     figure->group, figure->name, runs_median(runs),
		     figure->unit, runs_min(runs), runs_max(runs), bound,
		     is_reached(figure, runs_median(runs)));
	(void)fflush(stdout);
}

static void print_json(const struct figure *figure, const struct runs *runs)
{
	const char *path = getenv("BENCH_JSON");
	FILE *file;
	json_t *object;

	if (!path)
		return;
	object = json_pack("{ss ss ss sf sf sf si}", "group", figure->group,
			   "name", figure->name, "unit", figure->unit, "median",
			   runs_median(runs), "min", runs_min(runs), "max",
			   runs_max(runs), "runs", (int)runs->len);
	need(object != NULL, "no memory");
	if (figure->at_most > 0)
		json_object_set_new(object, "at_most",
				    json_real(figure->at_most));
	if (figure->at_least > 0)
		json_object_set_new(object, "at_least",
				    json_real(figure->at_least));
	file = fopen(path, "a");
	need(file &&
		     json_dumpf(object, file,
				JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0 &&
		     fputc('\n', file) != EOF,
	     "the file that BENCH_JSON names cannot be written");
	(void)fclose(file);
	json_decref(object);
}

void figure_print(const struct figure *figure, const struct runs *runs)
{
	print_text(figure, runs);
	print_json(figure, runs);
}

void figure_print_one(const struct figure *figure, double value)
{
	const struct runs runs = { .values = { value }, .len = 1 };

	figure_print(figure, &runs);
}

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec ts;

	need(clock_gettime(clock, &ts) == 0, "there is no such clock");
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t clock_wall(void)
{
	return nanoseconds(CLOCK_MONOTONIC);
}

uint64_t clock_cpu(void)
{
	return nanoseconds(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t clock_cpu_cost(void)
{
	static uint64_t cost;

	for (int i = 0; i < 1000; i++) {
		uint64_t start = clock_cpu();
		uint64_t spent = clock_cpu() - start;

		if (cost == 0 || spent < cost)
			cost = spent;
	}
	return cost;
}

/* A chain of multiplications: nothing of it can be done at once, or ahead. */
static void work(void)
{
	volatile uint64_t sink;
	uint64_t x = 1;

	for (int i = 0; i < 1000000; i++)
		x = x * 6364136223846793005U + 1442695040888963407U;
	sink = x;
	(void)sink;
}

void figure_print_noise(const char *group)
{
	const struct figure wall = { group,
				     "noise: a fixed piece of work, wall", "ms",
				     0, 0 };
	const struct figure cpu = { group, "noise: the same, processor", "ms",
				    0, 0 };
	struct runs by_wall = { 0 };
	struct runs by_cpu = { 0 };

	for (int i = 0; i < RUNS_MAX; i++) {
		uint64_t wall_start = clock_wall();
		uint64_t cpu_start = clock_cpu();

		work();
		runs_add(&by_cpu, (double)(clock_cpu() - cpu_start) / 1e6);
		runs_add(&by_wall, (double)(clock_wall() - wall_start) / 1e6);
	}
	figure_print(&wall, &by_wall);
	figure_print(&cpu, &by_cpu);
}

void pin_to_cpu(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

size_t memory_used(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
