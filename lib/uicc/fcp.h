/*
 * fcp: tags and codes of the file control parameters. TS 102 221 11.1.1.3 and 11.1.1.4, TS 102
 * 222 6.3.2.2.2.
 */
#ifndef TWINKEY_UICC_FCP_H
#define TWINKEY_UICC_FCP_H

/* TS 102 221 11.1.1.3. A profile package has tags of its own with the same values
 * (lib/profile/pe.h). */
enum uicc_fcp_tag {
	UICC_FCP = 0x62, /* the template; the others are inside of it */
	UICC_FCP_SIZE = 0x80,
	UICC_FCP_DESCRIPTOR = 0x82,
	UICC_FCP_FID = 0x83,
	UICC_FCP_DF_NAME = 0x84,
	UICC_FCP_SFI = 0x88,
	UICC_FCP_LCSI = 0x8A,
	UICC_FCP_ARR_REFERENCE = 0x8B, /* security attributes, in one of three forms */
	UICC_FCP_COMPACT = 0x8C,
	UICC_FCP_EXPANDED = 0xAB,
	UICC_FCP_PROPRIETARY = 0xA5,
	UICC_FCP_PIN_STATUS = 0xC6,
};
/* TS 102 221 11.1.1.4.6: inside the proprietary information */
enum uicc_fcp_proprietary {
	UICC_FCP_CHARACTERISTICS = 0x80, /* of the MF */
	UICC_FCP_DETAILS = 0x84,	 /* of a BER-TLV EF, as the maximum size */
	UICC_FCP_MAX_SIZE = 0x86,
	UICC_FCP_SPECIAL = 0xC0,
};
/* TS 102 221 9.5.2, 11.1.1.4.10: inside the PIN status template */
enum uicc_ps_tag {
	UICC_PS_STATUS = 0x90, /* PS_DO: a bit for each key reference behind it */
	UICC_PS_KEY_REFERENCE = 0x83,
	UICC_PS_USAGE_QUALIFIER = 0x95,
};
/* TS 102 221 9.2.4, ISO 7816-4 9.3.3: access rules in the expanded form, and in EF.ARR: access
 * modes, then security conditions */
enum uicc_access_tag {
	UICC_AM_BITS = 0x80,
	UICC_AM_LAST = 0x8F, /* 81 to 8F: which octets of a command's header are meant */
	UICC_SC_ALWAYS = 0x90,
	UICC_SC_NEVER = 0x97,
	UICC_SC_OCTET = 0x9E,
	UICC_SC_OR = 0xA0,
	UICC_SC_KEY = 0xA4,
	UICC_SC_NOT = 0xA7,
	UICC_SC_AND = 0xAF,
};
/* ISO 7816-4 5.3.3: the file control information of an applet; its AID has UICC_FCP_DF_NAME */
enum uicc_fci_tag {
	UICC_FCI = 0x6F,
	UICC_FCI_PROPRIETARY = 0xA5,
	UICC_FCI_ISDR = 0xE0,	    /* of an ISD-R, SGP.22 5.7.1 */
	UICC_FCI_MAX_DATA = 0x9F65, /* GlobalPlatform 11.9.3.1, as the next */
	UICC_FCI_PRODUCTION = 0x9F6E,
};

/* The file descriptor byte, TS 102 221 table 11.5: a structure, and whether it is shareable */
enum uicc_structure {
	UICC_UNKNOWN = 0, /* none that the standard has */
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
