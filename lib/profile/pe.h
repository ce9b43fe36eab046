/*
 * pe: numbers of the TCA eUICC Profile Package specification (PEDefinitions, AUTOMATIC TAGS).
 */
#ifndef TWINKEY_PROFILE_PE_H
#define TWINKEY_PROFILE_PE_H

/* ProfileElement: X(name, tag, text) */
#define PE_TABLE(X)                                                                                \
	X(PE_HEADER, 0xA0, "ProfileHeader")                                                        \
	X(PE_GENERIC_FILE_MANAGEMENT, 0xA1, "PE-GenericFileManagement")                            \
	X(PE_PIN_CODES, 0xA2, "PE-PINCodes")                                                       \
	X(PE_PUK_CODES, 0xA3, "PE-PUKCodes")                                                       \
	X(PE_AKA_PARAMETER, 0xA4, "PE-AKAParameter")                                               \
	X(PE_CDMA_PARAMETER, 0xA5, "PE-CDMAParameter")                                             \
	X(PE_SECURITY_DOMAIN, 0xA6, "PE-SecurityDomain")                                           \
	X(PE_RFM, 0xA7, "PE-RFM")                                                                  \
	X(PE_APPLICATION, 0xA8, "PE-Application")                                                  \
	X(PE_NON_STANDARD, 0xA9, "PE-NonStandard")                                                 \
	X(PE_END, 0xAA, "PE-End")                                                                  \
	X(PE_MF, 0xB0, "PE-MF")                                                                    \
	X(PE_CD, 0xB1, "PE-CD")                                                                    \
	X(PE_TELECOM, 0xB2, "PE-TELECOM")                                                          \
	X(PE_USIM, 0xB3, "PE-USIM")                                                                \
	X(PE_OPT_USIM, 0xB4, "PE-OPT-USIM")                                                        \
	X(PE_ISIM, 0xB5, "PE-ISIM")                                                                \
	X(PE_OPT_ISIM, 0xB6, "PE-OPT-ISIM")                                                        \
	X(PE_PHONEBOOK, 0xB7, "PE-PHONEBOOK")                                                      \
	X(PE_GSM_ACCESS, 0xB8, "PE-GSM-ACCESS")                                                    \
	X(PE_CSIM, 0xB9, "PE-CSIM")                                                                \
	X(PE_OPT_CSIM, 0xBA, "PE-OPT-CSIM")                                                        \
	X(PE_EAP, 0xBB, "PE-EAP")                                                                  \
	X(PE_DF_5GS, 0xBC, "PE-DF-5GS")                                                            \
	X(PE_DF_SAIP, 0xBD, "PE-DF-SAIP")                                                          \
	X(PE_DF_SNPN, 0xBE, "PE-DF-SNPN")                                                          \
	X(PE_DF_5GPROSE, 0xBF1F, "PE-DF-5GPROSE")                                                  \
	X(PE_IOT, 0xBF20, "PE-IoT")                                                                \
	X(PE_OPT_IOT, 0xBF21, "PE-OPT-IoT")

#define PE_ENUM(name, tag, text) name = (tag),
enum pe_tag { PE_TABLE(PE_ENUM) };
#undef PE_ENUM

/* PEHeader, first in every element but ProfileHeader: [0] { mandated [0] NULL, identification [1] }
 */
#define PE_TAG_HEADER	      0xA0u
#define PE_TAG_MANDATED	      0x80u
#define PE_TAG_IDENTIFICATION 0x81u
#define PE_TAG_TEMPLATE_ID    0x81u
#define PE_TAG_FIRST_FILE     0xA2u /* of an application: its ADF */

/* ProfileHeader */
#define HEADER_TAG_TYPE	    0x82u
#define HEADER_TAG_ICCID    0x83u
#define HEADER_TAG_POL	    0x84u
#define HEADER_TAG_SERVICES 0xA5u
/* PE-USIM */
#define USIM_TAG_EF_IMSI 0xA3u
#define USIM_TAG_EF_AD	 0xB5u
/* PE-AKAParameter { header [0], algoConfiguration [1] { algoParameter [1] { key [2] ... */
#define AKA_TAG_CONFIGURATION 0xA1u
#define AKA_TAG_ALGORITHM     0xA1u
#define AKA_TAG_KEY	      0x82u

/* Fcp */
#define FCP_TAG_SIZE	    0x80u
#define FCP_TAG_DESCRIPTOR  0x82u
#define FCP_TAG_FID	    0x83u
#define FCP_TAG_DF_NAME	    0x84u
#define FCP_TAG_SFI	    0x88u
#define FCP_TAG_LCSI	    0x8Au
#define FCP_TAG_SECURITY    0x8Bu
#define FCP_TAG_PROPRIETARY 0xA5u
#define FCP_TAG_PIN_STATUS  0xC6u
#define FCP_TAG_LINK	    0xC7u
#define FCP_TAG_SPECIAL	    0xC0u /* this and those below: in FCP_TAG_PROPRIETARY */
#define FCP_TAG_FILL	    0xC1u
#define FCP_TAG_REPEAT	    0xC2u
#define FCP_TAG_DETAILS	    0x84u
#define FCP_TAG_MAX_SIZE    0x86u

/* File and FileManagement: the alternatives of their steps */
#define FILE_TAG_DO_NOT_CREATE 0x80u
#define FILE_TAG_FCP	       0xA1u
#define FILE_TAG_OFFSET	       0x82u
#define FILE_TAG_CONTENT       0x83u
#define GFM_TAG_PATH	       0x80u
#define GFM_TAG_CREATE	       0x62u
#define GFM_TAG_OFFSET	       0x02u
#define GFM_TAG_CONTENT	       0x81u

/*
 * sqnOptions: which limits are checked (docs/adr/0004), and in its upper half, 0 for 5, how many
 * bits of SQN are IND, plus 1 (docs/adr/0015: what the module leaves open).
 */
#define PE_SQN_AGE     0x01u
#define PE_SQN_DELTA   0x02u
#define PE_SQN_UNKNOWN 0x0Cu
#define PE_SQN_IND(o)  ((o) >> 4 & 15u)

/* PEStatus */
enum pe_status {
	PE_OK = 0,
	PE_NOT_SUPPORTED = 1,
	PE_MEMORY_FAILURE = 2,
	PE_BAD_VALUES = 3,
	PE_NOT_ENOUGH_MEMORY = 4,
	PE_INVALID_FORMAT = 5,
	PE_INVALID_PARAMETER = 6,
	PE_RUNTIME_NOT_SUPPORTED = 7,
	PE_LIB_NOT_SUPPORTED = 8,
	PE_TEMPLATE_NOT_SUPPORTED = 9,
	PE_FEATURE_NOT_SUPPORTED = 10,
	PE_PIN_MISSING = 11,
	PE_VERSION_NOT_SUPPORTED = 31,
};

#endif
