/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Characters.
 */
#include "policy/utf8.h"

size_t utf8_len(const char *at)
{
	unsigned char first = (unsigned char)at[0];
	unsigned char second = first ? (unsigned char)at[1] : 0;
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (len == 1)
		return 1;
	/* No lead octet, too long a form, a surrogate, beyond U+10FFFF. */
	if (first < 0xc2 || first > 0xf4 || (first == 0xe0 && second < 0xa0) ||
	    (first == 0xed && second > 0x9f) ||
	    (first == 0xf0 && second < 0x90) ||
	    (first == 0xf4 && second > 0x8f))
		return 0;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

size_t utf8_step(const char *at)
{
	size_t len = utf8_len(at);

	return len > 0 ? len : 1;
}

bool utf8_is_control(const char *at)
{
	unsigned char first = (unsigned char)at[0];

	return first < ' ' || first == 0x7f ||
	       (first == 0xc2 && (unsigned char)at[1] < 0xa0);
}

size_t utf8_count(const char *at, const char *end)
{
	size_t count = 0;

	for (; at < end; at += utf8_step(at))
		count++;
	return count;
}
