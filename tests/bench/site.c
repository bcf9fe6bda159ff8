/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine as the daemon has it, but for the clock and the queue.
 */
#include "bench/site.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/figures.h"
#include "engine/halfopen.h"

/* So much of a batch is fetched ahead. */
enum { PART = 32 };

static const struct hash_key key = { 0x0123456789abcdef, 0xfedcba9876543210 };

static void add_rule(struct ruleset *rules, const char *name, const char *port,
		     enum action action)
{
	const struct rule_options options = { .action = action };
	struct rule *rule = ruleset_add_rule(rules, name, &options);
	struct match_fault fault;

	need(rule && ruleset_add_match(rules, rule, match_type_find("proto"),
				       "tcp", &fault),
	     "a rule is refused");
	need(ruleset_add_match(rules, rule, match_type_find("dport"), port,
			       &fault),
	     "a rule is refused");
}

/* Each has a port of its own; 443 is none of theirs. */
static struct ruleset *make_rules(size_t count)
{
	struct ruleset *rules = ruleset_create();
	char name[32];
	char port[32];

	need(rules != NULL, "no memory");
	for (size_t i = 1; i < count; i++) {
		(void)snprintf(name, sizeof(name), "r%zu", i);
		(void)snprintf(port, sizeof(port), "%zu", 1000 + i);
		add_rule(rules, name, port, ACTION_DROP);
	}
	add_rule(rules, "web", "443", ACTION_ACCEPT);
	need(ruleset_index(rules), "no memory");
	return rules;
}

void site_start(struct site *site, unsigned int ipversion, size_t conns,
		size_t rules)
{
	struct engine_params params = { .key = key, .count = 1, .start = 1000 };

	*site = (struct site){ .now = 1000 };
	site->rules = make_rules(rules);
	site->pool = pool_create(conns * 2 > 64 ? conns * 2 : 64);
	site->halfopen = halfopen_create(conns * 2, &key);
	need(site->pool && site->halfopen, "no memory");
	params.rules = site->rules;
	params.pool = site->pool;
	params.halfopen = site->halfopen;
	site->eng = engine_create(&params);
	need(site->eng != NULL, "no memory");
	site->meta.hook = HOOK_FORWARD;
	/* Payload is not copied, and counts all the same. */
	site->meta.len = 65535;
	(void)snprintf(site->meta.indev, PACKET_IFNAME_LEN, "lan0");
	(void)snprintf(site->meta.outdev, PACKET_IFNAME_LEN, "wan0");
	segments_init(&site->segments, ipversion, conns);
}

void site_stop(struct site *site)
{
	segments_fini(&site->segments);
	engine_destroy(site->eng);
	halfopen_destroy(site->halfopen);
	pool_destroy(site->pool);
	ruleset_destroy(site->rules);
}

/* As the daemon does it: a part of the batch in each of the three steps. */
static void judge_part(struct site *site, size_t first, size_t count)
{
	static struct packet packets[PART];
	static struct tuple_key keys[PART];
	const struct segments *s = &site->segments;
	struct verdict verdict;

	for (size_t i = 0; i < count; i++)
		need(packet_parse(&packets[i], &site->meta,
				  s->batch[first + i].bytes,
				  s->batch[first + i].len) == REASON_NONE,
		     "a segment is refused");
	for (size_t i = 0; i < count; i++)
		engine_look_ahead(site->eng, &packets[i], &keys[i]);
	for (size_t i = 0; i < count; i++)
		engine_fetch(site->eng, &keys[i]);
	for (size_t i = 0; i < count; i++) {
		engine_judge(site->eng, &packets[i], &keys[i], site->now,
			     &verdict);
		site->dropped += verdict.action != ACTION_ACCEPT;
	}
}

void site_judge(struct site *site)
{
	size_t len = site->segments.len;

	for (size_t i = 0; i < len; i += PART)
		judge_part(site, i, len - i < PART ? len - i : PART);
	/* A batch takes some time. */
	site->now++;
}

size_t resident_memory(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	need(file && fscanf(file, "%*u %zu", &pages) == 1,
	     "/proc/self/statm cannot be read");
	(void)fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

double memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	double kib = 0;
	char line[128];

	while (file && kib == 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, "MemAvailable:", 13) == 0)
			(void)sscanf(line + 13, "%lf", &kib);
	if (file)
		(void)fclose(file);
	return 1024 * kib;
}
