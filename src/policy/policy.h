/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration file, read, checked and compiled.
 *
 * No sockets, threads, signals or clock: the same code serves the daemon, the
 * tool and the tests.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/engine.h"
#include "engine/ruleset.h"
#include "policy/diagnostic.h"
#include "policy/redirect.h"

/* Bounds of settings; those of timeouts are in milliseconds. */
enum {
	POLICY_CONNECTIONS_MIN = 64,
	POLICY_CONNECTIONS_MAX = 1 << 24,
	POLICY_SOURCE_NODES_MIN = 256,
	POLICY_SOURCE_NODES_MAX = 1 << 20,
	POLICY_ADAPTIVE_MAX = 1000,      /* percent */
	POLICY_QUEUE_LENGTH_MAX = 65536, /* the kernel keeps 16 bits of it */
	POLICY_TIMEOUT_MIN = 1000,
	/* Of all dynamic tables: their memory is taken at the start. */
	POLICY_LIVE_ENTRIES_MAX = 1 << 23,
};

/* Not less than match_type_count. */
enum { POLICY_CONDITION_KINDS = 14 };

/* In a file that was read; .file is NULL: nowhere, or not known. */
struct policy_place {
	char *file;
	unsigned int line;
};

struct policy {
	struct ruleset *rules;
	size_t max_conns;     /* limits.connections */
	uint16_t queue_first; /* queues = "0-3" */
	uint16_t queue_last;
	uint32_t queue_length; /* packets that may wait in each queue */
	struct redirect redirect;
	struct rescue rescue;
	/* What becomes of connections when another policy takes over. */
	enum recheck on_reload;
	struct policy_note *notes; /* one a rule, in their order */
	size_t note_count;
	size_t note_capacity;
	struct policy_place hooks[HOOK_COUNT]; /* where policy.HOOK stands */
};

/* The words of settings, by the number that the engine has for them. */
enum {
	POLICY_RELOAD_COUNT = RECHECK_FLUSH + 1,
	POLICY_PICKUP_COUNT = TCP_PICKUP_LOOSE + 1,
	POLICY_SYN_DATA_COUNT = TCP_SYN_DATA_DENY + 1,
};

extern const char *const policy_reload_names[POLICY_RELOAD_COUNT];
extern const char *const policy_pickup_names[POLICY_PICKUP_COUNT];
extern const char *const policy_syn_data_names[POLICY_SYN_DATA_COUNT];
extern const char *const policy_log_names[LOG_AMOUNT_COUNT];
extern const char *const policy_tracking_names[TRACKING_COUNT];
extern const char *const policy_unit_names[LIMIT_UNIT_COUNT];
extern const char *const policy_scope_names[LIMIT_SCOPE_COUNT];

/* The rule of a table with block = true is called that and the table's name. */
#define POLICY_BLOCK_PREFIX "block-"

/* What the engine need not know of a rule. */
struct policy_note {
	char *comment; /* NULL: none */
	char *file;    /* where it stands; NULL: not known */
	unsigned int line;
	/* Of its conditions, in the order of match_types; 0: as .line. */
	unsigned int lines[POLICY_CONDITION_KINDS];
};

/* The defaults, without a rule; NULL: no memory. */
struct policy *policy_create(void);
void policy_destroy(struct policy *policy);

/*
 * For the rule that was added last.  @comment may be NULL; texts are copied.
 * false: no memory.
 */
bool policy_add_note(struct policy *policy, const char *comment,
		     struct origin origin);
/*
 * A condition of that rule stands there, which is of use if it is the file of
 * the rule.
 */
void policy_note_condition(struct policy *policy, const struct match_type *type,
			   struct origin origin);
/* The line of a condition of that rule, in the file of its note; 0: not known. */
unsigned int policy_condition_line(const struct policy *policy, size_t rule,
				   const struct match_type *type);
/* Where the setting policy.HOOK stands.  false: no memory. */
bool policy_set_place(struct policy *policy, enum hook hook,
		      struct origin origin);
/* Whether the rule of that number is there by block = true of a table. */
bool policy_is_block_rule(const struct policy *policy, size_t rule);
/* NULL: there is none of that number. */
const struct policy_note *policy_note(const struct policy *policy, size_t rule);

/*
 * Reads @path.  All faults of the file go to @diags, in the order of lines.
 * Returns a policy that the caller destroys, or NULL if there was any error
 * (@diags then has at least one).
 */
struct policy *policy_load(const char *path, struct diagnostics *diags);

/* The same for a text in memory; @name stands for it in messages. */
struct policy *policy_parse(const char *text, size_t len, const char *name,
			    struct diagnostics *diags);

/*
 * The default of limits.half_open: what pf has for the beginning of a flood, a
 * quarter of the table.
 */
static inline size_t policy_half_open(size_t max_conns)
{
	return max_conns / 4;
}

/* Takes the rules out; the caller then owns them. */
struct ruleset *policy_take_rules(struct policy *policy);

/*
 * Prints the canonical form, which is itself a valid configuration that
 * compiles to the same policy.  false: @out has failed, or there is no memory.
 */
bool policy_print(const struct policy *policy, FILE *out);

#endif
