/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the tree of settings to a policy: what the files load_*.c share.
 */
#ifndef POLICY_LOADER_H
#define POLICY_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/diagnostic.h"
#include "policy/document.h"
#include "policy/policy.h"
#include "policy/range.h"
#include "policy/suggest.h"
#include "policy/text.h"
#include "policy/tree.h"

/* The section services: a name, and what it stands for. */
struct named_service {
	const char *name; /* the node's */
	struct text text; /* "tcp/80,tcp/443"; empty: it is faulty */
	const struct node *node;
	bool used;
};

struct named_services {
	struct named_service *list;
	size_t count;
};

/* A rule of the policy, where the file has it. */
struct noted_rule {
	const struct node *node;
};

struct named_object;

struct loader {
	struct policy *policy;
	struct diagnostics *diags;
	const struct document *doc;
	const struct node *root;
	struct named_services services;
	size_t live_entries;      /* of all dynamic tables */
	struct ruleset *disabled; /* rules that are checked and then left out */
	struct noted_rule *noted; /* the others, in their order */
	struct named_object *used; /* zones and tables that are named */
	size_t used_count;
	bool has_half_open; /* limits.half_open is given */
	bool takes_track;   /* some rule is tracked as settings.track says */
	bool no_memory;     /* at any point */
};

/*
 * For the rule that was added last, which @node describes.  @comment may be
 * NULL.
 */
void loader_note_rule(struct loader *ld, const struct node *node,
		      const char *comment);

/* What is done with the settings of a text that can be read. */
struct walk {
	void (*walk)(struct loader *ld, const struct node *root,
		     const char *name, void *object);
	void *object;
};

struct scan_input;

/* Of @ld, .policy and .diags are set; .doc is there until this returns. */
void loader_read(struct loader *ld, const struct scan_input *input,
		 const struct walk *walk);
/* false: there is no such file, or it cannot be read, and that is reported. */
bool loader_read_file(struct loader *ld, const char *path,
		      const struct walk *walk);

/* That the zone or table @object is named. */
void loader_use(struct loader *ld, const void *object);

/* NULL: it is not one of ours. */
struct named_service *loader_service(struct loader *ld, const char *name);
void loader_services_fini(struct loader *ld);

/* What a fault is about. */
struct spot {
	const struct node *node;
	bool is_name;     /* its name, not its value */
	const char *part; /* of its string; NULL: all of it */
	size_t len;       /* of the part */
};

/* Where that is. */
struct origin loader_origin(const struct loader *ld, const struct spot *spot);

/* As diagnostics_add(), of that. */
__attribute__((format(printf, 4, 5))) void
loader_fault_at(struct loader *ld, enum code code, const struct spot *spot,
		const char *format, ...);
/* Of a value; of a group or list that has a name, the name stands for it. */
__attribute__((format(printf, 4, 5))) void
loader_fault(struct loader *ld, enum code code, const struct node *node,
	     const char *format, ...);
/* Of the name itself. */
__attribute__((format(printf, 4, 5))) void
loader_fault_name(struct loader *ld, enum code code, const struct node *node,
		  const char *format, ...);

/* Whether its name or value stands for one that was reported as faulty. */
bool loader_is_mended(const struct loader *ld, const struct node *node);

/* Where @node stands, for somebody who looks at another one: "in line 3" or "at other.conf:3". */
enum { PLACE_LEN = 160 };
void loader_place(const struct loader *ld, const struct node *node,
		  const struct node *seen_from, char text[PLACE_LEN]);

/* What kind of value it is, in words. */
const char *loader_type_name(const struct node *node);

/* A key that a group may have. */
struct key {
	const char *name;
	unsigned int types; /* enum node_type, or-ed */
	const char *wanted; /* "a whole number" */
	void (*load)(struct loader *ld, const struct node *node, void *object);
};

struct schema {
	const struct key *keys;
	size_t count;
};

/*
 * Reports every unknown key of @group and every value of a wrong type, then
 * loads the others in the order of the schema.  @where is the end of a
 * sentence: "", " in limits", " in rule \"web\"".
 */
void loader_group(struct loader *ld, const struct node *group,
		  const struct schema *schema, const char *where, void *object);

/* The same for the whole file, whose sections may have parts. */
void loader_sections(struct loader *ld, const struct schema *schema,
		     void *object);

