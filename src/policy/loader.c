/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking the tree by schema: unknown keys and wrong types are found here,
 * once for all sections.
 */
#include "policy/loader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/scan.h"

static const struct {
	enum node_type type;
	const char *name;
} type_names[] = {
	{ NODE_GROUP, "a group { }" },  { NODE_LIST, "a list" },
	{ NODE_STRING, "a string" },    { NODE_INTEGER, "a whole number" },
	{ NODE_BOOL, "true or false" },
};

/* Behind @count octets of a string, which has backslashes in the file. */
static const char *skip_octets(const char *at, size_t count)
{
	for (; count > 0; count--)
		at += *at == '\\' ? 2 : 1;
	return at;
}

static struct mark mark_of_part(const struct mark *whole,
				const struct spot *spot)
{
	size_t before = (size_t)(spot->part - node_string(spot->node));
	const char *at = skip_octets(whole->at + 1, before);
	/* Nothing is as good as what stands behind it. */
	const char *end = skip_octets(at, spot->len > 0 ? spot->len : 1);

	return (struct mark){ at, (uint32_t)(end - at), whole->line };
}

struct origin loader_origin(const struct loader *ld, const struct spot *spot)
{
	const struct mark *mark = spot->is_name ? node_name_mark(spot->node)
						: node_value_mark(spot->node);

	if (!mark)
		return document_origin(ld->doc, node_line(spot->node));
	if (spot->part && *mark->at == '"')
		return document_locate(ld->doc, mark_of_part(mark, spot));
	return document_locate(ld->doc, *mark);
}

/* What stands for the node as a whole: for a rule that is its name. */
static struct spot spot_of(const struct node *node)
{
	bool is_plain = !(node_type(node) & (NODE_GROUP | NODE_LIST));
	const struct node *name = NULL;

	if (!is_plain && node_name_mark(node))
		return (struct spot){ .node = node, .is_name = true };
	if (node_type(node) == NODE_GROUP)
		name = loader_child(node, "name");
	return (struct spot){ .node = name ? name : node };
}

__attribute__((format(printf, 4, 0))) static void
report(struct loader *ld, enum code code, const struct spot *spot,
       const char *format, va_list args)
{
	diagnostics_vadd(ld->diags, code, loader_origin(ld, spot), format,
			 args);
}

void loader_fault_at(struct loader *ld, enum code code, const struct spot *spot,
		     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(ld, code, spot, format, args);
	va_end(args);
}

void loader_fault(struct loader *ld, enum code code, const struct node *node,
		  const char *format, ...)
{
	const struct spot spot = spot_of(node);
	va_list args;

	va_start(args, format);
	report(ld, code, &spot, format, args);
	va_end(args);
}

void loader_fault_name(struct loader *ld, enum code code,
		       const struct node *node, const char *format, ...)
{
	const struct spot spot = { .node = node, .is_name = true };
	va_list args;

	va_start(args, format);
	report(ld, code, &spot, format, args);
	va_end(args);
}

bool loader_is_mended(const struct loader *ld, const struct node *node)
{
	if (!ld->doc->mended)
		return false;
	if (strncmp(node_name(node), SCAN_MENDED_NAME,
		    strlen(SCAN_MENDED_NAME)) == 0)
		return true;
	return node_type(node) == NODE_STRING &&
	       strcmp(node_string(node), SCAN_MENDED_VALUE) == 0;
}

void loader_place(const struct loader *ld, const struct node *node,
		  const struct node *seen_from, char text[PLACE_LEN])
{
	const struct spot spots[] = { spot_of(node), spot_of(seen_from) };
	struct origin at = loader_origin(ld, &spots[0]);
	struct origin from = loader_origin(ld, &spots[1]);

	if (strcmp(at.file, from.file) == 0)
		(void)snprintf(text, PLACE_LEN, "in line %u", at.line);
	else
		(void)snprintf(text, PLACE_LEN, "at %.120s:%u", at.file,
			       at.line);
}

const char *loader_type_name(const struct node *node)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (type_names[i].type == node_type(node))
			return type_names[i].name;
	return "something else";
}

static const char *schema_name(const void *context, size_t index)
{
	const struct schema *schema = context;

	return index < schema->count ? schema->keys[index].name : NULL;
}

static const struct key *find_key(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->keys[i].name, name) == 0)
			return &schema->keys[i];
	return NULL;
}

static void check_keys(struct loader *ld, const struct node *group,
		       const struct schema *schema, const char *where)
{
	struct choices choices = { schema_name, schema };

	for (size_t i = 0; i < node_count(group); i++) {
		const struct node *node = node_child(group, i);
		const char *name = loader_section_name(node);
		char hint[SUGGESTION_LEN];

		if (find_key(schema, name) || loader_is_mended(ld, node))
			continue;
		suggest(hint, name, &choices);
		loader_fault_name(ld, CODE_UNKNOWN_KEY, node,
				  "unknown key \"%.60s\"%s\n%s", name, where,
				  hint);
	}
}

const char *loader_section_name(const struct node *node)
{
	const char *name = node_name(node);

	if (name[0] != SCAN_PART || name[1] == SCAN_PART)
		return name;
	return strchr(name + 1, SCAN_PART) + 1;
}

static void load_key(struct loader *ld, const struct node *node,
		     const struct key *key, const char *where, void *object)
{
	if (loader_is_mended(ld, node))
		return;
	if (node_type(node) & key->types)
		key->load(ld, node, object);
	else
		loader_fault(ld, CODE_TYPE, node, "%s%s is %s\nwrite %s",
			     key->name, where, loader_type_name(node),
			     key->wanted);
}

void loader_group(struct loader *ld, const struct node *group,
		  const struct schema *schema, const char *where, void *object)
{
	check_keys(ld, group, schema, where);
	for (size_t i = 0; i < schema->count; i++) {
		const struct node *node =
			loader_child(group, schema->keys[i].name);

		if (node)
			load_key(ld, node, &schema->keys[i], where, object);
	}
}

void loader_sections(struct loader *ld, const struct schema *schema,
		     void *object)
{
	check_keys(ld, ld->root, schema, "");
	for (size_t i = 0; i < schema->count; i++) {
		for (size_t j = 0; j < node_count(ld->root); j++) {
			const struct node *node = node_child(ld->root, j);

			if (strcmp(loader_section_name(node),
				   schema->keys[i].name) == 0)
				load_key(ld, node, &schema->keys[i], "",
					 object);
		}
	}
}

const struct node *loader_child(const struct node *group, const char *name)
{
	for (size_t i = 0; i < node_count(group); i++)
		if (strcmp(node_name(node_child(group, i)), name) == 0)
			return node_child(group, i);
	return NULL;
}

void loader_note_rule(struct loader *ld, const struct node *node,
		      const char *comment)
{
	const struct spot spot = { .node = node };
	size_t count = ruleset_rule_count(ld->policy->rules);
	struct noted_rule *grown = ld->noted;

	/* In powers of two. */
	if ((count & (count - 1)) == 0)
		grown = realloc(grown, 2 * count * sizeof(*grown));
	if (!grown) {
		ld->no_memory = true;
		return;
	}
	ld->noted = grown;
	grown[count - 1].node = node;
	if (!policy_add_note(ld->policy, comment, loader_origin(ld, &spot)))
		ld->no_memory = true;
}
