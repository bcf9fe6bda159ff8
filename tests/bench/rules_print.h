/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same rules in the languages of the peers.
 */
#ifndef BENCH_RULES_PRINT_H
#define BENCH_RULES_PRINT_H

#include <stdbool.h>
#include <stddef.h>

struct cb_rule;

/* To standard output; @form is conf, nft or iptables, false: it is not. */
bool rules_print(const char *form, const struct cb_rule *list, size_t len);

#endif
