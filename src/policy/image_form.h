/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of an image, for the two files that write and read it.
 *
 *   image      := magic, u32 version, u32 length of the body, body
 *   body       := u32 errors, u32 warnings, list of diagnostic, list of policy (one or none)
 *   diagnostic := u8 severity, u32 line, string file, string message
 *   policy     := u32 connections, u16 first queue, u16 last queue,
 *                 u32 queue length, list of action (one a hook),
 *                 list of timeout, list of zone, list of table, list of rule
 *   action     := u8
 *   timeout    := u64 milliseconds
 *   zone       := string name, list of string (interfaces)
 *   table      := string name, list of range
 *   range      := 16 octets first, 16 octets last, as struct addr has them
 *   rule       := string name, action, u8 log, list of condition
 *   condition  := string key, string text (of the engine's match)
 *   list       := u32 count, that many
 *   string     := u32 length, that many octets, none of them zero
 *
 * Numbers are in network order.  Nothing follows the body.
 */
#ifndef POLICY_IMAGE_FORM_H
#define POLICY_IMAGE_FORM_H

#define IMAGE_MAGIC "swimage"

enum {
	IMAGE_MAGIC_LEN = sizeof(IMAGE_MAGIC), /* with its NUL */
	IMAGE_VERSION = 1,
};

#endif
