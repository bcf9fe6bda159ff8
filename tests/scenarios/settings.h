/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "set": what an administrator decides, in a scenario.
 *
 *	set pickup strict|loose|grace TIME
 *	set syn-data allow|tfo|deny
 *	set simultaneous-open on|off
 *	set syn-urg on|off
 *	set zero-checksum-ports PORTS        over IPv6
 *	set tracking full|liberal|sloppy|none
 *	                                     of connections opened from then on
 *	set max N                            connections that each may open
 *	set limit new|packets|bytes N TIME   what each may open or send
 *	set mode enforce|audit
 *	set rule KEY VALUE                   what else the rules ask of a packet
 *	set connections-per-source N
 *	set half-open N                      of all sources together
 *	set half-open-per-source N
 *	set half-open-per-destination N
 *	set adaptive-start|adaptive-end N    percent of the table
 */
#ifndef SCENARIOS_SETTINGS_H
#define SCENARIOS_SETTINGS_H

#include "scenarios/play.h"

/* @words: what follows "set".  Ends the test if they make no sense. */
void settings_change(struct play *play, const char *const *words);

#endif
