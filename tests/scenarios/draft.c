/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that describe a packet.
 */
#include "scenarios/draft.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

bool draft_number(const struct draft *d, const char *text, int64_t max,
		  int64_t *value)
{
	int64_t step = 0;
	int64_t first;
	char *end;

	errno = 0;
	first = strtoll(text, &end, 0);
	if (end != text && *end == '+')
		step = strtoll(end + 1, &end, 0);
	if (end == text || *end || errno)
		return false;
	first += step * d->cast->round;
	if (first < -max || first > max)
		return false;
	*value = first;
	return true;
}

/* A sequence number of @who, relative to its first one. */
static bool read_seq(const struct draft *d, const char *text, enum who who,
		     uint32_t *seq)
{
	int64_t number;

	if (!draft_number(d, text, UINT32_MAX, &number))
		return false;
	*seq = d->cast->isns[who] + (uint32_t)number;
	return true;
}

static bool set_seq(struct draft *d, const char *value)
{
	return read_seq(d, value, d->src, &d->shot->build.tcp.seq);
}

static bool set_ack(struct draft *d, const char *value)
{
	return read_seq(d, value, d->dst, &d->shot->build.tcp.ack);
}

static bool set_mss(struct draft *d, const char *value)
{
	int64_t mss;

	if (!draft_number(d, value, UINT16_MAX, &mss))
		return false;
	build_mss(&d->shot->build.tcp.options, (uint16_t)mss);
	return true;
}

static bool set_wscale(struct draft *d, const char *value)
{
	int64_t shift;

	if (!draft_number(d, value, UINT8_MAX, &shift))
		return false;
	build_wscale(&d->shot->build.tcp.options, (uint8_t)shift);
	return true;
}

static bool set_sack_ok(struct draft *d, const char *value)
{
	build_sack_ok(&d->shot->build.tcp.options);
	return !*value;
}

static bool set_sack(struct draft *d, const char *value)
{
	uint32_t base = d->cast->isns[d->dst];
	char *end;
	uint32_t left = base + (uint32_t)strtoul(value, &end, 10);
	uint32_t right;

	if (*end != '-')
		return false;
	right = base + (uint32_t)strtoul(end + 1, &end, 10);
	build_sack(&d->shot->build.tcp.options, left, right);
	return !*end;
}

static bool set_timestamp(struct draft *d, const char *value)
{
	int64_t val;

	if (!draft_number(d, value, UINT32_MAX, &val))
		return false;
	build_timestamp(&d->shot->build.tcp.options, (uint32_t)val, 0);
	return true;
}

static bool set_md5(struct draft *d, const char *value)
{
	build_md5(&d->shot->build.tcp.options);
	return !*value;
}

static bool set_cookie(struct draft *d, const char *value)
{
	static const uint8_t option[10] = { 34, sizeof(option) };

	build_bytes(&d->shot->build.tcp.options, option, sizeof(option));
	return !*value;
}

/* The octet that two digits make, at *@text, and steps on; false: none. */
static bool read_octet(const char **text, uint8_t *octet)
{
	char digits[3] = { 0 };
	char *end;

	strncpy(digits, *text, 2);
	*octet = (uint8_t)strtoul(digits, &end, 16);
	if (end != digits + 2)
		return false;
	*text += 2;
	return true;
}

static bool set_raw(struct draft *d, const char *value)
{
	uint8_t octet;

	while (*value) {
		if (!read_octet(&value, &octet))
			return false;
		build_bytes(&d->shot->build.tcp.options, &octet, 1);
	}
	return true;
}

static bool append_octet(struct shot *shot, uint8_t octet)
{
	if (shot->build.payload_len == sizeof(shot->body))
		return false;
	shot->body[shot->build.payload_len++] = octet;
	shot->build.payload = shot->body;
	return true;
}

static bool add_octets(struct draft *d, const char *value)
{
	uint8_t octet;

	while (*value)
		if (!read_octet(&value, &octet) ||
		    !append_octet(d->shot, octet))
			return false;
	return true;
}

static bool add_address(struct draft *d, const char *value)
{
	struct addr addr;

	if (addr_parse(&addr, value) != 0)
		return false;
	for (size_t i = 0; i < sizeof(addr.bytes); i++)
		if (!append_octet(d->shot, addr.bytes[i]))
			return false;
	return true;
}

static bool set_bad_checksum(struct draft *d, const char *value)
{
	d->shot->build.bad_checksum = true;
	return !*value;
}

static bool set_no_checksum(struct draft *d, const char *value)
{
	d->shot->build.checksum = BUILD_ZERO;
	return !*value;
}

