/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making up rules.
 *
 * A site has some networks of /16, subnets in these, hosts in these; so has
 * the world outside, and rules name the same ones again and again.  How often a
 * field is left open, or is an exact value, is by family, in percent.
 */
#include "bench/classbench.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/random.h"

const char *const cb_family_names[CB_FAMILY_COUNT] = {
	[CB_ACCESS] = "access",
	[CB_FIREWALL] = "firewall",
	[CB_CHAIN] = "chain",
};

/* Of 100 rules; what is left of a line is the case not named. */
struct habits {
	struct {
		unsigned int any;
		unsigned int wide; /* /8 to /16 */
		unsigned int subnet;
		/* else one host */
	} src, dst;
	struct {
		unsigned int any;
		unsigned int range;
		/* else one port */
	} sport, dport;
	struct {
		unsigned int tcp;
		unsigned int udp;
		unsigned int icmp;
		/* else any */
	} proto;
};

static const struct habits habits[CB_FAMILY_COUNT] = {
	[CB_ACCESS] = { { 40, 10, 30 },
			{ 2, 8, 30 },
			{ 98, 2 },
			{ 10, 15 },
			{ 75, 17, 5 } },
	[CB_FIREWALL] = { { 35, 10, 25 },
			  { 15, 10, 30 },
			  { 70, 25 },
			  { 20, 40 },
			  { 60, 30, 4 } },
	[CB_CHAIN] = { { 10, 20, 45 },
		       { 5, 20, 45 },
		       { 85, 5 },
		       { 45, 10 },
		       { 45, 20, 10 } },
};

static const uint16_t services[] = { 20,   21,   22,   23,   25,   53,  80,
				     110,  111,  123,  135,  139,  143, 161,
				     389,  443,  445,  514,  993,  995, 1433,
				     1521, 2049, 3306, 3389, 5060, 8080 };

static const struct cb_ports ranges[] = { { 1024, 65535 }, { 1, 1023 },
					  { 5000, 5100 },  { 6000, 6063 },
					  { 135, 139 },    { 33434, 33534 },
					  { 8000, 8999 } };

enum {
	SERVICE_COUNT = sizeof(services) / sizeof(services[0]),
	RANGE_COUNT = sizeof(ranges) / sizeof(ranges[0])
};

static uint32_t mask_of(uint8_t len)
{
	return len ? UINT32_MAX << (32 - len) : 0;
}

/* @spread: how many subnets there are to choose from. */
static struct cb_network subnet_of(uint64_t *seed, bool inside, uint32_t spread)
{
	uint32_t number = random_below(seed, spread);
	/* Neighbours are in one /16; the multiplier scatters these. */
	uint32_t wide = (number / 256 * 40503 + (inside ? 0 : 9973)) & 0xffff;

	return (struct cb_network){ wide << 16 | (number % 256) << 8, 24 };
}

static struct cb_network random_network(uint64_t *seed, unsigned int any,
					unsigned int wide, unsigned int subnet,
					struct cb_network near)
{
	uint32_t dice = random_below(seed, 100);

	if (dice < any)
		return (struct cb_network){ 0 };
	if (dice < any + wide)
		near.len = (uint8_t)(8 + random_below(seed, 9));
	else if (dice < any + wide + subnet)
		near.len = (uint8_t)(20 + random_below(seed, 9));
	else
		near.len = 32;
	near.address |= random_below(seed, 256);
	near.address &= mask_of(near.len);
	return near;
}

static struct cb_ports random_ports(uint64_t *seed, unsigned int any,
				    unsigned int range)
{
	uint32_t dice = random_below(seed, 100);
	uint16_t port;

	if (dice < any)
		return (struct cb_ports){ 0, UINT16_MAX };
	if (dice < any + range)
		return ranges[random_below(seed, RANGE_COUNT)];
	port = random_below(seed, 4)
		       ? services[random_below(seed, SERVICE_COUNT)]
		       : (uint16_t)(1 + random_below(seed, UINT16_MAX));
	return (struct cb_ports){ port, port };
}

