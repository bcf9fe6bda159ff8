/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine alone costs: packets of established connections, parsed and
 * judged, with few and with many connections, in random order; connections that
 * come, go and expire; memory.
 *
 *	engine                       measures
 *	engine count VERSION CONNS PACKETS   judges so many packets, for a tool
 *	                             that counts instructions (tests/bench/run)
 *
 * Packets are written a batch at a time into the same few buffers, as the
 * kernel delivers them: they are in the cache, the connections are not.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/figures.h"
#include "bench/memory.h"
#include "bench/segments.h"
#include "bench/site.h"

enum { NAME_LEN = 96, PACKETS_MIN = 1 << 19 };

/* What is timed; in nanoseconds. */
struct spent {
	uint64_t wall;
	uint64_t cpu;
};

/* Sends @count packets of connections in random order. */
static struct spent send_packets(struct site *site, size_t count)
{
	struct spent spent = { 0 };
	uint64_t cost = clock_cpu_cost();

	for (size_t i = 0; i < count; i += BATCH) {
		struct spent start;

		segments_write(&site->segments, SEGMENT_DATA);
		start.wall = clock_wall();
		start.cpu = clock_cpu();
		site_judge(site);
		spent.cpu += clock_cpu() - start.cpu - cost;
		spent.wall += clock_wall() - start.wall;
	}
	need(site->dropped == 0, "packets were dropped");
	return spent;
}

static void print(const struct site *site, const char *what, const char *unit,
		  const struct runs *runs, double at_most)
{
	char name[NAME_LEN];
	const struct figure figure = { "engine", name, unit, at_most, 0 };

	(void)snprintf(name, sizeof(name), "IPv%u, %zu connections: %s",
		       site->segments.ipversion, site->segments.conns, what);
	figure_print(&figure, runs);
}

/* All connections of the site, opened by handshakes. */
static void open_all(struct site *site, struct runs *rate)
{
	static const enum segment handshake[] = { SEGMENT_SYN, SEGMENT_SYN_ACK,
						  SEGMENT_ACK };
	size_t conns = site->segments.conns;
	uint64_t cpu = 0;

	for (size_t i = 0; i < conns; i += BATCH)
		for (size_t j = 0; j < 3; j++) {
			uint64_t start;

			segments_from(&site->segments, i);
			segments_write(&site->segments, handshake[j]);
			start = clock_cpu();
			site_judge(site);
			cpu += clock_cpu() - start;
		}
	need(site->dropped == 0, "handshakes were dropped");
	need(engine_stats(site->eng)->conns == conns,
	     "connections are missing");
	segments_shuffle(&site->segments);
	runs_add(rate, 1e9 * (double)conns / (double)cpu);
}

/* Both sides close; in the same order as they were opened. */
static void close_all(struct site *site, struct runs *rate)
{
	static const enum segment close[] = { SEGMENT_FIN, SEGMENT_FIN_ACK,
					      SEGMENT_LAST_ACK };
	size_t conns = site->segments.conns;
	uint64_t cpu = 0;

	for (size_t i = 0; i < conns; i += BATCH)
		for (size_t j = 0; j < 3; j++) {
			uint64_t start;

			segments_from(&site->segments, i);
			segments_write(&site->segments, close[j]);
			start = clock_cpu();
			site_judge(site);
			cpu += clock_cpu() - start;
		}
	need(site->dropped == 0, "closing segments were dropped");
	runs_add(rate, 1e9 * (double)conns / (double)cpu);
}

/* Long after, all of them are over. */
static void expire_all(struct site *site, struct runs *rate)
{
	enum { BUDGET = 4096, LONG = 10 * 24 * 3600 * 1000 };
	size_t expired = 0;
	uint64_t start = clock_cpu();
	size_t conns = engine_stats(site->eng)->conns;

	site->now += LONG;
	while (engine_stats(site->eng)->conns > 0)
		expired += engine_expire(site->eng, site->now, BUDGET);
	need(expired == conns, "connections did not expire");
	runs_add(rate, (double)(clock_cpu() - start) / (double)conns);
}

static void print_lives(const struct site *site, const struct runs *opened,
			const struct runs *closed, const struct runs *expired)
{
	print(site, "set up a second", "/s", opened, 0);
	print(site, "closed a second", "/s", closed, 0);
	print(site, "expiry of one", "ns", expired, 0);
}

/* Connections come and go. */
static void measure_lives(unsigned int version, size_t conns)
{
	struct runs opened = { 0 };
	struct runs closed = { 0 };
	struct runs expired = { 0 };
	static struct site site;

	for (int i = 0; i < RUNS; i++) {
		site_start(&site, version, conns, 1);
		open_all(&site, &opened);
		close_all(&site, &closed);
		expire_all(&site, &expired);
		if (i == RUNS - 1)
			print_lives(&site, &opened, &closed, &expired);
		site_stop(&site);
	}
}

