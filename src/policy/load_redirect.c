/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections redirect and rescue.
 */
#include "policy/redirect.h"

#include <stdio.h>
#include <string.h>

#include "policy/loader.h"

static const char boolean[] = "true or false, without quotes";

/* A word that stands for a bit. */
struct bit_words {
	const char *const *names;
	unsigned int count;
	const char *label; /* "redirect.hooks" */
	const char *what;  /* "a hook" */
	unsigned int *bits;
};

static const char *nth_bit(const void *context, size_t index)
{
	const struct bit_words *words = context;

	return index < words->count ? words->names[index] : NULL;
}

static void take_bit(struct loader *ld, const struct spot *spot,
		     const char *word, void *object)
{
	const struct bit_words *words = object;
	const struct choices choices = { nth_bit, words };
	char hint[SUGGESTION_LEN];

	for (unsigned int i = 0; i < words->count; i++) {
		if (strcmp(words->names[i], word) != 0)
			continue;
		*words->bits |= 1U << i;
		return;
	}
	suggest(hint, word, &choices);
	loader_fault_at(ld, CODE_UNKNOWN_WORD, spot,
			"%s: \"%.60s\" is not %s\n%s", words->label, word,
			words->what, hint);
}

static void load_hooks(struct loader *ld, const struct node *node, void *object)
{
	struct redirect *redirect = object;
	struct bit_words words = { hook_names, HOOK_COUNT, "redirect.hooks",
				   "a hook", &redirect->hooks };

	redirect->hooks = 0;
	loader_strings(ld, node,
		       "redirect.hooks are strings: write [ \"input\", "
		       "\"forward\", \"output\" ]",
		       take_bit, &words);
}

static void load_families(struct loader *ld, const struct node *node,
			  void *object)
{
	struct redirect *redirect = object;
	struct bit_words words = { redirect_family_names, FAMILY_COUNT,
				   "redirect.families", "a family",
				   &redirect->families };

	redirect->families = 0;
	loader_strings(ld, node,
		       "redirect.families are strings: write [ \"inet\", "
		       "\"inet6\" ]",
		       take_bit, &words);
	if (loader_value_count(node) == 0)
		loader_fault(ld, CODE_EMPTY, node,
			     "redirect.families is empty\nwrite hooks = [ ] if "
			     "nothing is to be handed over");
}

static void add_skip(struct loader *ld, const struct spot *spot,
		     const char *word, void *object)
{
	struct redirect *redirect = object;

	if (strcmp(word, "*") == 0)
		loader_fault_at(ld, CODE_INTERFACE, spot,
				"redirect.skip_interfaces: \"*\" would skip "
				"every interface\nwrite hooks = [ ] if nothing "
				"is to be handed over");
	else if (!redirect_is_interface(word))
		loader_fault_at(
			ld, CODE_INTERFACE, spot,
			"redirect.skip_interfaces: \"%.60s\" is not the "
			"name of an interface\nwrite one of at most 15 "
			"characters, \"lo\", or its beginning with a "
			"'*', \"veth*\"",
			word);
	else if (redirect->skip_count == REDIRECT_SKIP_MAX)
		loader_fault_at(ld, CODE_OUT_OF_RANGE, spot,
				"redirect.skip_interfaces has more than %d "
				"interfaces\ntake some together with a '*'",
				REDIRECT_SKIP_MAX);
	else
		memcpy(redirect->skip[redirect->skip_count++], word,
		       strlen(word) + 1);
}

static void load_skip(struct loader *ld, const struct node *node, void *object)
{
	struct redirect *redirect = object;

	redirect->skip_count = 0;
	memset(redirect->skip, 0, sizeof(redirect->skip));
	loader_strings(ld, node,
		       "redirect.skip_interfaces are strings: write [ \"lo\" ]",
		       add_skip, redirect);
}

static void load_on_failure(struct loader *ld, const struct node *node,
			    void *object)
{
	static const struct words words = { redirect_failure_names,
					    FAILURE_COUNT, "possible" };
	struct redirect *redirect = object;
	unsigned int index;

	if (!loader_choice(ld, node, "redirect.on_failure", &words, &index))
		return;
	redirect->on_failure = (enum on_failure)index;
	if (redirect->on_failure == FAILURE_OPEN)
		loader_fault(ld, CODE_FAILS_OPEN, node,
			     "redirect.on_failure = \"open\": while statewalld "
			     "is away everything passes\n\"rescue\" lets in "
			     "administrators only");
}