static bool add_ext(struct draft *d, uint8_t type, uint16_t word)
{
	struct build_ip *ip = &d->shot->build.ip;

	if (ip->ext_count == BUILD_EXT_COUNT)
		return false;
	ip->ext[ip->ext_count++] =
		(struct build_ext){ .type = type, .word = word };
	return true;
}

static bool make_fragment(struct draft *d, const char *value, bool is_last)
{
	int64_t offset;

	if (!draft_number(d, value, 0x1fff, &offset))
		return false;
	d->shot->build.ip.fragment =
		(uint16_t)((is_last ? 0 : 0x2000) | offset);
	return add_ext(d, IPPROTO_FRAGMENT, (uint16_t)(offset << 3 | !is_last));
}

static bool set_fragment(struct draft *d, const char *value)
{
	return make_fragment(d, value, false);
}

static bool set_last_fragment(struct draft *d, const char *value)
{
	return make_fragment(d, value, true);
}

/* "44", or "43/4" with octets 2 and 3. */
static bool set_ext(struct draft *d, const char *value)
{
	char *end;
	unsigned long type = strtoul(value, &end, 0);
	unsigned long word = *end == '/' ? strtoul(end + 1, &end, 0) : 0;

	return !*end && type <= UINT8_MAX && word <= UINT16_MAX &&
	       add_ext(d, (uint8_t)type, (uint16_t)word);
}

static bool set_key(struct draft *d, const char *value)
{
	int64_t key;

	if (!draft_number(d, value, UINT32_MAX, &key))
		return false;
	d->shot->build.gre_flags |= BUILD_GRE_KEY;
	d->shot->build.key = (uint32_t)key;
	return true;
}

/* A call of PPTP. */
static bool set_call(struct draft *d, const char *value)
{
	d->shot->build.gre_flags |= BUILD_GRE_PPTP;
	d->shot->build.gre_protocol = 0x880b;
	return set_key(d, value);
}

static bool set_spi(struct draft *d, const char *value)
{
	int64_t spi;

	if (!draft_number(d, value, UINT32_MAX, &spi))
		return false;
	d->shot->build.key = (uint32_t)spi;
	return true;
}

static bool set_gso(struct draft *d, const char *value)
{
	int64_t len;

	if (!draft_number(d, value, 1 << 20, &len))
		return false;
	d->shot->gso = true;
	d->shot->real_len = (uint32_t)len;
	return true;
}

static bool set_mtu(struct draft *d, const char *value)
{
	int64_t mtu;

	if (!draft_number(d, value, UINT32_MAX, &mtu))
		return false;
	d->shot->build.icmp.rest = (uint32_t)mtu;
	return true;
}

/* O, R, X, or an address of the right family; else NULL. */
static const char *find_address(const struct draft *d, const char *text)
{
	static const char names[] = { 'O', 'R', 'X' };
	struct addr addr;

	for (size_t i = 0; i < sizeof(names); i++)
		if (text[0] == names[i] && !text[1])
			return d->cast->addresses[i];
	if (addr_parse(&addr, text) != 0 ||
	    addr_is_ipv4(&addr) != (d->cast->version == 4))
		return NULL;
	return text;
}

static bool set_src(struct draft *d, const char *value)
{
	d->shot->build.ip.src = find_address(d, value);
	return d->shot->build.ip.src;
}

static bool set_dst(struct draft *d, const char *value)
{
	d->shot->build.ip.dst = find_address(d, value);
	return d->shot->build.ip.dst;
}

/* Where a plain number goes: offset and size of a member of struct shot. */
#define NUMBER(member) \
	offsetof(struct shot, member), sizeof(((struct shot *)NULL)->member)

