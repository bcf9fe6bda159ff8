/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words for actions, which are netfilter's.
 */
#include "engine/verdict.h"

const char *const action_names[ACTION_COUNT] = {
	[ACTION_ACCEPT] = "accept",
	[ACTION_DROP] = "drop",
	[ACTION_REJECT] = "reject",
};
