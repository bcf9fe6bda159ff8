/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical form of a policy: every setting, no name that another file
 * would have to explain.
 */
#include "policy/print.h"

#include <stdlib.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "policy/duration.h"
#include "policy/match_text.h"

static void print_zone(const struct zone *zone, FILE *out)
{
	const struct zone_guard *guard = zone_guard(zone);
	const struct addr_range *network;
	const char *interface;

	fprintf(out, "\t%s = { interfaces = [", zone_name(zone));
	for (size_t i = 0; (interface = zone_interface(zone, i)); i++) {
		fputs(i > 0 ? ", " : " ", out);
		policy_print_string(interface, out);
	}
	fputs(" ];", out);
	for (size_t i = 0; (network = zone_network(zone, i)); i++) {
		char text[ADDR_RANGE_TEXT_LEN];

		addr_range_format(network, text);
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : " networks = [ ", text);
	}
	fputs(zone_network(zone, 0) ? " ];" : "", out);
	fputs(guard->antispoof ? " antispoof = true;" : "", out);
	fputs(guard->block_bogons ? " block_bogons = true;" : "", out);
	fputs(" };\n", out);
}

static void print_zones(const struct ruleset *rules, FILE *out)
{
	const struct zone *zone;

	if (!ruleset_zone_at(rules, 0))
		return;
	fputs("\nzones = {\n", out);
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++)
		print_zone(zone, out);
	fputs("};\n", out);
}

static void print_table_options(const struct table *table, FILE *out)
{
	const struct table_options *options = table_options(table);
	char timeout[DURATION_TEXT_LEN];

	if (options->dynamic)
		fprintf(out, " dynamic = true; max_entries = %zu;",
			options->max_entries);
	if (options->timeout > 0) {
		duration_format(options->timeout, timeout);
		fprintf(out, " timeout = \"%s\";", timeout);
	}
	fputs(options->persist ? " persist = true;" : "", out);
	fputs(options->never_block ? " never_block = true;" : "", out);
	fputs(options->block ? " block = true;" : "", out);
}

static void print_table(const struct table *table, FILE *out)
{
	fprintf(out, "\t%s = { entries = [", table_name(table));
	for (size_t i = 0; i < table_range_count(table); i++) {
		struct addr_range range = table_range(table, i);
		char text[ADDR_RANGE_TEXT_LEN];

		addr_range_format(&range, text);
		fprintf(out, "%s\n\t\t\"%s\"", i > 0 ? "," : "", text);
	}
	fputs("\n\t];", out);
	print_table_options(table, out);
	fputs(" };\n", out);
}

static void print_tables(const struct ruleset *rules, FILE *out)
{
	const struct table *table;

	if (!ruleset_table_at(rules, 0))
		return;
	fputs("\ntables = {\n", out);
	for (size_t i = 0; (table = ruleset_table_at(rules, i)); i++)
		print_table(table, out);
	fputs("};\n", out);
}

static void print_policy(const struct ruleset *rules, FILE *out)
{
	fputs("\npolicy = {\n", out);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		fprintf(out, "\t%s = \"%s\";\n", hook_names[i],
			action_names[ruleset_policy(rules, (enum hook)i)]);
	fprintf(out, "\tlog = %s;\n", policy_log(ruleset_policy_log(rules)));
	fputs("};\n", out);
}

static void print_settings(const struct policy *policy, FILE *out)
{
	const struct ruleset *rules = policy->rules;

	fprintf(out,
		"settings = { mode = \"%s\"; on_reload = \"%s\"; "
		"track = \"%s\"; };\n",
		ruleset_audit(rules) ? "audit" : "enforce",
		policy_reload_names[policy->on_reload],
		policy_tracking_names[ruleset_tracking(rules)]);
	fprintf(out, "protect = { essential_icmp = %s; };\n",
		policy_boolean(ruleset_essential_icmp(rules)));
}

static void print_tcp(const struct ruleset *rules, FILE *out)
{
	const struct tcp_settings *tcp = ruleset_tcp(rules);
	char grace[DURATION_TEXT_LEN];

	duration_format(tcp->pickup_grace, grace);
	fprintf(out,
		"\ntcp = {\n"
		"\tpickup = \"%s\";\n"
		"\tpickup_grace = \"%s\";\n"
		"\tsyn_data = \"%s\";\n"
		"\tsimultaneous_open = %s;\n"
		"\tsyn_urg = %s;\n"
		"};\n",
		policy_pickup_names[tcp->pickup], grace,
		policy_syn_data_names[tcp->syn_data],
		policy_boolean(tcp->simultaneous_open),
		policy_boolean(tcp->syn_urg));
}

/* false: no memory. */
static bool print_udp(const struct ruleset *rules, FILE *out)
{
	const struct match *ports = ruleset_zero_checksum(rules);
	char *text;

	if (!ports)
		return true;
	text = match_text(&match_dport, ports);
	if (text)
		fprintf(out, "\nudp = { zero_checksum_ports = \"%s\"; };\n",
			text);
	free(text);
	return text != NULL;
}

static void print_limits(const struct policy *policy, FILE *out)
{
	const struct limits *limits = ruleset_limits(policy->rules);

	fprintf(out,
		"\nlimits = {\n"
		"\tconnections = %zu;\n"
		"\tconnections_per_source = %u;\n"
		"\thalf_open = %u;\n"
		"\thalf_open_per_source = %u;\n"
		"\thalf_open_per_destination = %u;\n",
		policy->max_conns, limits->connections_per_source,
		limits->half_open, limits->half_open_per_source,
		limits->half_open_per_destination);
	if (limits->source_nodes)
		fprintf(out, "\tsource_nodes = %u;\n", limits->source_nodes);
	fprintf(out,
		"\tadaptive = { start = \"%u%%\"; end = \"%u%%\"; };\n"
		"\twarn_at = \"%u%%\";\n"
		"};\n",
		limits->adaptive_start, limits->adaptive_end, limits->warn_at);
}

static bool print_rules(const struct policy *policy, FILE *out)
{
	size_t count = ruleset_rule_count(policy->rules);
	size_t printed = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		if (policy_is_block_rule(policy, i))
			continue;
		fputs(printed++ == 0 ? "\nrules = (\n" : ",\n", out);
		ok = policy_print_rule(policy, i, out);
	}
	fputs(printed > 0 ? "\n);\n" : "", out);
	return ok;
}

bool policy_print(const struct policy *policy, FILE *out)
{
	fprintf(out, "version = 1;\n\n");
	if (policy->queue_first == policy->queue_last)
		fprintf(out, "queues = \"%u\";\n", policy->queue_first);
	else
		fprintf(out, "queues = \"%u-%u\";\n", policy->queue_first,
			policy->queue_last);
	fprintf(out, "queue_length = %u;\n", policy->queue_length);
	print_settings(policy, out);
	print_limits(policy, out);
	print_zones(policy->rules, out);
	print_tables(policy->rules, out);
	policy_print_redirect(&policy->redirect, out);
	policy_print_rescue(&policy->rescue, out);
	print_policy(policy->rules, out);
	print_tcp(policy->rules, out);
	if (!print_udp(policy->rules, out))
		return false;
	fputs("\ntimeouts = {\n", out);
	policy_print_timeouts(ruleset_timeouts(policy->rules), "\t", out);
	fputs("};\n", out);
	return print_rules(policy, out) && !ferror(out);
}