/* The name of a section, whichever part of it @node is. */
const char *loader_section_name(const struct node *node);

/* The child of that name, or NULL. */
const struct node *loader_child(const struct node *group, const char *name);

/* The children of a list, or else the value itself. */
size_t loader_value_count(const struct node *node);
const struct node *loader_value(const struct node *node, size_t index);

/*
 * The next word of a comma separated list, without blanks.  Returns where it
 * is in the list; NULL: there are no more.  A word that is too long is cut, and
 * will not be understood.
 */
enum { LOADER_WORD_LEN = 128 };
const char *loader_next_word(const char **rest, char word[LOADER_WORD_LEN]);

/*
 * Values.  Each reports what is wrong, in a sentence that begins with @label,
 * and returns false; nothing is set then.
 */

/* A string that is one of @words; *@index is which. */
struct words {
	const char *const *list;
	size_t count;
	const char *what; /* "an action" */
};

bool loader_choice(struct loader *ld, const struct node *node,
		   const char *label, const struct words *words,
		   unsigned int *index);

/* true, false, "none", "first" or "all". */
#define LOADER_LOG_WANTED "true, false or \"all\""
bool loader_log(struct loader *ld, const struct node *node, const char *label,
		enum log_amount *amount);

/* "accept", "drop" or "reject". */
bool loader_action(struct loader *ld, const struct node *node,
		   const char *label, enum action *action);

/* A whole number within bounds, both included. */
struct bounds {
	long long min;
	long long max;
};

bool loader_number(struct loader *ld, const struct node *node,
		   const char *label, struct bounds bounds, long long *value);

/* A duration from 1 s to 365 days; @node is of any type. */
bool loader_duration(struct loader *ld, const struct node *node,
		     const char *label, msec_t *value);

/*
 * Those of a section of timeouts, those that are given; the others stay.
 * @label is where they stand: "timeouts".
 */
void loader_timeouts(struct loader *ld, const struct node *node,
		     const char *label, msec_t values[TIMEOUT_COUNT]);

/*
 * Every word of a string, or of the strings of a list.  @wanted is what is said
 * of a value that is none.
 */
void loader_strings(struct loader *ld, const struct node *node,
		    const char *wanted,
		    void (*take)(struct loader *ld, const struct spot *spot,
				 const char *word, void *object),
		    void *object);

/* Whether @node can define a @what ("zone"): it has a name, and is a group. */
bool loader_definition(struct loader *ld, const struct node *node,
		       const char *what, const char *example);
bool loader_is_name(struct loader *ld, const struct node *node,
		    const char *what);

/* The sections of the file; each has the object of loader_sections(). */
void load_version(struct loader *ld, const struct node *node, void *object);
void load_settings(struct loader *ld, const struct node *node, void *object);
void load_tcp(struct loader *ld, const struct node *node, void *object);
void load_udp(struct loader *ld, const struct node *node, void *object);
void load_protect(struct loader *ld, const struct node *node, void *object);
void load_zones(struct loader *ld, const struct node *node, void *object);
void load_services(struct loader *ld, const struct node *node, void *object);
void load_tables(struct loader *ld, const struct node *node, void *object);
void load_policy(struct loader *ld, const struct node *node, void *object);
void load_timeouts(struct loader *ld, const struct node *node, void *object);
void load_limits(struct loader *ld, const struct node *node, void *object);
/* What depends on other limits, once all of them are known. */
void load_limits_defaults(struct loader *ld);
void load_queues(struct loader *ld, const struct node *node, void *object);
void load_queue_length(struct loader *ld, const struct node *node,
		       void *object);
void load_redirect(struct loader *ld, const struct node *node, void *object);
void load_rescue(struct loader *ld, const struct node *node, void *object);
void load_rules(struct loader *ld, const struct node *node, void *object);
/* @node, whose label that is, is "reject": warns if nobody will answer. */
void load_check_reject(struct loader *ld, const struct node *node,
		       const char *label);
/* Of a policy without faults: what is hardly meant. */
void load_warnings(struct loader *ld);
/* And rules that can never match. */
void load_order(struct loader *ld);
/* Whether the date @node of @label, a rule, is over or nearly so. */
void load_check_date(struct loader *ld, const struct node *node,
		     const char *label, int64_t expires);
/* That no name is used twice, in all parts of the section. */
void load_rules_check(struct loader *ld);

#endif
