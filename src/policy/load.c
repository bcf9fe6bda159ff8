/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading a policy: read, scan, parse, walk.
 *
 * Each step reports all that it finds.  The parser is reached only with a text
 * that the scan has understood or mended, and opens no files.
 */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/loader.h"
#include "policy/scan.h"
#include "policy/source.h"

enum { FORMAT_VERSION = 1 };

void load_version(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	if (node_integer(node) != FORMAT_VERSION)
		loader_fault(ld, CODE_VERSION, node,
			     "version = %lld\nthis program reads version %d",
			     node_integer(node), FORMAT_VERSION);
}

/*
 * Rules come last: they speak of zones and tables.  Whether a reject is answered
 * is a matter of redirect.
 */
static const struct key file_keys[] = {
	{ "version", NODE_INTEGER, "version = 1;", load_version },
	{ "settings", NODE_GROUP, "settings = { mode = \"enforce\"; };",
	  load_settings },
	{ "zones", NODE_GROUP, "zones = { NAME = { ... }; };", load_zones },
	{ "services", NODE_GROUP,
	  "services = { NAME = { proto = \"tcp\"; dport = 80; }; };",
	  load_services },
	{ "tables", NODE_GROUP, "tables = { NAME = { ... }; };", load_tables },
	{ "redirect", NODE_GROUP, "redirect = { on_failure = \"rescue\"; };",
	  load_redirect },
	{ "rescue", NODE_GROUP, "rescue = { ssh_port = 22; };", load_rescue },
	{ "policy", NODE_GROUP,
	  "policy = { input = \"drop\"; forward = \"drop\"; output = "
	  "\"accept\"; };",
	  load_policy },
	{ "timeouts", NODE_GROUP, "timeouts = { icmp = \"30s\"; };",
	  load_timeouts },
	{ "tcp", NODE_GROUP, "tcp = { pickup = \"strict\"; };", load_tcp },
	{ "udp", NODE_GROUP, "udp = { zero_checksum_ports = \"4789,6081\"; };",
	  load_udp },
	{ "protect", NODE_GROUP, "protect = { essential_icmp = true; };",
	  load_protect },
	{ "limits", NODE_GROUP, "limits = { connections = 262144; };",
	  load_limits },
	{ "queues", NODE_STRING | NODE_INTEGER, "queues = \"0-3\";",
	  load_queues },
	{ "queue_length", NODE_INTEGER, "queue_length = 8192;",
	  load_queue_length },
	{ "rules", NODE_LIST, "rules = ( { ... }, { ... } );", load_rules },
};

static const struct schema file_schema = {
	file_keys, sizeof(file_keys) / sizeof(file_keys[0])
};

static void fault_repeated(struct loader *ld, const struct node *node,
			   const struct node *first)
{
	char place[PLACE_LEN];

	loader_place(ld, first, node, place);
	loader_fault_name(ld, CODE_GIVEN_BEFORE, node,
			  "\"%.60s\" was given before, %s\nremove one",
			  loader_section_name(node), place);
}

/* The first setting of that name in the parts before number @part; NULL. */
static const struct node *find_before(const struct loader *ld, size_t part,
				      const char *name)
{
	const char *section = loader_section_name(node_child(ld->root, part));

	for (size_t i = 0; i < part; i++) {
		const struct node *before = node_child(ld->root, i);
		const struct node *found = NULL;

		if (strcmp(loader_section_name(before), section) == 0 &&
		    node_type(before) == NODE_GROUP)
			found = loader_child(before, name);
		if (found)
			return found;
	}
	return NULL;
}

/* Number @part is one of a section that another document begins. */
static void check_part(struct loader *ld, size_t part)
{
	const struct node *node = node_child(ld->root, part);
	const char *name = loader_section_name(node);

	for (size_t i = 0;
	     node_type(node) == NODE_GROUP && i < node_count(node); i++) {
		const struct node *child = node_child(node, i);
		const struct node *first =
			find_before(ld, part, node_name(child));

		if (first && !loader_is_mended(ld, child))
			fault_repeated(ld, child, first);
	}
	/* Each document may say its version, and lists go on. */
	if ((node_type(node) & (NODE_STRING | NODE_INTEGER)) &&
	    strcmp(name, "version") != 0 && loader_child(ld->root, name))
		fault_repeated(ld, node, loader_child(ld->root, name));
}

static void check_parts(struct loader *ld)
{
	for (size_t i = 0; i < node_count(ld->root); i++)
		if (node_name(node_child(ld->root, i))[0] == SCAN_PART &&
		    !loader_is_mended(ld, node_child(ld->root, i)))
			check_part(ld, i);
}

