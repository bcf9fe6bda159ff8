/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a segment to its octets, and to the line of a scenario.
 */
#include "model/segment.h"

#include <netinet/in.h>
#include <string.h>

enum {
	PORT_R = 80,
	WHOLE_MAX = 128, /* more data than this is not copied */
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	TCP_LEN = 20,
};

const char *const route_addresses[2][SIDE_COUNT] = {
	{ "192.0.2.10", "198.51.100.20" },
	{ "2001:db8:1::10", "2001:db8:2::20" },
};

uint32_t segment_end(const struct segment *seg)
{
	return seg->seq + seg->len + !!(seg->flags & TCP_SYN) +
	       !!(seg->flags & TCP_FIN);
}

static void put_sacks(const struct segment *seg, struct build_options *options)
{
	uint8_t option[2 + 8 * SEGMENT_SACKS] = {
		5, (uint8_t)(2 + 8 * seg->sack_count)
	};
	uint8_t *p = option + 2;

	for (int i = 0; i < seg->sack_count; i++)
		for (int j = 0; j < 8; j++) {
			uint32_t edge = j < 4 ? seg->sacks[i].left
					      : seg->sacks[i].right;

			*p++ = (uint8_t)(edge >> (24 - j % 4 * 8));
		}
	build_bytes(options, option, option[1]);
}

static void put_options(const struct segment *seg,
			struct build_options *options)
{
	static const uint8_t cookie[10] = { 34, sizeof(cookie), 1, 2, 3 };

	if (seg->flags & TCP_SYN)
		build_mss(options, 1460);
	if (seg->has_wscale)
		build_wscale(options, seg->wscale);
	if (seg->has_sack_ok)
		build_sack_ok(options);
	if (seg->has_ts)
		build_timestamp(options, seg->ts_val, seg->ts_ecr);
	if (seg->has_cookie)
		build_bytes(options, cookie, sizeof(cookie));
	if (seg->sack_count)
		put_sacks(seg, options);
}

static struct build make_build(const struct segment *seg,
			       const struct route *route)
{
	const char *const *addresses = route_addresses[route->version == 6];
	bool is_reply = route->from == SIDE_R;
	struct build b = {
		.ip = { .version = route->version,
			.src = addresses[route->from],
			.dst = addresses[!is_reply],
			.ipproto = IPPROTO_TCP },
		.sport = is_reply ? PORT_R : route->port,
		.dport = is_reply ? route->port : PORT_R,
		.tcp = { .seq = seg->seq,
			 .ack = seg->ack,
			 .flags = seg->flags,
			 .window = seg->window },
		.payload_len = seg->len <= WHOLE_MAX ? seg->len : 0,
	};

	put_options(seg, &b.tcp.options);
	return b;
}

struct frame segment_frame(const struct segment *seg, const struct route *route)
{
	struct build b = make_build(seg, route);
	size_t left_out = seg->len - b.payload_len;
	size_t header = TCP_LEN + (b.tcp.options.len + 3) / 4 * 4;
	struct frame frame;

	if (!left_out)
		return frame_build(&b);
	/* IPv6 does not count its own header. */
	if (route->version == 4)
		header += IPV4_LEN;
	b.ip.len = header + seg->len > UINT16_MAX ? BUILD_ZERO
						  : (int)(header + seg->len);
	frame = frame_build(&b);
	frame.meta.len += (uint32_t)left_out;
	frame.meta.gso = header + seg->len > UINT16_MAX;
	return frame;
}

static void print_flags(FILE *file, uint8_t flags)
{
	static const struct {
		uint8_t flag;
		char letter;
	} letters[] = {
		{ TCP_SYN, 'S' }, { TCP_FIN, 'F' }, { TCP_RST, 'R' },
		{ TCP_PSH, 'P' }, { TCP_ACK, 'A' },
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (flags & letters[i].flag)
			(void)fputc(letters[i].letter, file);
}

static int32_t relative(uint32_t seq, uint32_t base)
{
	return (int32_t)(seq - base);
}

static void print_options(FILE *file, const struct segment *seg, uint32_t base)
{
	if (seg->has_wscale)
		(void)fprintf(file, " wscale%u", seg->wscale);
	if (seg->has_sack_ok)
		(void)fprintf(file, " sackok");
	if (seg->has_ts)
		(void)fprintf(file, " ts%u", seg->ts_val);
	if (seg->has_cookie)
		(void)fprintf(file, " cookie");
	for (int i = 0; i < seg->sack_count; i++)
		(void)fprintf(file, " sack%d-%d",
			      relative(seg->sacks[i].left, base),
			      relative(seg->sacks[i].right, base));
}

void segment_print(FILE *file, const struct segment *seg, enum side from,
		   const uint32_t base[SIDE_COUNT])
{
	uint32_t other = base[from == SIDE_O ? SIDE_R : SIDE_O];

	(void)fprintf(file, "%c> ", from == SIDE_O ? 'O' : 'R');
	print_flags(file, seg->flags);
	(void)fprintf(file, " s%d", relative(seg->seq, base[from]));
	if (seg->len)
		(void)fprintf(file, " l%u", seg->len);
	if (seg->flags & TCP_ACK)
		(void)fprintf(file, " a%d", relative(seg->ack, other));
	(void)fprintf(file, " w%u", seg->window);
	print_options(file, seg, other);
}
