#include "lib/uicc/aid.h"

#include "lib/base/bytes.h"

#define RID_3GPP  0xA0, 0x00, 0x00, 0x00, 0x87
#define RID_3GPP2 0xA0, 0x00, 0x00, 0x03, 0x43
#define RID_GSMA  0xA0, 0x00, 0x00, 0x05, 0x59
#define RID_GP	  0xA0, 0x00, 0x00, 0x01, 0x51
/* SGP.02 annex H: PIX 10 10, FF.. for the country and the provider, 89, the application */
#define EUICC(high, low) RID_GSMA, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, 0x00, high, low

static const struct {
	size_t len;
	uint8_t octets[AID_LEN];
} table[AID_COUNT] = {
	[AID_3GPP] = {5, {RID_3GPP}},
	[AID_USIM] = {7, {RID_3GPP, 0x10, 0x02}},
	[AID_ISIM] = {7, {RID_3GPP, 0x10, 0x04}},
	[AID_CSIM] = {7, {RID_3GPP2, 0x10, 0x02}},
	[AID_EUICC] = {7, {RID_GSMA, 0x10, 0x10}},
	[AID_ISDR] = {16, {EUICC(0x01, 0x00)}},
	[AID_ECASD] = {16, {EUICC(0x02, 0x00)}},
	[AID_ISDP] = {16, {EUICC(0x11, 0x00)}},
	[AID_CARD_MANAGER] = {7, {RID_GP, 0x00, 0x00}},
	[AID_MNO_SD] = {8, {RID_GP, 0x00, 0x00, 0x00}},
};

struct slice aid_of(enum aid a)
{
	return slice_make(table[a].octets, table[a].len);
}
