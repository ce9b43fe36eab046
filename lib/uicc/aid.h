/*
 * aid: the application identifiers that standards give away (ISO 7816-4 8.2.1.2: RID and PIX).
 */
#ifndef TWINKEY_UICC_AID_H
#define TWINKEY_UICC_AID_H

struct slice;

#define AID_LEN 16 /* the longest */

enum aid {
	AID_3GPP,  /* RID of ETSI and 3GPP's applications, ETSI TS 101 220 annex D */
	AID_USIM,  /* what those of USIMs begin with, TS 31.102; 7 octets, as are the next two */
	AID_ISIM,  /* TS 31.103 */
	AID_CSIM,  /* 3GPP2 C.S0065 */
	AID_EUICC, /* what those of ISD-R, ECASD and ISD-Ps begin with, SGP.02 annex H; 7 octets */
	AID_ISDR,  /* whole, as are those below; SGP.22 annex H */
	AID_ECASD, /* SGP.02 annex H */
	AID_ISDP,  /* the first that a profile may get, SGP.02 annex H */
	AID_CARD_MANAGER, /* what those of GlobalPlatform's card managers begin with; 7 octets */
	AID_MNO_SD,	  /* what that of a profile's MNO-SD begins with; 8 octets */
	AID_HPSIM,	  /* TS 31.104; 7 octets */
	AID_ARAM,	  /* GlobalPlatform Secure Element Access Control 4; 9 octets */
	AID_OLD_CARD_MANAGER, /* as cards had it before GlobalPlatform had a RID; 7 octets */
	AID_COUNT
};

/* A record of EF.DIR, TS 102 221 13.1: the application template, and what is in it */
enum uicc_dir_tag {
	UICC_DIR_APPLICATION = 0x61,
	UICC_DIR_AID = 0x4F,
	UICC_DIR_LABEL = 0x50,
};

/* Octets that live for ever. */
struct slice aid_of(enum aid a);

#endif
