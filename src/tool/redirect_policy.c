/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the file, from the image that the daemon keeps, or the defaults.
 */
#include "tool/redirect_policy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/image.h"
#include "tool/usage.h"

static const char last_good_path[] = "/var/lib/statewall/last-good.image";

/* NULL: it cannot be read. */
static char *read_file(int fd, size_t *len)
{
	struct stat st;
	char *bytes;
	ssize_t n = -1;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	*len = (size_t)st.st_size;
	bytes = malloc(*len ? *len : 1);
	if (bytes)
		n = read(fd, bytes, *len);
	if (n == st.st_size)
		return bytes;
	free(bytes);
	return NULL;
}

/* NULL: there is none that can be used. */
static struct policy *read_last_good(void)
{
	int fd = open(last_good_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct diagnostics diags = { 0 };
	struct policy *policy = NULL;
	size_t len = 0;
	char *bytes;

	if (fd < 0)
		return NULL;
	bytes = read_file(fd, &len);
	(void)close(fd);
	if (bytes && !policy_image_read(bytes, len, &policy, &diags))
		policy = NULL;
	free(bytes);
	diagnostics_fini(&diags);
	return policy;
}

static struct policy *fall_back(const char *path)
{
	struct policy *policy = read_last_good();

	if (policy) {
		complain("%s has errors: redirect and rescue of the last good "
			 "policy are used",
			 path);
		return policy;
	}
	complain("%s has errors, and there is no last good policy: the "
		 "defaults of redirect and rescue are used",
		 path);
	policy = policy_create();
	if (!policy)
		complain("out of memory");
	return policy;
}

struct policy *redirect_policy(const char *path, bool falls_back)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = policy_load(path, &diags);

	if (!policy) {
		diagnostics_print(&diags, stderr);
		if (falls_back)
			policy = fall_back(path);
		else
			complain("%s: the redirection is unchanged", path);
	}
	diagnostics_fini(&diags);
	/* They may have millions of addresses. */
	if (policy)
		ruleset_destroy(policy_take_rules(policy));
	return policy;
}
