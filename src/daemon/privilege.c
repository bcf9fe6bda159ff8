/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities.  The kernel asks for CAP_NET_ADMIN with every message of a
 * queue, so it has to be kept.
 */
#include "daemon/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>

bool privilege_has_net_admin(void)
{
	if (capng_get_caps_process() != 0)
		return false;
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
}

int privilege_drop(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			 CAP_NET_ADMIN) != 0)
		return -EPERM;
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

void privilege_drop_all(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	(void)capng_apply(CAPNG_SELECT_CAPS);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
