/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood SOURCE ADDRESS PORT RATE: sends RATE SYNs a second, from random ports,
 * until it is killed.
 *
 * SOURCE is an address, or the text that a random part of one is appended to,
 * such as "203.0.113.", "11." or "2001:db8:30::".
 */
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"
#include "system/lib/raw.h"

enum {
	SYN = 2,
	SLICES = 100, /* a second */
	RATE_MAX = 1000000,
	SOURCE_LEN = 64,
};

/* xorshift (Marsaglia, 2003): the same flood every time. */
static uint32_t next_random(void)
{
	static uint32_t state = 2463534242U;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static bool is_prefix(const char *source)
{
	char last = source[strlen(source) - 1];

	return last == '.' || last == ':';
}

static void make_source(char source[SOURCE_LEN], const char *prefix,
			uint8_t version)
{
	size_t len = strlen(prefix);
	int dots = 0;

	memcpy(source, prefix, len + 1);
	if (!is_prefix(prefix))
		return;
	for (const char *p = prefix; *p; p++)
		dots += *p == '.';
	for (; version == 4 && dots < 3; dots++)
		len += (size_t)snprintf(source + len, SOURCE_LEN - len, "%u.",
					next_random() % 250);
	(void)snprintf(source + len, SOURCE_LEN - len,
		       version == 4 ? "%u" : "%x", 1 + next_random() % 250);
}

static void send_syn(int fd, const char *prefix, const struct build *syn)
{
	struct build b = *syn;
	char source[SOURCE_LEN];

	make_source(source, prefix, b.ip.version);
	b.ip.src = source;
	b.sport = (uint16_t)(1024 + next_random() % 60000);
	b.tcp.seq = next_random();
	raw_send(fd, &b);
}

static struct timespec slice_after(struct timespec time)
{
	time.tv_nsec += 1000000000 / SLICES;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	return time;
}

static void flood(const char *prefix, const struct build *syn, uint32_t rate)
{
	int fd = raw_open(syn->ip.version);
	struct timespec next;

	(void)clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		for (uint32_t i = 0; i < rate / SLICES; i++)
			send_syn(fd, prefix, syn);
		next = slice_after(next);
		(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next,
				      NULL);
	}
}

int main(int argc, char *argv[])
{
	struct build b = {
		.ip.ipproto = IPPROTO_TCP,
		.tcp = { .flags = SYN, .window = 1000 },
	};

	if (argc != 5 || !*argv[1] || strlen(argv[1]) > 40)
		errx(EXIT_FAILURE, "usage: flood SOURCE ADDRESS PORT RATE");
	guard_namespace();
	b.ip.dst = argv[2];
	b.ip.version = raw_version(argv[2]);
	b.dport = (uint16_t)number_parse(argv[3], UINT16_MAX);
	flood(argv[1], &b, number_parse(argv[4], RATE_MAX));
	return EXIT_SUCCESS;
}
