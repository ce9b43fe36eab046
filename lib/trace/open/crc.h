/*
 * crc: the redundancy checks of secured packets (ETSI TS 102 225 5.1.3.2, annex B): those of HDLC
 * (ISO/IEC 13239, ITU-T X.25).
 */
#ifndef TWINKEY_TRACE_OPEN_CRC_H
#define TWINKEY_TRACE_OPEN_CRC_H

#include "lib/base/bytes.h"

#define CRC16_LEN 2
#define CRC32_LEN 4

uint16_t crc16_sum(struct slice text);
uint32_t crc32_sum(struct slice text);

#endif
