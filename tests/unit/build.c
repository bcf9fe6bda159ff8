/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds packets for tests.  The checksums are computed here a second time,
 * not with the engine's functions: a test must not share the error it seeks.
 */
#include "unit/build.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	TCP_LEN = 20,
	UDP_LEN = 8,
	ICMP_LEN = 8,
	SCTP_LEN = 12,
	ESP_LEN = 8,
	AH_LEN = 12,
	DCCP_LEN = 12,
};

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

/* What a field gets: @value, unless the test asks for something else. */
static uint32_t override(int asked, size_t value)
{
	if (asked == BUILD_ZERO)
		return 0;
	return asked ? (uint32_t)asked : (uint32_t)value;
}

static uint64_t sum_words(uint64_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint64_t)p[i] << 8;
	return sum;
}

static uint16_t complement(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t padded(size_t len)
{
	return (len + 3) / 4 * 4;
}

static void put_address(uint8_t *p, uint8_t version, const char *text)
{
	int family = version == 4 ? AF_INET : AF_INET6;
	int ok = inet_pton(family, text, p);

	assert(ok == 1);
	(void)ok;
}

static size_t ext_len(const struct build_ext *ext)
{
	return ((size_t)ext->units + 1) * 8;
}

static size_t chain_len(const struct build_ip *ip)
{
	size_t len = 0;

	for (size_t i = 0; i < ip->ext_count; i++)
		len += ext_len(&ip->ext[i]);
	return len;
}

static size_t ip_len(const struct build_ip *ip)
{
	return ip->version == 4 ? IPV4_LEN + padded(ip->options.len)
				: IPV6_LEN + chain_len(ip);
}

static size_t gre_len(uint16_t flags)
{
	static const uint16_t fields[] = { BUILD_GRE_CHECKSUM, BUILD_GRE_KEY,
					   BUILD_GRE_SEQUENCE, BUILD_GRE_ACK };
	size_t len = 4;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		len += flags & fields[i] ? 4 : 0;
	return len;
}

static size_t transport_len(const struct build *b)
{
	switch (b->ip.ipproto) {
	case IPPROTO_TCP:
		return TCP_LEN + padded(b->tcp.options.len);
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return UDP_LEN;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return ICMP_LEN;
	case IPPROTO_SCTP:
		return SCTP_LEN;
	case IPPROTO_GRE:
		return gre_len(b->gre_flags);
	case IPPROTO_ESP:
		return ESP_LEN;
	case IPPROTO_AH:
		return AH_LEN;
	case IPPROTO_DCCP:
		return DCCP_LEN;
	default:
		return 0;
	}
}

static void put_ipv4(const struct build_ip *ip, uint8_t *p, size_t total)
{
	size_t len = ip_len(ip);

	p[0] = (uint8_t)(0x40 | override(ip->ihl, len / 4));
	p[1] = ip->tos;
	put16(p + 2, override(ip->len, total));
	put16(p + 6, ip->fragment);
	p[8] = (uint8_t) override(ip->hop_limit, 64);
	p[9] = ip->ipproto;
	put_address(p + 12, 4, ip->src);
	put_address(p + 16, 4, ip->dst);
	memcpy(p + IPV4_LEN, ip->options.bytes, ip->options.len);
	put16(p + 10, override(ip->checksum, complement(sum_words(0, p, len))));
}

static void put_ipv6(const struct build_ip *ip, uint8_t *p, size_t total)
{
	uint8_t *next = p + 6;
	uint8_t *ext = p + IPV6_LEN;

	p[0] = 0x60 | ip->tos >> 4;
	p[1] = (uint8_t)(ip->tos << 4);
	put16(p + 4, override(ip->len, total - IPV6_LEN));
	p[7] = (uint8_t) override(ip->hop_limit, 64);
	put_address(p + 8, 6, ip->src);
	put_address(p + 24, 6, ip->dst);
	for (size_t i = 0; i < ip->ext_count; i++) {
		*next = ip->ext[i].type;
		ext[1] = ip->ext[i].units;
		put16(ext + 2, ip->ext[i].word);
		next = ext;
		ext += ext_len(&ip->ext[i]);
	}
	*next = ip->ipproto;
}

static void put_tcp(const struct build *b, uint8_t *p)
{
	const struct build_tcp *tcp = &b->tcp;
	uint32_t words = override(tcp->data_offset, transport_len(b) / 4);

	put16(p, b->sport);
	put16(p + 2, b->dport);
	put32(p + 4, tcp->seq);
	put32(p + 8, tcp->ack);
	p[12] = (uint8_t)(words << 4 | (tcp->reserved & 0x0fU));
	p[13] = tcp->flags;
	put16(p + 14, tcp->window);
	put16(p + 18, tcp->urgent);
	memcpy(p + TCP_LEN, tcp->options.bytes, tcp->options.len);
}

static void put_udp(const struct build *b, uint8_t *p)
{
	put16(p, b->sport);
	put16(p + 2, b->dport);
	put16(p + 4, override(b->udp_len, UDP_LEN + b->payload_len));
}

static void put_icmp(const struct build *b, uint8_t *p)
{
	p[0] = b->icmp.type;
	p[1] = b->icmp.code;
	put32(p + 4, b->icmp.rest);
}

static void put_sctp(const struct build *b, uint8_t *p)
{
	put16(p, b->sport);
	put16(p + 2, b->dport);
	put32(p + 4, b->key);
}

/* What the flags announce beside the key is zero. */
static void put_gre(const struct build *b, uint8_t *p)
{
	put16(p, b->gre_flags);
	put16(p + 2, b->gre_protocol);
	if (b->gre_flags & BUILD_GRE_KEY)
		put32(p + (b->gre_flags & BUILD_GRE_CHECKSUM ? 8 : 4), b->key);
}

/* AH says its length in words, less two. */
static void put_ipsec(const struct build *b, uint8_t *p)
{
	bool is_ah = b->ip.ipproto == IPPROTO_AH;

	if (is_ah)
		p[1] = AH_LEN / 4 - 2;
	put32(p + (is_ah ? 4 : 0), b->key);
}

/* How much of the transport is under its checksum. */
static size_t covered(const struct build *b, size_t len)
{
	size_t said = b->udp_len > 0 ? (size_t)b->udp_len : len;

	return b->ip.ipproto == IPPROTO_UDPLITE && said < len ? said : len;
}

static uint16_t transport_checksum(const struct build *b, const uint8_t *ip,
				   const uint8_t *p, size_t len)
{
	uint64_t sum = sum_words(0, p, covered(b, len));
	uint16_t checksum;

	if (b->ip.ipproto != IPPROTO_ICMP) {
		sum = b->ip.version == 4 ? sum_words(sum, ip + 12, 8)
					 : sum_words(sum, ip + 8, 32);
		sum += len + b->ip.ipproto;
	}
	checksum = complement(sum);
	if (b->bad_checksum)
		checksum ^= 0x5555;
	/* RFC 768: 0 would say that there is none; so RFC 3828. */
	if (b->ip.ipproto != IPPROTO_UDP && b->ip.ipproto != IPPROTO_UDPLITE)
		return checksum;
	return checksum ? checksum : 0xffff;
}

/* Bit by bit, as RFC 9260 appendix A defines it. */
static uint32_t crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		uint32_t next = (crc ^ (uint32_t)p[bit / 8] >> bit % 8) & 1;

		crc = crc >> 1 ^ (next ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* In little-endian order. */
static void put_crc(const struct build *b, uint8_t *p, size_t len)
{
	uint32_t crc = override(b->checksum, crc32c(p, len));

	if (b->bad_checksum)
		crc ^= 0x5555;
	for (size_t i = 0; i < 4; i++)
		p[8 + i] = (uint8_t)(crc >> 8 * i);
}

/* Returns where the Internet checksum is, or NULL. */
static uint8_t *put_transport(const struct build *b, uint8_t *p)
{
	switch (b->ip.ipproto) {
	case IPPROTO_TCP:
		put_tcp(b, p);
		return p + 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		put_udp(b, p);
		return p + 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		put_icmp(b, p);
		return p + 2;
	case IPPROTO_SCTP:
		put_sctp(b, p);
		return NULL;
	case IPPROTO_GRE:
		put_gre(b, p);
		return NULL;
	case IPPROTO_ESP:
	case IPPROTO_AH:
		put_ipsec(b, p);
		return NULL;
	case IPPROTO_DCCP:
		put16(p, b->sport);
		put16(p + 2, b->dport);
		return NULL;
	default:
		return NULL;
	}
}

size_t build_packet(const struct build *b, uint8_t *packet, size_t size)
{
	size_t head = ip_len(&b->ip);
	size_t len = transport_len(b) + b->payload_len;
	uint8_t *p = packet + head;
	uint8_t *checksum;

	assert(head + len <= size);
	memset(packet, 0, head + len);
	if (b->ip.version == 4)
		put_ipv4(&b->ip, packet, head + len);
	else
		put_ipv6(&b->ip, packet, head + len);
	if (b->payload)
		memcpy(p + transport_len(b), b->payload, b->payload_len);
	checksum = put_transport(b, p);
	if (b->ip.ipproto == IPPROTO_SCTP)
		put_crc(b, p, len);
	if (checksum)
		put16(checksum,
		      override(b->checksum,
			       transport_checksum(b, packet, p, len)));
	return head + len;
}

void build_bytes(struct build_options *options, const void *bytes, size_t len)
{
	assert(len <= sizeof(options->bytes) - options->len);
	memcpy(options->bytes + options->len, bytes, len);
	options->len += len;
}

void build_mss(struct build_options *options, uint16_t mss)
{
	uint8_t option[4] = { 2, 4 };

	put16(option + 2, mss);
	build_bytes(options, option, sizeof(option));
}

void build_wscale(struct build_options *options, uint8_t shift)
{
	uint8_t option[3] = { 3, 3, shift };

	build_bytes(options, option, sizeof(option));
}

void build_sack_ok(struct build_options *options)
{
	uint8_t option[2] = { 4, 2 };

	build_bytes(options, option, sizeof(option));
}

void build_sack(struct build_options *options, uint32_t left, uint32_t right)
{
	uint8_t option[10] = { 5, 10 };

	put32(option + 2, left);
	put32(option + 6, right);
	build_bytes(options, option, sizeof(option));
}

void build_timestamp(struct build_options *options, uint32_t val, uint32_t ecr)
{
	uint8_t option[10] = { 8, 10 };

	put32(option + 2, val);
	put32(option + 6, ecr);
	build_bytes(options, option, sizeof(option));
}

void build_md5(struct build_options *options)
{
	uint8_t option[18] = { 19, 18 };

	build_bytes(options, option, sizeof(option));
}

void build_chunk(struct build_chunks *chunks, uint8_t type, uint8_t flags,
		 const void *value, size_t len)
{
	uint8_t *p = chunks->bytes + chunks->len;

	assert(4 + padded(len) <= sizeof(chunks->bytes) - chunks->len);
	memset(p, 0, 4 + padded(len));
	p[0] = type;
	p[1] = flags;
	put16(p + 2, (uint32_t)len + 4);
	if (value)
		memcpy(p + 4, value, len);
	chunks->len += 4 + padded(len);
}
