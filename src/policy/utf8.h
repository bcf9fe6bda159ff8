/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Characters of texts that may be anything.
 */
#ifndef POLICY_UTF8_H
#define POLICY_UTF8_H

#include <stdbool.h>
#include <stddef.h>

enum { UTF8_LEN_MAX = 4 };

/* The octets of the character at @at; 0: it is none (RFC 3629). */
size_t utf8_len(const char *at);
/* Those to go on: what is no character counts as one for each octet. */
size_t utf8_step(const char *at);
/* Some terminals obey U+0080 to U+009F like the controls below the blank. */
bool utf8_is_control(const char *at);
/* How many characters begin before @end. */
size_t utf8_count(const char *at, const char *end);

#endif
