/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules cost: looking one up, building the index, and the memory it takes,
 * by the number of rules, and beside it what asking them in turn costs.
 *
 *	rules                      measures
 *	rules conf FAMILY N        prints N rules as a configuration of ours,
 *	rules nft FAMILY N         of nftables,
 *	rules iptables FAMILY N    of iptables-restore
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/classbench.h"
#include "bench/figures.h"
#include "bench/rules_print.h"
#include "engine/ruleset.h"

enum {
	SEED = 20,
	BATCH = 256,
	PACKETS = 1 << 15, /* different ones, as new connections are */
	LINEAR_MAX = 1000, /* rules, with which the scan is measured */
	NAME_LEN = 64,
};

static const size_t sizes[] = { 10, 100, 1000, 10000, 100000 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static const struct moment when = { 0 };

static void add_match(struct ruleset *rules, struct rule *rule, const char *key,
		      const char *text)
{
	struct match_fault fault;

	need(ruleset_add_match(rules, rule, match_type_find(key), text, &fault),
	     "a rule is refused");
}

static void add_ports(struct ruleset *rules, struct rule *rule, const char *key,
		      struct cb_ports ports)
{
	char text[CB_TEXT_LEN];

	if (cb_is_any(&ports))
		return;
	add_match(rules, rule, key, cb_ports_text(&ports, '-', text));
}

static void add_rule(struct ruleset *rules, const struct cb_rule *cb)
{
	const struct rule_options options = {
		.action = cb->drop ? ACTION_DROP : ACTION_ACCEPT,
	};
	struct rule *rule = ruleset_add_rule(rules, "r", &options);
	char text[CB_TEXT_LEN];

	need(rule != NULL, "no memory");
	if (cb->src.len)
		add_match(rules, rule, "src", cb_network_text(&cb->src, text));
	if (cb->dst.len)
		add_match(rules, rule, "dst", cb_network_text(&cb->dst, text));
	if (cb->ipproto) {
		(void)snprintf(text, sizeof(text), "%u", cb->ipproto);
		add_match(rules, rule, "proto", text);
	}
	add_ports(rules, rule, "sport", cb->sport);
	add_ports(rules, rule, "dport", cb->dport);
}

/* A rule set, and packets for it. */
struct subject {
	enum cb_family family;
	size_t size;
	struct ruleset *rules;
	struct cb_packet *packets;
	struct runs build; /* ms */
	double memory;     /* octets a rule */
	double matching;   /* percent of the packets */
	struct runs wall;  /* ns a lookup */
	struct runs cpu;
	struct runs scan;
};

static struct ruleset *make_ruleset(const struct cb_rule *list, size_t size)
{
	struct ruleset *rules = ruleset_create();

	need(rules != NULL, "no memory");
	for (size_t i = 0; i < size; i++)
		add_rule(rules, &list[i]);
	return rules;
}

/* Builds it some times; the last one stays. */
static void subject_init(struct subject *s, size_t size, enum cb_family family)
{
	struct cb_rule *list = calloc(size, sizeof(*list));
	size_t runs = size < 100000 ? RUNS : 3;

	*s = (struct subject){ .family = family, .size = size };
	s->packets = calloc(PACKETS, sizeof(*s->packets));
	need(list && s->packets, "no memory");
	cb_make_rules(list, size, family, SEED);
	cb_make_packets(s->packets, PACKETS, list, size, SEED);
	for (size_t i = 0; i < runs; i++) {
		uint64_t start;
		size_t before;

		ruleset_destroy(s->rules);
		start = clock_cpu();
		s->rules = make_ruleset(list, size);
		before = memory_used();
		need(ruleset_index(s->rules), "no memory");
		runs_add(&s->build, (double)(clock_cpu() - start) / 1e6);
		s->memory = (double)(memory_used() - before) / (double)size;
	}
	free(list);
}

static void subject_fini(struct subject *s)
{
	ruleset_destroy(s->rules);
	free(s->packets);
}

static void store_ipv4(struct addr *addr, uint32_t number)
{
	const uint8_t octets[4] = { (uint8_t)(number >> 24),
				    (uint8_t)(number >> 16),
				    (uint8_t)(number >> 8), (uint8_t)number };

	*addr = addr_from_ipv4(octets);
}

static void make_packet(struct packet *pkt, const struct cb_packet *cb)
{
	*pkt = (struct packet){ .hook = HOOK_FORWARD };
	store_ipv4(&pkt->tuple.src, cb->src);
	store_ipv4(&pkt->tuple.dst, cb->dst);
	pkt->tuple.ipversion = 4;
	pkt->tuple.ipproto = cb->ipproto;
	pkt->has_ports =
		cb->ipproto == IPPROTO_TCP || cb->ipproto == IPPROTO_UDP;
	pkt->tuple.sport = cb->sport;
	pkt->tuple.dport = cb->dport;
}

/* One run over all packets: nanoseconds a lookup. */
static void look_up(struct subject *s, struct runs *wall, struct runs *cpu)
{
	static struct packet batch[BATCH];
	uint64_t wall_sum = 0;
	uint64_t cpu_sum = 0;
	size_t matching = 0;

	for (size_t i = 0; i < PACKETS; i += BATCH) {
		uint64_t wall_start;
		uint64_t cpu_start;

		for (size_t j = 0; j < BATCH; j++)
			make_packet(&batch[j], &s->packets[i + j]);
		wall_start = clock_wall();
		cpu_start = clock_cpu();
		for (size_t j = 0; j < BATCH; j++)
			matching += ruleset_classify(s->rules, &batch[j], when)
					    .rule != RULE_NONE;
		cpu_sum += clock_cpu() - cpu_start;
		wall_sum += clock_wall() - wall_start;
	}
	s->matching = 100.0 * (double)matching / PACKETS;
	if (wall)
		runs_add(wall, (double)wall_sum / PACKETS);
	if (cpu)
		runs_add(cpu, (double)cpu_sum / PACKETS);
}

/* The same rules without their index. */
static void scan(struct subject *s)
{
	struct cb_rule *list = calloc(s->size, sizeof(*list));
	struct subject twin = *s;

	need(list != NULL, "no memory");
	cb_make_rules(list, s->size, s->family, SEED);
	twin.rules = make_ruleset(list, s->size);
	for (int i = 0; i < RUNS; i++)
		look_up(&twin, NULL, &s->scan);
	ruleset_destroy(twin.rules);
	free(list);
}

static void print_figure(const struct subject *s, const char *what,
			 const char *unit, const struct runs *runs,
			 double at_most)
{
	char name[NAME_LEN];
	const struct figure figure = { "rules", name, unit, at_most, 0 };

	(void)snprintf(name, sizeof(name), "%s, %zu rules: %s",
		       cb_family_names[s->family], s->size, what);
	figure_print(&figure, runs);
}

static void print_one(const struct subject *s, const char *what,
		      const char *unit, double value)
{
	const struct runs runs = { .values = { value }, .len = 1 };

	print_figure(s, what, unit, &runs, 0);
}

static void print_subject(const struct subject *s)
{
	double bound = s->size == 10000 ? 1000 : s->size == 100000 ? 10000 : 0;

	print_figure(s, "lookup, processor", "ns", &s->cpu, 0);
	print_figure(s, "lookup, wall", "ns", &s->wall, 0);
	if (s->scan.len)
		print_figure(s, "asking them in turn", "ns", &s->scan, 0);
	print_figure(s, "building", "ms", &s->build, bound);
	print_one(s, "memory a rule", "octets", s->memory);
	print_one(s, "packets that match", "percent", s->matching);
}

/* How the lookup grows, run by run. */
static void print_growth(const struct subject *few, const struct subject *many)
{
	struct runs runs = { 0 };

	for (size_t i = 0; i < few->cpu.len; i++)
		runs_add(&runs, many->cpu.values[i] / few->cpu.values[i]);
	print_figure(many, "lookup, to that with 10", "times", &runs,
		     many->size == 10000 ? 3 : 0);
}

static void measure(enum cb_family family)
{
	static struct subject subjects[SIZES];

	for (size_t i = 0; i < SIZES; i++)
		subject_init(&subjects[i], sizes[i], family);
	for (int run = 0; run < RUNS; run++)
		for (size_t i = 0; i < SIZES; i++) {
			/* Into the caches, where it is while packets flow. */
			look_up(&subjects[i], NULL, NULL);
			look_up(&subjects[i], &subjects[i].wall,
				&subjects[i].cpu);
		}
	for (size_t i = 0; i < SIZES && sizes[i] <= LINEAR_MAX; i++)
		scan(&subjects[i]);
	for (size_t i = 0; i < SIZES; i++)
		print_subject(&subjects[i]);
	for (size_t i = 1; i < SIZES; i++)
		print_growth(&subjects[0], &subjects[i]);
	for (size_t i = 0; i < SIZES; i++)
		subject_fini(&subjects[i]);
}

static int print(char *argv[])
{
	size_t size = strtoul(argv[3], NULL, 10);
	struct cb_rule *list = calloc(size ? size : 1, sizeof(*list));
	unsigned int family = 0;

	while (family < CB_FAMILY_COUNT &&
	       strcmp(argv[2], cb_family_names[family]) != 0)
		family++;
	need(family < CB_FAMILY_COUNT, "no such family");
	need(list != NULL, "no memory");
	cb_make_rules(list, size, (enum cb_family)family, SEED);
	need(rules_print(argv[1], list, size), "no such form");
	free(list);
	return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
	if (argc == 4)
		return print(argv);
	need(argc == 1, "usage: rules [conf|nft|iptables FAMILY N]");
	pin_to_cpu(1);
	figure_print_noise("rules");
	for (unsigned int i = 0; i < CB_FAMILY_COUNT; i++)
		measure((enum cb_family)i);
	return EXIT_SUCCESS;
}