/* A word and its value: "s1001", or "dst=R". */
static const struct word {
	const char *name;
	bool (*set)(struct draft *d, const char *value);
	size_t offset; /* without .set */
	size_t size;
	uint32_t max;
} words_known[] = {
	/* clang-format off */

	/* Numbers of the sender, relative to its ISN; of the receiver. */
	{ "s", set_seq, 0, 0, 0 },
	{ "a", set_ack, 0, 0, 0 },
	/* Octets of payload; the window as on the wire, 65535 if not said. */
	{ "l", NULL, NUMBER(build.payload_len), 65000 },
	{ "w", NULL, NUMBER(build.tcp.window), UINT16_MAX },

	/* TCP's options; SACK edges are relative like "a", raw is hex. */
	{ "mss", set_mss, 0, 0, 0 },
	{ "wscale", set_wscale, 0, 0, 0 },
	{ "sackok", set_sack_ok, 0, 0, 0 },
	{ "sack", set_sack, 0, 0, 0 },
	{ "ts", set_timestamp, 0, 0, 0 },
	{ "md5", set_md5, 0, 0, 0 },
	{ "cookie", set_cookie, 0, 0, 0 },
	{ "raw", set_raw, 0, 0, 0 },

	/* Fields that are right if not said. */
	{ "reserved", NULL, NUMBER(build.tcp.reserved), 15 },
	{ "offset", NULL, NUMBER(build.tcp.data_offset), 15 },
	{ "iplen", NULL, NUMBER(build.ip.len), UINT16_MAX },
	{ "udplen", NULL, NUMBER(build.udp_len), UINT16_MAX },
	{ "ttl", NULL, NUMBER(build.ip.hop_limit), UINT8_MAX },
	{ "sport", NULL, NUMBER(build.sport), UINT16_MAX },
	{ "dport", NULL, NUMBER(build.dport), UINT16_MAX },
	{ "src", set_src, 0, 0, 0 },
	{ "dst", set_dst, 0, 0, 0 },
	{ "badsum", set_bad_checksum, 0, 0, 0 },
	{ "nosum", set_no_checksum, 0, 0, 0 },
	/* Offset of a fragment that is not the last, and of one that is. */
	{ "fragment", set_fragment, 0, 0, 0 },
	{ "last", set_last_fragment, 0, 0, 0 },
	/* One more extension header of IPv6. */
	{ "ext", set_ext, 0, 0, 0 },
	/* What UDP-Lite's checksum covers. */
	{ "coverage", NULL, NUMBER(build.udp_len), UINT16_MAX },

	/* SCTP: tags of O or R, O+1, or numbers; length of the first chunk. */
	{ "tag", draft_set_tag, 0, 0, 0 },
	{ "itag", draft_set_init_tag, 0, 0, 0 },
	{ "chunklen", draft_set_chunk_len, 0, 0, 0 },

	/* GRE's key, a call of PPTP; ESP and AH. */
	{ "key", set_key, 0, 0, 0 },
	{ "call", set_call, 0, 0, 0 },
	{ "spi", set_spi, 0, 0, 0 },

	/* Payload: octets in hex, and addresses. */
	{ "octets", add_octets, 0, 0, 0 },
	{ "address", add_address, 0, 0, 0 },

	/* Octets that reach us, and octets behind the packet. */
	{ "copy", NULL, NUMBER(copy), UINT16_MAX },
	{ "pad", NULL, NUMBER(pad), 64 },
	/* A super-packet, and its true length. */
	{ "gso", set_gso, 0, 0, 0 },

	/*
	 * ICMP: octets behind the quoted IP header, 8 if not said, and octets
	 * behind the quoted packet.
	 */
	{ "code", NULL, NUMBER(build.icmp.code), UINT8_MAX },
	{ "mtu", set_mtu, 0, 0, 0 },
	{ "quote", NULL, NUMBER(quote), 1500 },
	{ "extension", NULL, NUMBER(extension), 64 },

	/* clang-format on */
};

/* Members of type int stand for 0 as BUILD_ZERO. */
static void store(void *member, size_t size, uint32_t number)
{
	const uint8_t as8 = (uint8_t)number;
	const uint16_t as16 = (uint16_t)number;
	const int32_t as32 = number ? (int32_t)number : BUILD_ZERO;
	const size_t as64 = number;
	const void *values[] = { NULL, &as8, &as16, NULL, &as32,
				 NULL, NULL, NULL,  &as64 };

	memcpy(member, values[size], size);
}

static bool set_word(struct draft *d, const struct word *word,
		     const char *value)
{
	int64_t number;

	if (word->set)
		return word->set(d, value);
	if (!draft_number(d, value, word->max, &number) || number < 0)
		return false;
	store((uint8_t *)d->shot + word->offset, word->size, (uint32_t)number);
	return true;
}

/* NULL: @word is not @name with a value. */
static const char *value_of(const char *word, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0)
		return NULL;
	word += len;
	if (*word == '=')
		return word + 1;
	return !*word || strchr("-0123456789", *word) ? word : NULL;
}

const char *draft_take_word(struct draft *d, const char *word)
{
	for (size_t i = 0; i < sizeof(words_known) / sizeof(words_known[0]);
	     i++) {
		const char *value = value_of(word, words_known[i].name);

		if (!value)
			continue;
		return set_word(d, &words_known[i], value) ? NULL : "bad value";
	}
	return "not a word that describes a packet";
}
