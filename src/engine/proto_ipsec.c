/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ESP (RFC 4303) and AH (RFC 4302): each direction is a connection of its own,
 * known by its ends and its SPI, since who receives chooses the number.  So a
 * tunnel needs a rule for each direction, and no packet is ever an answer.
 *
 * The tuple has the halves of the SPI where others have ports, and in .kind
 * which way it goes: the tuple of an answer would be that of no packet.
 */
#include "engine/proto.h"

#include "engine/conn.h"

enum {
	ESP_HEADER_LEN = 8, /* SPI and sequence number */
	ESP_SPI_AT = 0,
	AH_HEADER_LEN = 12, /* without the integrity check */
	AH_SPI_AT = 4,
	IPSEC_QUOTED_LEN = 8,
	AH_WORDS_MORE = 2, /* RFC 4302 section 2.2: words beyond what it says */
};

enum ipsec_kind { IPSEC_UPWARD, IPSEC_DOWNWARD };

static void set_spi(struct tuple *tuple, uint32_t spi)
{
	bool is_larger = addr_compare(&tuple->src, &tuple->dst) > 0;

	tuple->sport = (uint16_t)(spi >> 16);
	tuple->dport = (uint16_t)spi;
	tuple->kind = is_larger ? IPSEC_DOWNWARD : IPSEC_UPWARD;
}

/* RFC 4303 section 2.1: the number 0 never goes over a wire. */
static enum reason take_spi(struct packet *pkt, uint32_t spi)
{
	if (spi == 0)
		return REASON_BAD_HEADER;
	set_spi(&pkt->tuple, spi);
	return REASON_NONE;
}

static enum reason esp_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, ESP_HEADER_LEN);

	if (!hdr)
		return transport_too_short(l4, ESP_HEADER_LEN);
	return take_spi(pkt, load_be32(hdr + ESP_SPI_AT));
}

static enum reason ah_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, AH_HEADER_LEN);
	uint32_t len;

	if (!hdr)
		return transport_too_short(l4, AH_HEADER_LEN);
	len = 4U * (hdr[1] + AH_WORDS_MORE);
	if (len < AH_HEADER_LEN || len > l4->len)
		return REASON_BAD_HEADER;
	return take_spi(pkt, load_be32(hdr + AH_SPI_AT));
}

static enum reason parse_quoted(struct quoted *quoted, struct reader *r,
				size_t spi_at)
{
	const uint8_t *hdr = reader_take(r, IPSEC_QUOTED_LEN);

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	set_spi(&quoted->tuple, load_be32(hdr + spi_at));
	return REASON_NONE;
}

static enum reason esp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	return parse_quoted(quoted, r, ESP_SPI_AT);
}

static enum reason ah_parse_quoted(struct quoted *quoted, struct reader *r)
{
	return parse_quoted(quoted, r, AH_SPI_AT);
}

static enum timeout ipsec_timeout(const struct conn *conn)
{
	(void)conn;
	return TIMEOUT_OTHER_UNREPLIED;
}

static const char *ipsec_state_name(const struct conn *conn)
{
	(void)conn;
	return "one-way";
}

const struct proto proto_esp = {
	.first = TIMEOUT_OTHER_UNREPLIED,
	.parse = esp_parse,
	.parse_quoted = esp_parse_quoted,
	.opens = proto_always_opens,
	.open = proto_open_unreplied,
	.asks = proto_never_asks,
	.track = proto_track_reply,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_nothing,
	.is_sound = proto_reply_is_sound,
	.timeout = ipsec_timeout,
	.state_name = ipsec_state_name,
};

const struct proto proto_ah = {
	.first = TIMEOUT_OTHER_UNREPLIED,
	.parse = ah_parse,
	.parse_quoted = ah_parse_quoted,
	.opens = proto_always_opens,
	.open = proto_open_unreplied,
	.asks = proto_never_asks,
	.track = proto_track_reply,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_nothing,
	.is_sound = proto_reply_is_sound,
	.timeout = ipsec_timeout,
	.state_name = ipsec_state_name,
};
