/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections tcp and udp.
 */
#include <stdio.h>

#include "engine/match_item.h"
#include "policy/load_rule.h"

static void load_pickup(struct loader *ld, const struct node *node,
			void *object)
{
	static const struct words words = { policy_pickup_names,
					    POLICY_PICKUP_COUNT, "possible" };
	struct tcp_settings *tcp = object;
	unsigned int index;

	if (loader_choice(ld, node, "tcp.pickup", &words, &index))
		tcp->pickup = (enum tcp_pickup)index;
}

static void load_pickup_grace(struct loader *ld, const struct node *node,
			      void *object)
{
	struct tcp_settings *tcp = object;

	(void)loader_duration(ld, node, "tcp.pickup_grace", &tcp->pickup_grace);
}

static void load_syn_data(struct loader *ld, const struct node *node,
			  void *object)
{
	static const struct words words = { policy_syn_data_names,
					    POLICY_SYN_DATA_COUNT, "possible" };
	struct tcp_settings *tcp = object;
	unsigned int index;

	if (loader_choice(ld, node, "tcp.syn_data", &words, &index))
		tcp->syn_data = (enum tcp_syn_data)index;
}

static void load_simultaneous_open(struct loader *ld, const struct node *node,
				   void *object)
{
	struct tcp_settings *tcp = object;

	(void)ld;
	tcp->simultaneous_open = node_bool(node);
}

static void load_syn_urg(struct loader *ld, const struct node *node,
			 void *object)
{
	struct tcp_settings *tcp = object;

	(void)ld;
	tcp->syn_urg = node_bool(node);
}

static const struct key tcp_keys[] = {
	{ "pickup", NODE_STRING, "\"strict\", \"grace\" or \"loose\"",
	  load_pickup },
	{ "pickup_grace", NODE_STRING | NODE_INTEGER,
	  "a duration such as \"30s\"", load_pickup_grace },
	{ "syn_data", NODE_STRING, "\"allow\", \"tfo-only\" or \"deny\"",
	  load_syn_data },
	{ "simultaneous_open", NODE_BOOL, "true or false, without quotes",
	  load_simultaneous_open },
	{ "syn_urg", NODE_BOOL, "true or false, without quotes", load_syn_urg },
};

void load_tcp(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		tcp_keys, sizeof(tcp_keys) / sizeof(tcp_keys[0])
	};
	struct tcp_settings tcp = *ruleset_tcp(ld->policy->rules);

	(void)object;
	loader_group(ld, node, &schema, " in tcp", &tcp);
	ruleset_set_tcp(ld->policy->rules, &tcp);
}

/* @text is what the ports are in numbers. */
static void set_zero_checksum(struct loader *ld, const struct node *node,
			      const char *text)
{
	struct match_fault fault;

	if (ruleset_set_zero_checksum(ld->policy->rules, text, &fault))
		return;
	if (fault.expected)
		loader_fault(ld, CODE_PORT, node,
			     "udp.zero_checksum_ports is not possible\n%s",
			     fault.expected);
	else
		ld->no_memory = true;
}

static void load_zero_checksum(struct loader *ld, const struct node *node,
			       void *object)
{
	struct rule_scope scope = { .ld = ld, .node = node, .label = "udp" };
	struct match_type ports = match_dport;
	const struct rule_word word = { .scope = &scope, .type = &ports };
	struct text text = { 0 };

	(void)object;
	ports.key = node_name(node);
	/* An empty list is none. */
	if (loader_value_count(node) > 0 &&
	    rule_values_translate(&word, node, &text) && text.at &&
	    !text.failed)
		set_zero_checksum(ld, node, text.at);
	ld->no_memory = ld->no_memory || text.failed;
	text_fini(&text);
}

static const struct key udp_keys[] = {
	{ "zero_checksum_ports", NODE_STRING | NODE_INTEGER | NODE_LIST,
	  "ports such as \"4789,6081\"", load_zero_checksum },
};

void load_udp(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = { udp_keys, 1 };

	loader_group(ld, node, &schema, " in udp", object);
}
