/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verdicts with marks.
 */
#include "daemon/queue_marks.h"

static uint32_t mask_of(const struct queue_marks *marks)
{
	return marks->accept | marks->reject;
}

bool queue_marks_are_set(const struct queue_marks *marks, uint32_t mark)
{
	uint32_t mask = mask_of(marks);

	return mask != 0 && (mark & mask) == mask;
}

uint32_t queue_marks_clear(const struct queue_marks *marks, uint32_t mark)
{
	return queue_marks_are_set(marks, mark) ? mark & ~mask_of(marks) : mark;
}

/*
 * In output a packet whose mark changes is routed again, by rules for marks
 * that know nothing of ours; so what is accepted there keeps both bits, unless
 * the chains have to tell it from what nobody has judged.
 */
static uint32_t bits_for(const struct queue_marks *marks, enum hook hook,
			 enum action action)
{
	if (action == ACTION_REJECT)
		return marks->reject;
	return hook == HOOK_OUTPUT && !marks->output ? mask_of(marks)
						     : marks->accept;
}

struct queue_answer queue_marks_answer(const struct queue_marks *marks,
				       enum hook hook, enum action action,
				       uint32_t before, uint32_t mark)
{
	bool came_by_ours = queue_marks_are_set(marks, before);
	struct queue_answer answer = { .mark = before };

	if (action == ACTION_DROP ||
	    (action == ACTION_REJECT && !came_by_ours)) {
		answer.unanswered = action == ACTION_REJECT;
		return answer;
	}
	answer.accept = true;
	if (came_by_ours)
		mark = (mark & ~mask_of(marks)) | bits_for(marks, hook, action);
	answer.is_marked = mark != before;
	answer.mark = mark;
	return answer;
}
