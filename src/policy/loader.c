/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking the tree by schema: unknown keys and wrong types are found here,
 * once for all sections.
 */
#include "policy/loader.h"

#include <stdarg.h>
#include <stdio.h>
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

void loader_fault(struct loader *ld, enum code code, const struct node *node,
		  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diagnostics_vadd(ld->diags, code,
			 document_origin(ld->doc, node_line(node)), format,
			 args);
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
	struct origin at = document_origin(ld->doc, node_line(node));
	struct origin from = document_origin(ld->doc, node_line(seen_from));

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
		loader_fault(ld, CODE_UNKNOWN_KEY, node,
			     "unknown key \"%.60s\"%s\n%s", name, where, hint);
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

void loader_sections(struct loader *ld, const struct schema *schema)
{
	check_keys(ld, ld->root, schema, "");
	for (size_t i = 0; i < schema->count; i++) {
		for (size_t j = 0; j < node_count(ld->root); j++) {
			const struct node *node = node_child(ld->root, j);

			if (strcmp(loader_section_name(node),
				   schema->keys[i].name) == 0)
				load_key(ld, node, &schema->keys[i], "", NULL);
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
