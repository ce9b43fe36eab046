/*
 * fcp: codes inside the file control parameters. TS 102 221 11.1.1.4, TS 102 222 6.3.2.2.2.
 */
#ifndef TWINKEY_UICC_FCP_H
#define TWINKEY_UICC_FCP_H

/* The file descriptor byte, TS 102 221 table 11.5: a structure, and whether it is shareable */
enum uicc_structure {
	UICC_TRANSPARENT = 0x01,
	UICC_LINEAR = 0x02,
	UICC_CYCLIC = 0x06,
	UICC_DF = 0x38,
	UICC_BER_TLV = 0x39,
};
#define UICC_STRUCTURE_MASK 0x3Fu
#define UICC_SHAREABLE	    0x40u
#define UICC_DESCRIPTOR_RFU 0x80u
#define UICC_DATA_CODING    0x21 /* the byte behind it */

/* Life cycle status integer, TS 102 221 11.1.1.4.9; of the operational states bit 2 says nothing */
enum uicc_lcsi {
	UICC_LCSI_CREATION = 0x01,
	UICC_LCSI_INITIALISATION = 0x03,
	UICC_LCSI_DEACTIVATED = 0x04,
	UICC_LCSI_ACTIVATED = 0x05,
	UICC_LCSI_TERMINATED = 0x0C, /* the two lowest bits say nothing */
};
#define UICC_LCSI_ANY 0x02u

/* A file without an SFI of its own has the lowest bits of its identifier; all ones: none. */
#define UICC_SFI_MASK 0x1Fu
#define UICC_SFI_MAX  30

/* Special file information, TS 102 222 table 5 */
#define UICC_SPECIAL_HIGH_UPDATE 0x80u
#define UICC_SPECIAL_READABLE	 0x40u /* when deactivated */

#endif
