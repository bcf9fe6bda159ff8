/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section services: names for protocols with ports, which are replaced
 * where rules have them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "policy/load_rule.h"

/* The part of a service that is being loaded: { proto = ...; dport = ...; } */
struct service_scope {
	struct rule_scope rule; /* for messages */
	struct text proto;
	struct text dport;
};

static void load_proto(struct loader *ld, const struct node *node, void *object)
{
	struct service_scope *scope = object;
	const struct rule_word word = {
		.scope = &scope->rule,
		.type = &match_proto,
	};

	(void)ld;
	(void)rule_values_translate(&word, node, &scope->proto);
}

static void load_dport(struct loader *ld, const struct node *node, void *object)
{
	struct service_scope *scope = object;
	const struct rule_word word = {
		.scope = &scope->rule,
		.type = &match_dport,
	};

	(void)ld;
	(void)rule_values_translate(&word, node, &scope->dport);
}

enum { MANY = NODE_STRING | NODE_INTEGER | NODE_LIST };

static const struct key service_keys[] = {
	{ "proto", MANY, "\"tcp\" or \"udp\"", load_proto },
	{ "dport", MANY, "a port, or several in [ ]", load_dport },
};

/* "tcp", "6"; NULL: it has no ports. */
static const char *proto_name(const char *word)
{
	if (strcmp(word, "tcp") == 0 || strcmp(word, "6") == 0)
		return "tcp";
	if (strcmp(word, "udp") == 0 || strcmp(word, "17") == 0)
		return "udp";
	return NULL;
}

static void append_ports(struct service_scope *scope, const char *proto,
			 struct text *out)
{
	char port[LOADER_WORD_LEN];
	char item[LOADER_WORD_LEN + 8];

	for (const char *rest = scope->dport.at;
	     loader_next_word(&rest, port);) {
		if (*port == '!') {
			loader_fault(scope->rule.ld, CODE_PORT,
				     scope->rule.node,
				     "%s: dport: ports cannot be excluded "
				     "from a service\nwrite the ranges around "
				     "them",
				     scope->rule.label);
			return;
		}
		(void)snprintf(item, sizeof(item), "%s/%s", proto, port);
		text_append_item(out, item);
	}
}

static void append_protos(struct service_scope *scope, struct text *out)
{
	char word[LOADER_WORD_LEN];

	for (const char *rest = scope->proto.at;
	     loader_next_word(&rest, word);) {
		const char *proto = proto_name(word);

		if (proto)
			append_ports(scope, proto, out);
		else
			loader_fault(scope->rule.ld, CODE_PROTOCOL,
				     scope->rule.node,
				     "%s: proto: \"%.60s\" has no ports\na "
				     "service is of \"tcp\" or \"udp\"",
				     scope->rule.label, word);
	}
}

static void check_required(const struct service_scope *scope)
{
	const struct node *node = scope->rule.node;

	if (scope->rule.ld->doc->incomplete)
		return;
	if (!loader_child(node, "proto"))
		loader_fault(scope->rule.ld, CODE_KEY_MISSING, node,
			     "%s has no proto\nwrite proto = \"tcp\";",
			     scope->rule.label);
	if (!loader_child(node, "dport"))
		loader_fault(scope->rule.ld, CODE_KEY_MISSING, node,
			     "%s has no dport\nwrite dport = \"80,443\";",
			     scope->rule.label);
}

static void load_part(struct loader *ld, const struct node *node,
		      const char *name, struct text *out)
{
	static const struct schema schema = { service_keys, 2 };
	struct service_scope scope = { .rule = { .ld = ld, .node = node } };
	char where[96];

	if (loader_is_mended(ld, node))
		return;
	(void)snprintf(scope.rule.label, sizeof(scope.rule.label),
		       "service %.48s", name);
	(void)snprintf(where, sizeof(where), " in %s", scope.rule.label);
	if (node_type(node) == NODE_GROUP) {
		loader_group(ld, node, &schema, where, &scope);
		check_required(&scope);
		append_protos(&scope, out);
	} else {
		loader_fault(ld, CODE_TYPE, node,
			     "%s is %s\nwrite { proto = \"tcp\"; dport = 80; }",
			     scope.rule.label, loader_type_name(node));
	}
	ld->no_memory = ld->no_memory || scope.proto.failed ||
			scope.dport.failed || out->failed;
	text_fini(&scope.proto);
	text_fini(&scope.dport);
}

static void load_service(struct loader *ld, const struct node *node)
{
	struct named_services *services = &ld->services;
	struct text text = { 0 };
	const char *name = node_name(node);
	struct named_service *grown =
		realloc(services->list, (services->count + 1) * sizeof(*grown));

	if (!grown) {
		ld->no_memory = true;
		return;
	}
	services->list = grown;
	if (loader_value_count(node) == 0)
		loader_fault(ld, CODE_EMPTY, node,
			     "service %s is empty\nwrite ( { proto = \"tcp\"; "
			     "dport = 80; } )",
			     name);
	for (size_t i = 0; i < loader_value_count(node); i++)
		load_part(ld, loader_value(node, i), name, &text);
	grown[services->count++] = (struct named_service){
		.name = name,
		.text = text,
		.node = node,
	};
}

void load_services(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node) && !ld->no_memory; i++)
		if (loader_is_name(ld, node_child(node, i), "service"))
			load_service(ld, node_child(node, i));
}

struct named_service *loader_service(struct loader *ld, const char *name)
{
	for (size_t i = 0; i < ld->services.count; i++)
		if (strcmp(ld->services.list[i].name, name) == 0)
			return &ld->services.list[i];
	return NULL;
}

void loader_services_fini(struct loader *ld)
{
	for (size_t i = 0; i < ld->services.count; i++)
		text_fini(&ld->services.list[i].text);
	free(ld->services.list);
	ld->services = (struct named_services){ 0 };
}
