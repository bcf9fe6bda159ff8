/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Draws implementations of TCP.
 */
#include "model/stack.h"

#include <stddef.h>

#include "unit/random.h"

#define PICK(seed, list) \
	(list)[random_below(seed, sizeof(list) / sizeof((list)[0]))]

static bool one_in(uint64_t *seed, uint32_t n)
{
	return random_below(seed, n) == 0;
}

static void draw_offer(struct stack *stack, uint64_t *seed)
{
	stack->has_wscale = !one_in(seed, 3);
	stack->has_sack = !one_in(seed, 3);
	stack->has_ts = !one_in(seed, 3);
	stack->drops_options = one_in(seed, 6);
	stack->has_cookie = one_in(seed, 6);
}

static void draw_sizes(struct stack *stack, uint64_t *seed)
{
	static const uint32_t sizes[] = { 100, 536, 1220, 1460, 8960 };
	static const uint32_t supers[] = { 1, 1, 4, 16, 44, 64, 150 };
	static const uint32_t buffers[] = { 1000,  4096,   16384,   65535,
					    65535, 262144, 1000000, 4000000 };
	static const uint32_t flights[] = { 1, 4, 10, 40, 1000 };

	stack->mss = PICK(seed, sizes);
	stack->super = stack->mss * PICK(seed, supers);
	stack->buffer = PICK(seed, buffers);
	stack->flight = stack->mss * PICK(seed, flights);
	if (stack->flight < stack->super)
		stack->flight = stack->super;
	stack->burst = (uint8_t)(1 + random_below(seed, 8));
	/* A scaled window of a few units at least. */
	while (stack->wscale < 14 &&
	       stack->buffer >> stack->wscale > UINT16_MAX)
		stack->wscale++;
	while (stack->wscale < 14 && stack->buffer >> stack->wscale > 64 &&
	       one_in(seed, 2))
		stack->wscale++;
}

static void draw_times(struct stack *stack, uint64_t *seed)
{
	static const msec_t first[] = { 200, 300, 1000, 1000, 3000 };
	static const msec_t delays[] = { 0, 0, 40, 200, 500 };
	static const msec_t beats[] = { 0, 0, 0, 2000, 5000, 75000 };
	static const msec_t waits[] = { 1000,  30000,  60000,
					60000, 120000, 240000 };

	stack->rto = PICK(seed, first);
	stack->rto_max = one_in(seed, 2) ? 60000 : 120000;
	stack->ack_delay = PICK(seed, delays);
	stack->keepalive = PICK(seed, beats);
	stack->time_wait = PICK(seed, waits);
}

static void draw_habits(struct stack *stack, uint64_t *seed)
{
	bool *habits[] = {
		&stack->goes_back,   &stack->probes_octet, &stack->beats_octet,
		&stack->forces_fin,  &stack->reads_old,    &stack->is_lenient,
		&stack->trusts_more, &stack->outlives_rst, &stack->repeats_syn,
		&stack->answers_ack, &stack->clocks_isn,   &stack->clocks_ts,
	};

	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		*habits[i] = one_in(seed, 2);
	stack->shrinks = one_in(seed, 5);
	stack->trusts_rst = one_in(seed, 5);
	stack->forgets_syn = one_in(seed, 6);
}

void stack_draw(struct stack *stack, uint64_t *seed)
{
	*stack = (struct stack){ 0 };
	draw_offer(stack, seed);
	draw_sizes(stack, seed);
	draw_times(stack, seed);
	draw_habits(stack, seed);
}
