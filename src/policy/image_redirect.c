/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections redirect and rescue in an image.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/image_form.h"
#include "policy/image_state.h"

static unsigned int flag(bool set, unsigned int value)
{
	return set ? value : 0;
}

static void put_rescue(struct text *out, const struct rescue *rescue)
{
	image_put_u8(out,
		     flag(rescue->given, RESCUE_GIVEN) |
			     flag(rescue->ssh_from_any, RESCUE_ANY) |
			     flag(rescue->output, RESCUE_OUTPUT) |
			     flag(rescue->established, RESCUE_ESTABLISHED));
	image_put_u32(out, (uint32_t)rescue->ssh_port_count);
	for (size_t i = 0; i < rescue->ssh_port_count; i++)
		image_put_u16(out, rescue->ssh_ports[i]);
	image_put_u32(out, (uint32_t)rescue->ssh_from_count);
	for (size_t i = 0; i < rescue->ssh_from_count; i++)
		image_put_range(out, &rescue->ssh_from[i]);
}

void image_put_redirect(struct text *out, const struct policy *policy)
{
	const struct redirect *redirect = &policy->redirect;

	image_put_u8(out,
		     flag(redirect->given, REDIRECT_GIVEN) |
			     flag(redirect->self_heal, REDIRECT_SELF_HEAL));
	image_put_u8(out, redirect->hooks);
	image_put_u8(out, redirect->families);
	image_put_u8(out, redirect->on_failure);
	image_put_u32(out, redirect->accept_mark);
	image_put_u32(out, redirect->reject_mark);
	image_put_u32(out, (uint32_t)redirect->skip_count);
	for (size_t i = 0; i < redirect->skip_count; i++)
		image_put_string(out, redirect->skip[i]);
	put_rescue(out, &policy->rescue);
}

static uint32_t take_bit(struct image *image)
{
	uint32_t mark = image_take_u32(image);

	if (mark == 0 || (mark & (mark - 1)) != 0 || mark > INT32_MAX)
		image->damaged = true;
	return mark;
}

static void read_interface(struct image *image, struct redirect *redirect)
{
	char *name = image_take_string(image);

	if (name && redirect_is_interface(name))
		memcpy(redirect->skip[redirect->skip_count++], name,
		       strlen(name) + 1);
	else
		image->damaged = true;
	free(name);
}

static void read_redirect(struct image *image, struct redirect *redirect)
{
	unsigned int flags =
		image_take_flags(image, REDIRECT_GIVEN | REDIRECT_SELF_HEAL);
	uint32_t count;

	redirect->given = flags & REDIRECT_GIVEN;
	redirect->self_heal = flags & REDIRECT_SELF_HEAL;
	redirect->hooks = image_take_flags(image, (1U << HOOK_COUNT) - 1);
	redirect->families = image_take_flags(image, (1U << FAMILY_COUNT) - 1);
	redirect->on_failure = (enum on_failure)image_hold(
		image, image_take_u8(image), 0, FAILURE_COUNT - 1);
	redirect->accept_mark = take_bit(image);
	redirect->reject_mark = take_bit(image);
	if (redirect->families == 0 ||
	    redirect->accept_mark == redirect->reject_mark)
		image->damaged = true;
	redirect->skip_count = 0;
	memset(redirect->skip, 0, sizeof(redirect->skip));
	count = image_take_count(image, REDIRECT_SKIP_MAX, 1);
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		read_interface(image, redirect);
}

static void read_rescue(struct image *image, struct rescue *rescue)
{
	unsigned int flags = image_take_flags(
		image,
		RESCUE_GIVEN | RESCUE_ANY | RESCUE_OUTPUT | RESCUE_ESTABLISHED);
	uint32_t count;

	*rescue = (struct rescue){
		.given = flags & RESCUE_GIVEN,
		.ssh_from_any = flags & RESCUE_ANY,
		.output = flags & RESCUE_OUTPUT,
		.established = flags & RESCUE_ESTABLISHED,
	};
	count = image_take_count(image, RESCUE_PORTS_MAX, sizeof(uint16_t));
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		rescue->ssh_ports[rescue->ssh_port_count++] =
			(uint16_t)image_hold(image, image_take_u16(image), 1,
					     UINT16_MAX);
	count = image_take_count(image, RESCUE_NETWORKS_MAX,
				 sizeof(struct addr_range));
	for (uint32_t i = 0; i < count && !image->damaged; i++)
		if (image_take_range(image,
				     &rescue->ssh_from[rescue->ssh_from_count]))
			rescue->ssh_from_count++;
	if (rescue->ssh_from_any && rescue->ssh_from_count > 0)
		image->damaged = true;
}

void image_read_redirect(struct image *image, struct policy *policy)
{
	read_redirect(image, &policy->redirect);
	read_rescue(image, &policy->rescue);
}