static uint8_t random_proto(uint64_t *seed, const struct habits *h)
{
	uint32_t dice = random_below(seed, 100);

	if (dice < h->proto.tcp)
		return IPPROTO_TCP;
	if (dice < h->proto.tcp + h->proto.udp)
		return IPPROTO_UDP;
	if (dice < h->proto.tcp + h->proto.udp + h->proto.icmp)
		return IPPROTO_ICMP;
	return 0;
}

bool cb_has_ports(const struct cb_rule *rule)
{
	return rule->ipproto == IPPROTO_TCP || rule->ipproto == IPPROTO_UDP;
}

bool cb_is_any(const struct cb_ports *ports)
{
	return ports->first == 0 && ports->last == UINT16_MAX;
}

static struct cb_rule random_rule(uint64_t *seed, const struct habits *h,
				  uint32_t spread)
{
	struct cb_network from = subnet_of(seed, false, spread);
	struct cb_network to = subnet_of(seed, true, spread);
	struct cb_rule rule = {
		.src = random_network(seed, h->src.any, h->src.wide,
				      h->src.subnet, from),
		.dst = random_network(seed, h->dst.any, h->dst.wide,
				      h->dst.subnet, to),
		.sport = random_ports(seed, h->sport.any, h->sport.range),
		.dport = random_ports(seed, h->dport.any, h->dport.range),
		.ipproto = random_proto(seed, h),
		.drop = random_below(seed, 4) == 0,
	};

	if (!cb_has_ports(&rule)) {
		rule.sport = (struct cb_ports){ 0, UINT16_MAX };
		rule.dport = (struct cb_ports){ 0, UINT16_MAX };
	}
	return rule;
}

/* What would have all rules behind it mean nothing is in no good policy. */
static bool is_too_open(const struct cb_rule *rule)
{
	int asked = (rule->src.len > 0) + (rule->dst.len > 0) +
		    !cb_is_any(&rule->sport) + !cb_is_any(&rule->dport);

	return asked < 2 && rule->src.len < 24 && rule->dst.len < 24;
}

void cb_make_rules(struct cb_rule *rules, size_t count, enum cb_family family,
		   uint64_t seed)
{
	uint32_t spread = 16 + (uint32_t)count / 4;

	for (size_t i = 0; i < count; i++)
		do {
			rules[i] = random_rule(&seed, &habits[family], spread);
		} while (is_too_open(&rules[i]));
}

static uint32_t address_in(uint64_t *seed, const struct cb_network *network)
{
	return network->address | (random_next(seed) & ~mask_of(network->len));
}

static uint16_t port_in(uint64_t *seed, const struct cb_ports *ports)
{
	uint32_t count = (uint32_t)ports->last - ports->first + 1;

	return (uint16_t)(ports->first + random_below(seed, count));
}

void cb_make_packets(struct cb_packet *packets, size_t count,
		     const struct cb_rule *rules, size_t rule_count,
		     uint64_t seed)
{
	static const struct cb_rule anywhere = {
		.sport = { 1, UINT16_MAX },
		.dport = { 1, UINT16_MAX },
	};

	for (size_t i = 0; i < count; i++) {
		const struct cb_rule *rule =
			i % 2 ? &anywhere
			      : &rules[random_below(&seed,
						    (uint32_t)rule_count)];

		packets[i] = (struct cb_packet){
			.src = address_in(&seed, &rule->src),
			.dst = address_in(&seed, &rule->dst),
			.sport = port_in(&seed, &rule->sport),
			.dport = port_in(&seed, &rule->dport),
			.ipproto = rule->ipproto ? rule->ipproto : IPPROTO_TCP,
		};
	}
}

const char *cb_network_text(const struct cb_network *network,
			    char text[CB_TEXT_LEN])
{
	(void)snprintf(text, CB_TEXT_LEN, "%u.%u.%u.%u/%u",
		       network->address >> 24, network->address >> 16 & 0xff,
		       network->address >> 8 & 0xff, network->address & 0xff,
		       network->len);
	return text;
}

const char *cb_ports_text(const struct cb_ports *ports, char separator,
			  char text[CB_TEXT_LEN])
{
	if (ports->first == ports->last)
		(void)snprintf(text, CB_TEXT_LEN, "%u", ports->first);
	else
		(void)snprintf(text, CB_TEXT_LEN, "%u%c%u", ports->first,
			       separator, ports->last);
	return text;
}
