/*
 * order: numbers of a file that has them in the order of who wrote it. 0 for what is past the end.
 */
#ifndef TWINKEY_TRACE_READ_ORDER_H
#define TWINKEY_TRACE_READ_ORDER_H

#include "lib/base/bytes.h"

uint16_t order_u16(bool little, struct slice s, size_t at);
uint32_t order_u32(bool little, struct slice s, size_t at);

#endif
