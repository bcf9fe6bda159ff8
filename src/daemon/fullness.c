/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table that hovers about the mark is told of once.
 */
#include "daemon/fullness.h"

enum fullness_news fullness_note(struct fullness *fullness, size_t used,
				 size_t size, uint32_t percent)
{
	size_t mark = (size * percent + 99) / 100;

	if (!fullness->is_told && used >= mark) {
		fullness->is_told = true;
		return FULLNESS_PASSED;
	}
	if (fullness->is_told && used <= mark - mark / 10 && used < mark) {
		fullness->is_told = false;
		return FULLNESS_FELL;
	}
	return FULLNESS_NO_NEWS;
}