/* What is held against each other, run by run. */
struct subject {
	size_t conns;
	size_t rules;
	double at_most; /* ns a packet; 0: nothing is required */
	struct site site;
	struct runs wall;
	struct runs cpu;
	double memory;
};

static void subject_start(struct subject *s, unsigned int version)
{
	struct runs rate = { 0 };
	size_t before = resident_memory();

	site_start(&s->site, version, s->conns, s->rules);
	open_all(&s->site, &rate);
	/* The order in which they are served is not the engine's. */
	s->memory = (double)(resident_memory() - before) / (double)s->conns -
		    sizeof(s->site.segments.order[0]);
	s->wall = (struct runs){ 0 };
	s->cpu = (struct runs){ 0 };
	(void)send_packets(&s->site, s->conns); /* into the caches */
}

static void subject_run(struct subject *s)
{
	size_t count = s->conns / 4 > PACKETS_MIN ? s->conns / 4 : PACKETS_MIN;
	struct spent spent = send_packets(&s->site, count);

	runs_add(&s->wall, (double)spent.wall / (double)count);
	runs_add(&s->cpu, (double)spent.cpu / (double)count);
}

static void subject_print(const struct subject *s)
{
	struct runs memory = { .values = { s->memory }, .len = 1 };

	print(&s->site,
	      s->rules > 10 ? "a packet, 10,000 rules, processor"
			    : "a packet, processor",
	      "ns", &s->cpu, s->at_most);
	print(&s->site,
	      s->rules > 10 ? "a packet, 10,000 rules, wall" : "a packet, wall",
	      "ns", &s->wall, 0);
	if (s->conns >= 100000 && s->rules <= 10)
		print(&s->site, "memory of one", "octets", &memory,
		      s->conns >= 1000000 ? 256 : 0);
}

/*
 * How the last of them compares to the first; and how it would if the engine
 * did the same work, and memory brought its connections as fast as it can.
 */
static void print_growth(const struct subject *first,
			 const struct subject *last, const struct runs *memory)
{
	struct runs growth = { 0 };
	struct runs limit = { 0 };

	for (size_t i = 0; i < first->cpu.len; i++) {
		double few = first->cpu.values[i];

		runs_add(&growth, last->cpu.values[i] / few);
		runs_add(&limit, (few + memory->values[i]) / few);
	}
	print(&last->site, "10,000 rules, to 1 and 10", "times", &growth, 1.5);
	print(&last->site, "memory of a packet alone", "ns", memory, 0);
	print(&last->site, "with that, to 1 and 10", "times", &limit, 0);
}

static void measure_packets(unsigned int version)
{
	static struct subject subjects[] = {
		{ .conns = 1, .rules = 10 },
		{ .conns = 1000, .rules = 10, .at_most = 60 },
		{ .conns = 100000, .rules = 10 },
		{ .conns = 1000000, .rules = 10, .at_most = 150 },
		{ .conns = 1000000, .rules = 10000 },
	};
	enum { COUNT = sizeof(subjects) / sizeof(subjects[0]) };
	struct memory *memory = memory_create(subjects[COUNT - 1].conns);
	struct runs limit = { 0 };

	for (size_t i = 0; i < COUNT; i++)
		subject_start(&subjects[i], version);
	for (int run = 0; run < RUNS; run++) {
		for (size_t i = 0; i < COUNT; i++)
			subject_run(&subjects[i]);
		runs_add(&limit, memory_run(memory, PACKETS_MIN));
	}
	for (size_t i = 0; i < COUNT; i++)
		subject_print(&subjects[i]);
	print_growth(&subjects[0], &subjects[COUNT - 1], &limit);
	memory_destroy(memory);
	for (size_t i = 0; i < COUNT; i++)
		site_stop(&subjects[i].site);
}

/* As many as the memory has room for. */
static void measure_most(void)
{
	static struct subject s = { .conns = 10000000, .rules = 10 };

	if (memory_available() < 4.0e9) {
		(void)printf("skip engine, 10,000,000 connections: they need "
			     "4 GB of free memory\n");
		return;
	}
	subject_start(&s, 4);
	for (int run = 0; run < RUNS; run++)
		subject_run(&s);
	subject_print(&s);
	site_stop(&s.site);
}

/* For a tool that counts instructions. */
static int count(char *argv[])
{
	static struct site site;
	struct runs rate = { 0 };

	site_start(&site, (unsigned int)strtoul(argv[2], NULL, 10),
		   strtoul(argv[3], NULL, 10), 10);
	open_all(&site, &rate);
	(void)send_packets(&site, strtoul(argv[4], NULL, 10));
	site_stop(&site);
	return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && strcmp(argv[1], "count") == 0)
		return count(argv);
	need(argc == 1, "usage: engine [count VERSION CONNS PACKETS]");
	pin_to_cpu(1);
	figure_print_noise("engine");
	measure_packets(4);
	measure_packets(6);
	measure_most();
	measure_lives(4, 1000000);
	measure_lives(6, 1000000);
	return EXIT_SUCCESS;
}