static void walk(struct loader *ld, const struct node *root, const char *name,
		 void *object)
{
	const struct mark begin = { ld->doc->files[0].text, 1, 1 };
	size_t before = ld->diags->errors;

	ld->root = root;
	loader_sections(ld, &file_schema, object);
	load_limits_defaults(ld);
	check_parts(ld);
	load_rules_check(ld);
	if (ld->diags->errors == before && !ld->doc->mended && !ld->no_memory)
		load_warnings(ld);
	if (!loader_child(root, "version") && !ld->doc->incomplete)
		diagnostics_add_at(
			ld->diags, CODE_VERSION,
			document_locate(ld->doc, begin),
			"the version is missing\nbegin the file with "
			"\"version = %d;\"",
			FORMAT_VERSION);
	if (ld->no_memory)
		diagnostics_add(ld->diags, CODE_NO_MEMORY, name, 0,
				"out of memory");
}

/* What libconfig found although the scan did not. */
static void report_syntax(struct loader *ld, const struct tree_fault *fault,
			  const char *name)
{
	struct origin at = document_origin(ld->doc, fault->line);

	if (!fault->text)
		diagnostics_add(ld->diags, CODE_NO_MEMORY, name, 0,
				"out of memory");
	else if (!ld->doc->mended)
		diagnostics_add(ld->diags, CODE_SYNTAX, at.file, at.line,
				"%s\nlook here and in the line before",
				fault->text);
}

void loader_read(struct loader *ld, const struct scan_input *input,
		 const struct walk *walk)
{
	struct document doc = { 0 };
	struct tree_fault fault = { 0 };
	struct tree *tree = NULL;

	scan(&doc, input, ld->diags);
	ld->doc = &doc;
	if (!doc.text.failed)
		tree = tree_parse(doc.text.at ? doc.text.at : "", &fault);
	if (tree)
		(void)tree_set_marks(tree, doc.marks, doc.mark_count);
	if (!tree)
		report_syntax(ld, &fault, input->name);
	else if (!doc.unbalanced)
		walk->walk(ld, tree_root(tree), input->name, walk->object);
	tree_destroy(tree);
	document_fini(&doc);
	ld->doc = NULL;
}

bool loader_read_file(struct loader *ld, const char *path,
		      const struct walk *walk)
{
	struct source source;
	const char *problem = source_read(&source, path);
	const struct scan_input input = {
		.name = path,
		.text = source.text,
		.len = source.len,
		.dev = source.dev,
		.ino = source.ino,
	};

	if (problem) {
		diagnostics_add(ld->diags,
				source_fault(&source, CODE_UNREADABLE), path, 0,
				"cannot be read: %s", problem);
		return false;
	}
	source_warn(&source, path, ld->diags);
	loader_read(ld, &input, walk);
	source_fini(&source);
	return true;
}

static const struct walk policy_walk = { walk, NULL };

/* Of a loader whose policy may not be there: no memory. */
static bool is_ready(struct loader *ld, const char *name)
{
	if (ld->policy && ld->disabled)
		return true;
	diagnostics_add(ld->diags, CODE_NO_MEMORY, name, 0, "out of memory");
	return false;
}

/* The policy, if no fault was found since there were @before of them. */
static struct policy *finish(struct loader *ld, const char *name, size_t before)
{
	struct diagnostics *diags = ld->diags;

	if (diags->errors == before && !ruleset_index(ld->policy->rules))
		diagnostics_add(diags, CODE_NO_MEMORY, name, 0,
				"out of memory");
	/* Its rules speak of the zones and tables of the policy. */
	ruleset_destroy(ld->disabled);
	loader_services_fini(ld);
	free(ld->noted);
	free(ld->used);
	diagnostics_sort(diags);
	if (diags->errors == before)
		return ld->policy;
	policy_destroy(ld->policy);
	return NULL;
}

struct policy *policy_parse(const char *text, size_t len, const char *name,
			    struct diagnostics *diags)
{
	const struct scan_input input = {
		.name = name,
		.text = text,
		.len = len,
	};
	struct loader ld = { .policy = policy_create(),
			     .diags = diags,
			     .disabled = ruleset_create() };
	size_t before = diags->errors;

	if (is_ready(&ld, name))
		loader_read(&ld, &input, &policy_walk);
	return finish(&ld, name, before);
}

struct policy *policy_load(const char *path, struct diagnostics *diags)
{
	struct loader ld = { .policy = policy_create(),
			     .diags = diags,
			     .disabled = ruleset_create() };
	size_t before = diags->errors;

	if (is_ready(&ld, path))
		(void)loader_read_file(&ld, path, &policy_walk);
	return finish(&ld, path, before);
}