static void take_mark(struct loader *ld, const struct node *node,
		      uint32_t *mark)
{
	long long value = node_integer(node);

	if (value > 0 && (value & (value - 1)) == 0 && value <= INT32_MAX)
		*mark = (uint32_t)value;
	else
		loader_fault(
			ld, CODE_OUT_OF_RANGE, node,
			"redirect.marks.%s is not one bit of a mark\nwrite "
			"a power of two, such as 0x10000000",
			node_name(node));
}

static void load_accept_mark(struct loader *ld, const struct node *node,
			     void *object)
{
	take_mark(ld, node, &((struct redirect *)object)->accept_mark);
}

static void load_reject_mark(struct loader *ld, const struct node *node,
			     void *object)
{
	take_mark(ld, node, &((struct redirect *)object)->reject_mark);
}

static const struct key mark_keys[] = {
	{ "accept", NODE_INTEGER, "one bit, such as 0x10000000",
	  load_accept_mark },
	{ "reject", NODE_INTEGER, "one bit, such as 0x20000000",
	  load_reject_mark },
};

static void load_marks(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = { mark_keys, 2 };
	struct redirect *redirect = object;

	loader_group(ld, node, &schema, " in redirect.marks", redirect);
	if (redirect->accept_mark == redirect->reject_mark)
		loader_fault(ld, CODE_COMBINATION, node,
			     "redirect.marks: accept and reject are the same "
			     "bit\ntake another one for one of them");
}

static void load_self_heal(struct loader *ld, const struct node *node,
			   void *object)
{
	(void)ld;
	((struct redirect *)object)->self_heal = node_bool(node);
}

/* They are settings of the file as a whole as well, from before. */
static bool is_given_outside(struct loader *ld, const struct node *node)
{
	const struct node *other = loader_child(ld->root, node_name(node));
	char place[PLACE_LEN];

	if (!other)
		return false;
	loader_place(ld, other, node, place);
	loader_fault_name(ld, CODE_GIVEN_BEFORE, node,
			  "\"%s\" was given before, %s, outside of "
			  "redirect\nremove one",
			  node_name(node), place);
	return true;
}

static void load_own_queues(struct loader *ld, const struct node *node,
			    void *object)
{
	if (!is_given_outside(ld, node))
		load_queues(ld, node, object);
}

static void load_own_queue_length(struct loader *ld, const struct node *node,
				  void *object)
{
	if (!is_given_outside(ld, node))
		load_queue_length(ld, node, object);
}

static const struct key redirect_keys[] = {
	{ "hooks", NODE_STRING | NODE_LIST,
	  "[ \"input\", \"forward\", \"output\" ]", load_hooks },
	{ "families", NODE_STRING | NODE_LIST, "[ \"inet\", \"inet6\" ]",
	  load_families },
	{ "queues", NODE_STRING | NODE_INTEGER, "\"0-3\"", load_own_queues },
	{ "queue_length", NODE_INTEGER, "8192", load_own_queue_length },
	{ "skip_interfaces", NODE_STRING | NODE_LIST, "[ \"lo\" ]", load_skip },
	{ "on_failure", NODE_STRING, "\"rescue\", \"closed\" or \"open\"",
	  load_on_failure },
	{ "marks", NODE_GROUP, "{ accept = 0x10000000; reject = 0x20000000; }",
	  load_marks },
	{ "self_heal", NODE_BOOL, boolean, load_self_heal },
};

void load_redirect(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		redirect_keys, sizeof(redirect_keys) / sizeof(redirect_keys[0])
	};

	(void)object;
	ld->policy->redirect.given = true;
	loader_group(ld, node, &schema, " in redirect", &ld->policy->redirect);
}

