/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3 against a second implementation, which is written from the paper
 * for any number of rounds and octet by octet, and is itself held against the
 * vectors that its authors published for SipHash-2-4.
 */
#include "engine/siphash.h"

#include <string.h>

#include "unit/run.h"

enum { MESSAGE_LEN = 300 };

struct reference {
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
};

static uint64_t left(uint64_t x, unsigned int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

/* Figure 2.1 of the paper. */
static void rounds(struct reference *s, int count)
{
	while (count-- > 0) {
		s->v0 += s->v1;
		s->v1 = left(s->v1, 13);
		s->v1 ^= s->v0;
		s->v0 = left(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = left(s->v3, 16);
		s->v3 ^= s->v2;
		s->v0 += s->v3;
		s->v3 = left(s->v3, 21);
		s->v3 ^= s->v0;
		s->v2 += s->v1;
		s->v1 = left(s->v1, 17);
		s->v1 ^= s->v2;
		s->v2 = left(s->v2, 32);
	}
}

/* SipHash-@c-@d. */
static uint64_t reference(int c, int d, const struct hash_key *key,
			  const uint8_t *message, size_t len)
{
	struct reference s = {
		0x736f6d6570736575 ^ key->k0,
		0x646f72616e646f6d ^ key->k1,
		0x6c7967656e657261 ^ key->k0,
		0x7465646279746573 ^ key->k1,
	};
	uint64_t word = 0;

	for (size_t i = 0; i <= (len | 7); i++) {
		uint64_t octet = i < len ? message[i] : 0;

		/* The last octet of the last word is the length. */
		if (i == (len | 7))
			octet = len & 0xff;
		word |= octet << (8 * (i % 8));
		if (i % 8 != 7)
			continue;
		s.v3 ^= word;
		rounds(&s, c);
		s.v0 ^= word;
		word = 0;
	}
	s.v2 ^= 0xff;
	rounds(&s, d);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The key 00 01 ... 0f of the published vectors. */
static const struct hash_key counting_key = { 0x0706050403020100,
					      0x0f0e0d0c0b0a0908 };

static void make_message(uint8_t message[MESSAGE_LEN])
{
	for (size_t i = 0; i < MESSAGE_LEN; i++)
		message[i] = (uint8_t)i;
}

/* Of the message 00 01 02 ... of that length. */
static const struct {
	size_t len;
	uint64_t hash;
} published[] = {
	{ 0, 0x726fdb47dd0e0e31 },  { 1, 0x74f839c593dc67fd },
	{ 2, 0x0d6c8009d9a94f5a },  { 3, 0x85676696d7fb7e2d },
	{ 7, 0xab0200f58b01d137 },  { 8, 0x93f5f5799a932462 },
	{ 15, 0xa129ca6149be45e5 }, { 16, 0x3f2acc7f57c29bdb },
};

START_TEST(the_reference_agrees_with_the_published_vectors)
{
	uint8_t message[MESSAGE_LEN];

	make_message(message);
	ck_assert_uint_eq(reference(2, 4, &counting_key, message,
				    published[_i].len),
			  published[_i].hash);
}
END_TEST

START_TEST(hashes_are_those_of_the_reference)
{
	size_t len = (size_t)_i;
	uint8_t message[MESSAGE_LEN];

	make_message(message);
	ck_assert_uint_eq(siphash13(&counting_key, message, len),
			  reference(1, 3, &counting_key, message, len));
}
END_TEST

START_TEST(the_empty_message_has_the_known_hash)
{
	ck_assert_uint_eq(siphash13(&counting_key, "", 0), 0xabac0158050fc4dc);
}
END_TEST

/* Every bit of the key counts. */
START_TEST(another_key_is_another_hash)
{
	struct hash_key key = counting_key;
	uint64_t hash = siphash13(&key, "statewall", 9);

	if (_i < 64)
		key.k0 ^= (uint64_t)1 << _i;
	else
		key.k1 ^= (uint64_t)1 << (_i - 64);
	ck_assert_uint_ne(siphash13(&key, "statewall", 9), hash);
}
END_TEST

START_TEST(where_the_message_lies_does_not_matter)
{
	uint8_t message[MESSAGE_LEN];
	uint8_t moved[MESSAGE_LEN];
	size_t shift = (size_t)_i;

	make_message(message);
	memcpy(moved + shift, message, 40);
	ck_assert_uint_eq(siphash13(&counting_key, moved + shift, 40),
			  siphash13(&counting_key, message, 40));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("siphash");

	tcase_add_loop_test(tc, the_reference_agrees_with_the_published_vectors,
			    0, COUNT(published));
	tcase_add_loop_test(tc, hashes_are_those_of_the_reference, 0, 70);
	tcase_add_loop_test(tc, hashes_are_those_of_the_reference, 254, 266);
	tcase_add_test(tc, the_empty_message_has_the_known_hash);
	tcase_add_loop_test(tc, another_key_is_another_hash, 0, 128);
	tcase_add_loop_test(tc, where_the_message_lies_does_not_matter, 0, 8);
	return run_tests(tc, "siphash");
}
