/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that write and read an image share.
 */
#ifndef POLICY_IMAGE_STATE_H
#define POLICY_IMAGE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire.h"
#include "policy/policy.h"
#include "policy/text.h"

/* Numbers in network order. */
void image_put_u8(struct text *out, unsigned int value);
void image_put_u16(struct text *out, uint16_t value);
void image_put_u32(struct text *out, uint32_t value);
void image_put_u64(struct text *out, uint64_t value);
void image_put_string(struct text *out, const char *string);
void image_put_rule(struct text *out, const struct policy *policy,
		    size_t index);
void image_put_redirect(struct text *out, const struct policy *policy);

/* An image that is being read. */
struct image {
	struct reader in;
	size_t live_entries; /* of the tables so far */
	bool damaged;
};

/*
 * Each takes what is next.  If it is not there, or cannot be, the image is
 * damaged, and a harmless value or NULL is returned.
 */
const uint8_t *image_take(struct image *image, size_t len);
unsigned int image_take_u8(struct image *image);
uint16_t image_take_u16(struct image *image);
uint32_t image_take_u32(struct image *image);
uint64_t image_take_u64(struct image *image);
/* Bits, none but those in @known. */
unsigned int image_take_flags(struct image *image, unsigned int known);
/* What is logged, of two of them. */
static inline enum log_amount image_log(bool first, bool all)
{
	if (all)
		return LOG_ALL;
	return first ? LOG_FIRST : LOG_NONE;
}

/* A count of items of at least @item_len octets each. */
uint32_t image_take_count(struct image *image, uint32_t max, size_t item_len);
enum action image_take_action(struct image *image);
/* The caller frees it; NULL: the image is damaged. */
char *image_take_string(struct image *image);
/* The same for the name of a rule, zone or table. */
char *image_take_name(struct image *image);
/* @value, if it is from @min to @max. */
uint64_t image_hold(struct image *image, uint64_t value, uint64_t min,
		    uint64_t max);

/* false: the image is damaged. */
bool image_take_range(struct image *image, struct addr_range *range);
void image_put_range(struct text *out, const struct addr_range *range);

void image_read_redirect(struct image *image, struct policy *policy);
void image_read_rule(struct image *image, struct policy *policy);

#endif