void load_check_reject(struct loader *ld, const struct node *node,
		       const char *label)
{
	const struct redirect *redirect = &ld->policy->redirect;

	if (redirect->given && redirect->hooks)
		return;
	loader_fault(ld, CODE_NOT_ANSWERED, node, "%s = \"reject\"\n%s", label,
		     redirect->given
			     ? "nothing is answered without redirect.hooks: "
			       "say \"drop\""
			     : "write redirect = { }; or say \"drop\": "
			       "nothing is answered if other rules of iptables "
			       "hand packets over");
}

/* rescue */

static void add_port(struct loader *ld, const struct node *node,
		     struct rescue *rescue)
{
	static const struct bounds bounds = { 1, UINT16_MAX };
	long long port;

	if (node_type(node) != NODE_INTEGER)
		loader_fault(ld, CODE_TYPE, node,
			     "rescue.ssh_port is %s\nwrite a number such as 22",
			     loader_type_name(node));
	else if (rescue->ssh_port_count == RESCUE_PORTS_MAX)
		loader_fault(ld, CODE_OUT_OF_RANGE, node,
			     "rescue.ssh_port has more than %d ports\nwrite "
			     "those that administrators use",
			     RESCUE_PORTS_MAX);
	else if (loader_number(ld, node, "rescue.ssh_port", bounds, &port))
		rescue->ssh_ports[rescue->ssh_port_count++] = (uint16_t)port;
}

static void load_ssh_port(struct loader *ld, const struct node *node,
			  void *object)
{
	struct rescue *rescue = object;

	rescue->ssh_port_count = 0;
	memset(rescue->ssh_ports, 0, sizeof(rescue->ssh_ports));
	for (size_t i = 0; i < loader_value_count(node); i++)
		add_port(ld, loader_value(node, i), rescue);
}

static void add_ssh_from(struct loader *ld, const struct spot *spot,
			 const char *word, void *object)
{
	struct rescue *rescue = object;
	struct addr_range range;
	char why[WHY_LEN];

	if (*word == '<')
		loader_fault_at(ld, CODE_ADDRESS, spot,
				"rescue.ssh_from: \"%.60s\" is a table\nthe "
				"kernel does not know tables: write networks",
				word);
	else if (!range_parse(word, &range, why))
		loader_fault_at(ld, CODE_ADDRESS, spot,
				"rescue.ssh_from: \"%.60s\" %s", word, why);
	else if (rescue->ssh_from_count == RESCUE_NETWORKS_MAX)
		loader_fault_at(ld, CODE_OUT_OF_RANGE, spot,
				"rescue.ssh_from has more than %d "
				"networks\nwrite larger ones",
				RESCUE_NETWORKS_MAX);
	else
		rescue->ssh_from[rescue->ssh_from_count++] = range;
}

static void load_ssh_from(struct loader *ld, const struct node *node,
			  void *object)
{
	struct rescue *rescue = object;

	rescue->ssh_from_any = false;
	rescue->ssh_from_count = 0;
	loader_strings(ld, node,
		       "rescue.ssh_from are strings: write [ "
		       "\"192.0.2.0/24\", \"2001:db8:1::/48\" ]",
		       add_ssh_from, rescue);
}

static void load_output(struct loader *ld, const struct node *node,
			void *object)
{
	static const char *const list[] = { "drop", "accept" };
	static const struct words words = { list, 2, "possible" };
	unsigned int index;

	if (loader_choice(ld, node, "rescue.output", &words, &index))
		((struct rescue *)object)->output = index == 1;
}

static void load_established(struct loader *ld, const struct node *node,
			     void *object)
{
	(void)ld;
	((struct rescue *)object)->established = node_bool(node);
}

static const struct key rescue_keys[] = {
	{ "ssh_port", NODE_INTEGER | NODE_LIST, "22", load_ssh_port },
	{ "ssh_from", NODE_STRING | NODE_LIST, "[ \"192.0.2.0/24\" ]",
	  load_ssh_from },
	{ "output", NODE_STRING, "\"accept\" or \"drop\"", load_output },
	{ "established", NODE_BOOL, boolean, load_established },
};

void load_rescue(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		rescue_keys, sizeof(rescue_keys) / sizeof(rescue_keys[0])
	};

	(void)object;
	ld->policy->rescue.given = true;
	loader_group(ld, node, &schema, " in rescue", &ld->policy->rescue);
}
