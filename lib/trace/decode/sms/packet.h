/*
 * packet: secured packets of remote management over short messages (SCP80): ETSI TS 102 225 5.1,
 * TS 31.115 4. What is enciphered stays so.
 */
#ifndef TWINKEY_TRACE_DECODE_PACKET_H
#define TWINKEY_TRACE_DECODE_PACKET_H

#include "lib/trace/decode/tree.h"

/* The identifiers of the elements of a header (TP-UDH) that say what is behind it */
enum packet_kind { PACKET_COMMAND = 0x70, PACKET_RESPONSE = 0x71 };

/* The status of a response in words; "unknown status" */
const char *packet_status(uint8_t status);
/* It is a node of packet_tell(). */
bool packet_is(const struct tree_node *n);
bool packet_is_response(const struct tree_node *n);

/* One node */
void packet_tell(enum packet_kind kind, struct slice packet, const struct tree *t);

#endif
