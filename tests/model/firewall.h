/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine, in the middle: octets in, verdict out.
 */
#ifndef MODEL_FIREWALL_H
#define MODEL_FIREWALL_H

#include "engine/engine.h"
#include "model/segment.h"

struct firewall;

struct firewall_setup {
	enum tracking tracking;
	enum tcp_pickup pickup;
	bool one_way; /* only O may open connections */
};

/* Ends the program when memory does. */
struct firewall *firewall_create(const struct firewall_setup *setup);
void firewall_destroy(struct firewall *firewall);

struct verdict firewall_judge(struct firewall *firewall,
			      const struct segment *seg,
			      const struct route *route, msec_t now);

/* The connection of that port of O, as users see it; false: there is none. */
bool firewall_find(const struct firewall *firewall, uint16_t port, msec_t now,
		   struct conn_info *info);

/* It has forgotten all connections. */
void firewall_restart(struct firewall *firewall, msec_t now);
/* Segments have passed that it did not see. */
void firewall_note_loss(struct firewall *firewall, msec_t now);
/* Sweeps its table. */
void firewall_sweep(struct firewall *firewall, msec_t now);

#endif
