/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compiled policy and what was wrong with its file, as octets.
 *
 * A policy is compiled in a process of its own, so that no configuration can
 * harm the daemon; this is how the result comes back.  Both ends are the same
 * program: an image of another version is refused, never converted.
 */
#ifndef POLICY_IMAGE_H
#define POLICY_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "policy/diagnostic.h"
#include "policy/policy.h"

/*
 * Writes both to @out, which is not flushed.  @policy may be NULL.  false:
 * @out has failed, or there is no memory.
 */
bool policy_image_write(const struct policy *policy,
			const struct diagnostics *diags, FILE *out);

/*
 * Reads what the above wrote.  @bytes may come from anybody: what cannot be a
 * policy is refused, and what is accepted is within all bounds.  @diags is
 * empty before.  *@policy is then a policy that the caller destroys, or NULL
 * if the image has none, as is the case when @diags has errors.
 *
 * false: the image is damaged, or there is no memory; nothing is set.
 */
bool policy_image_read(const void *bytes, size_t len, struct policy **policy,
		       struct diagnostics *diags);

#endif
