/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of settings.
 */
#include "policy/policy.h"

const char *const policy_reload_names[POLICY_RELOAD_COUNT] = {
	[RECHECK_KEEP] = "keep",
	[RECHECK_JUDGE] = "recheck",
	[RECHECK_FLUSH] = "flush",
};

const char *const policy_pickup_names[POLICY_PICKUP_COUNT] = {
	[TCP_PICKUP_STRICT] = "strict",
	[TCP_PICKUP_GRACE] = "grace",
	[TCP_PICKUP_LOOSE] = "loose",
};

const char *const policy_syn_data_names[POLICY_SYN_DATA_COUNT] = {
	[TCP_SYN_DATA_ALLOW] = "allow",
	[TCP_SYN_DATA_TFO] = "tfo-only",
	[TCP_SYN_DATA_DENY] = "deny",
};

const char *const policy_log_names[LOG_AMOUNT_COUNT] = {
	[LOG_NONE] = "none",
	[LOG_FIRST] = "first",
	[LOG_ALL] = "all",
};

/* Of a rule the last one is never written: it is state = "none". */
const char *const policy_tracking_names[TRACKING_COUNT] = {
	[TRACKING_FULL] = "full",
	[TRACKING_LIBERAL] = "liberal",
	[TRACKING_SLOPPY] = "sloppy",
	[TRACKING_NONE] = "none",
};

const char *const policy_unit_names[LIMIT_UNIT_COUNT] = {
	[LIMIT_NONE] = "none",
	[LIMIT_NEW] = "new",
	[LIMIT_PACKETS] = "packets",
	[LIMIT_BYTES] = "bytes",
};

const char *const policy_scope_names[LIMIT_SCOPE_COUNT] = {
	[LIMIT_RULE] = "rule",
	[LIMIT_SOURCE] = "source",
	[LIMIT_DESTINATION] = "destination",
};
