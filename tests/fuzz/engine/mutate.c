/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes inputs of fuzz_engine record by record, so that conversations stay
 * conversations.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/packet.h"
#include "fuzz/engine/record.h"
#include "unit/random.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

/* An input that is being changed. */
struct input {
	uint64_t random;
	struct record records[RECORDS_MAX];
	size_t count;
	size_t max;
};

static uint32_t below(struct input *input, size_t limit)
{
	return random_below(&input->random, (uint32_t)limit);
}

/* false: there is no room. */
static bool insert(struct input *input, size_t at, const struct record *record)
{
	if (input->count >= input->max)
		return false;
	memmove(input->records + at + 1, input->records + at,
		(input->count - at) * sizeof(*record));
	input->records[at] = *record;
	input->count++;
	return true;
}

static void cut(struct input *input, size_t at)
{
	input->count--;
	memmove(input->records + at, input->records + at + 1,
		(input->count - at) * sizeof(input->records[0]));
}

/* Mostly of the conversation that is there already. */
static uint8_t choose_who(struct input *input, size_t at)
{
	unsigned int who = HOOK_FORWARD << WHO_HOOK_SHIFT;

	if (at && below(input, 8))
		who = input->records[at - 1].who &
		      (WHO_CONVERSATION | WHO_HOOK);
	else
		who |= below(input, 8) << WHO_CONVERSATION_SHIFT;
	return (uint8_t)(who | below(input, 2));
}

/* What an end says next, if nothing is wrong. */
static struct record next_segment(struct input *input, size_t at)
{
	static const uint8_t flags[] = {
		TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK,           TCP_ACK,
		TCP_ACK, TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST,
	};

	return (struct record){
		.kind = RECORD_SEGMENT,
		.who = choose_who(input, at),
		.flags = flags[below(input, sizeof(flags))],
		.window = (uint16_t)(below(input, 4) ? 20000 : 0),
		.len = (uint16_t)(below(input, 2) ? below(input, 1000) : 0),
	};
}

static void insert_segment(struct input *input)
{
	size_t at = below(input, input->count + 1);
	struct record record = next_segment(input, at);

	(void)insert(input, at, &record);
}

/* The handshake, or the close. */
static void insert_exchange(struct input *input)
{
	static const uint8_t exchanges[2][4] = {
		{ TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK },
		{ TCP_FIN | TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK },
	};
	/* Whose turn it is: that of the first (0) or of the other one. */
	static const uint8_t turns[2][4] = { { 0, 1, 0, 1 }, { 0, 1, 1, 0 } };
	size_t at = below(input, input->count + 1);
	size_t which = below(input, 2);
	struct record record = next_segment(input, at);
	uint8_t first = record.who;

	record.len = 0;
	for (size_t i = 0; i < 4; i++) {
		record.flags = exchanges[which][i];
		record.who = first ^ turns[which][i];
		if (!insert(input, at + i, &record))
			return;
	}
}

static void insert_other(struct input *input)
{
	size_t at = below(input, input->count + 1);
	struct record record = next_segment(input, at);

	record.kind = (uint8_t)below(input, RECORD_KINDS);
	record.options = (uint8_t)below(input, 256);
	record.extra = (uint16_t)below(input, 65536);
	if (record.kind == RECORD_TIME)
		record.flags = 1;
	if (record.kind == RECORD_CONTROL)
		record.flags = (uint8_t)below(input, CONTROLS);
	(void)insert(input, at, &record);
}

static uint32_t choose_offset(struct input *input)
{
	static const uint32_t steps[] = {
		1,     2,     500,   1000,    10000,         20000,    65535,
		65536, 66000, 66001, 1 << 20, (1 << 20) + 1, 1U << 30, 1U << 31,
	};
	uint32_t step = steps[below(input, sizeof(steps) / sizeof(steps[0]))];

	return below(input, 2) ? step : 0U - step;
}

/* Makes a segment one that its sender would not send. */
static void forge(struct input *input)
{
	struct record *record = &input->records[below(input, input->count)];

	switch (below(input, 8)) {
	case 0:
		record->seq = choose_offset(input);
		break;
	case 1:
		record->ack = choose_offset(input);
		break;
	case 2:
		record->seq_anchor = (uint8_t)below(input, ANCHORS);
		break;
	case 3:
		record->ack_anchor = (uint8_t)below(input, ANCHORS);
		break;
	case 4:
		record->options = (uint8_t)(1U << below(input, 7));
		record->extra = (uint16_t)below(input, 20);
		break;
	case 5:
		record->who ^= (uint8_t)(1U << below(input, 8));
		break;
	case 6:
		record->flags ^= (uint8_t)(1U << below(input, 6));
		break;
	default:
		record->window = (uint16_t)(1U << below(input, 16));
	}
}

static void copy_record(struct input *input)
{
	const struct record record = input->records[below(input, input->count)];

	(void)insert(input, below(input, input->count + 1), &record);
}

static void exchange(struct input *input)
{
	size_t a = below(input, input->count);
	size_t b = below(input, input->count);
	const struct record record = input->records[a];

	input->records[a] = input->records[b];
	input->records[b] = record;
}

static void change(struct input *input)
{
	/* There must be something to change. */
	uint32_t way = below(input, input->count ? 10 : 2);

	switch (way) {
	case 0:
		insert_exchange(input);
		break;
	case 1:
	case 2:
		insert_segment(input);
		break;
	case 3:
		insert_other(input);
		break;
	case 4:
	case 5:
	case 6:
		forge(input);
		break;
	case 7:
		copy_record(input);
		break;
	case 8:
		exchange(input);
		break;
	default:
		cut(input, below(input, input->count));
	}
}

/* Any octet of any record, as libFuzzer likes. */
static void change_octets(struct input *input)
{
	struct record *record;

	if (!input->count)
		return;
	record = &input->records[below(input, input->count)];
	(void)LLVMFuzzerMutate((uint8_t *)record, sizeof(*record),
			       sizeof(*record));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	static struct input input;
	const size_t len = sizeof(input.records[0]);

	input.random = seed + 1ULL;
	input.count = size ? (size - 1) / len : 0;
	input.max = max_size ? (max_size - 1) / len : 0;
	if (input.count > RECORDS_MAX)
		input.count = RECORDS_MAX;
	if (input.max > RECORDS_MAX)
		input.max = RECORDS_MAX;
	if (!max_size || input.count > input.max)
		return size;
	if (!size)
		data[0] = 0;
	memcpy(input.records, data + 1, input.count * len);
	if (below(&input, 50) == 0)
		data[0] ^= 1;
	for (uint32_t n = 1 + below(&input, 4); n; n--)
		change(&input);
	if (below(&input, 4) == 0)
		change_octets(&input);
	memcpy(data + 1, input.records, input.count * len);
	return 1 + input.count * len;
}
