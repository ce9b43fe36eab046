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

/* In every element but ProfileHeader; the last two in those that have templates. */
#define PE_TAG_HEADER	   0xA0u /* PEHeader */
#define PE_TAG_TEMPLATE_ID 0x81u
#define PE_TAG_FIRST_FILE  0xA2u /* of an application: its ADF */
#define PE_TAG_AID	   0x4Fu /* [APPLICATION 15], wherever an AID stands */

/*
 * What the card's interpreter, the builder and the operator look for by themselves: X(name, tag,
 * type, field). A type that is named here is named with all its fields; a test compares both ways
 * with lib/profile/schema, which itself is compared with the module.
 */
#define PE_FIELDS(X)                                                                               \
	X(PE_TAG_MANDATED, 0x80, "PEHeader", "mandated")                                           \
	X(PE_TAG_IDENTIFICATION, 0x81, "PEHeader", "identification")                               \
	X(HEADER_TAG_MAJOR, 0x80, "ProfileHeader", "major-version")                                \
	X(HEADER_TAG_MINOR, 0x81, "ProfileHeader", "minor-version")                                \
	X(HEADER_TAG_TYPE, 0x82, "ProfileHeader", "profileType")                                   \
	X(HEADER_TAG_ICCID, 0x83, "ProfileHeader", "iccid")                                        \
	X(HEADER_TAG_POL, 0x84, "ProfileHeader", "pol")                                            \
	X(HEADER_TAG_SERVICES, 0xA5, "ProfileHeader", "eUICC-Mandatory-services")                  \
	X(HEADER_TAG_TEMPLATES, 0xA6, "ProfileHeader", "eUICC-Mandatory-GFSTEList")                \
	X(HEADER_TAG_CONNECTIVITY, 0x87, "ProfileHeader", "connectivityParameters")                \
	X(HEADER_TAG_AIDS, 0xA8, "ProfileHeader", "eUICC-Mandatory-AIDs")                          \
	X(HEADER_TAG_IOT, 0xA9, "ProfileHeader", "iotOptions")                                     \
	X(FCP_TAG_DESCRIPTOR, 0x82, "Fcp", "fileDescriptor")                                       \
	X(FCP_TAG_FID, 0x83, "Fcp", "fileID")                                                      \
	X(FCP_TAG_DF_NAME, 0x84, "Fcp", "dfName")                                                  \
	X(FCP_TAG_LCSI, 0x8A, "Fcp", "lcsi")                                                       \
	X(FCP_TAG_SECURITY, 0x8B, "Fcp", "securityAttributesReferenced")                           \
	X(FCP_TAG_SIZE, 0x80, "Fcp", "efFileSize")                                                 \
	X(FCP_TAG_PIN_STATUS, 0xC6, "Fcp", "pinStatusTemplateDO")                                  \
	X(FCP_TAG_SFI, 0x88, "Fcp", "shortEFID")                                                   \
	X(FCP_TAG_PROPRIETARY, 0xA5, "Fcp", "proprietaryEFInfo")                                   \
	X(FCP_TAG_LINK, 0xC7, "Fcp", "linkPath")                                                   \
	X(FCP_TAG_SPECIAL, 0xC0, "ProprietaryInfo", "specialFileInformation")                      \
	X(FCP_TAG_FILL, 0xC1, "ProprietaryInfo", "fillPattern")                                    \
	X(FCP_TAG_REPEAT, 0xC2, "ProprietaryInfo", "repeatPattern")                                \
	X(FCP_TAG_MAX_SIZE, 0x86, "ProprietaryInfo", "maximumFileSize")                            \
	X(FCP_TAG_DETAILS, 0x84, "ProprietaryInfo", "fileDetails")                                 \
	X(FILE_TAG_DO_NOT_CREATE, 0x80, "File item", "doNotCreate")                                \
	X(FILE_TAG_FCP, 0xA1, "File item", "fileDescriptor")                                       \
	X(FILE_TAG_OFFSET, 0x82, "File item", "fillFileOffset")                                    \
	X(FILE_TAG_CONTENT, 0x83, "File item", "fillFileContent")                                  \
	X(GFM_TAG_PATH, 0x80, "FileManagement item", "filePath")                                   \
	X(GFM_TAG_CREATE, 0x62, "FileManagement item", "createFCP")                                \
	X(GFM_TAG_OFFSET, 0x02, "FileManagement item", "fillFileOffset")                           \
	X(GFM_TAG_CONTENT, 0x81, "FileManagement item", "fillFileContent")                         \
	X(GFM_TAG_COMMANDS, 0xA1, "PE-GenericFileManagement", "fileManagementCMD")                 \
	X(MF_TAG_MF, 0xA2, "PE-MF", "mf")                                                          \
	X(MF_TAG_EF_PL, 0xA3, "PE-MF", "ef-pl")                                                    \
	X(MF_TAG_EF_ICCID, 0xA4, "PE-MF", "ef-iccid")                                              \
	X(MF_TAG_EF_DIR, 0xA5, "PE-MF", "ef-dir")                                                  \
	X(MF_TAG_EF_ARR, 0xA6, "PE-MF", "ef-arr")                                                  \
	X(MF_TAG_EF_UMPC, 0xA7, "PE-MF", "ef-umpc")                                                \
	X(USIM_TAG_ADF, 0xA2, "PE-USIM", "adf-usim")                                               \
	X(USIM_TAG_EF_IMSI, 0xA3, "PE-USIM", "ef-imsi")                                            \
	X(USIM_TAG_EF_ARR, 0xA4, "PE-USIM", "ef-arr")                                              \
	X(USIM_TAG_EF_KEYS, 0xA5, "PE-USIM", "ef-keys")                                            \
	X(USIM_TAG_EF_KEYSPS, 0xA6, "PE-USIM", "ef-keysPS")                                        \
	X(USIM_TAG_EF_HPPLMN, 0xA7, "PE-USIM", "ef-hpplmn")                                        \
	X(USIM_TAG_EF_UST, 0xA8, "PE-USIM", "ef-ust")                                              \
	X(USIM_TAG_EF_FDN, 0xA9, "PE-USIM", "ef-fdn")                                              \
	X(USIM_TAG_EF_SMS, 0xAA, "PE-USIM", "ef-sms")                                              \
	X(USIM_TAG_EF_SMSP, 0xAB, "PE-USIM", "ef-smsp")                                            \
	X(USIM_TAG_EF_SMSS, 0xAC, "PE-USIM", "ef-smss")                                            \
	X(USIM_TAG_EF_SPN, 0xAD, "PE-USIM", "ef-spn")                                              \
	X(USIM_TAG_EF_EST, 0xAE, "PE-USIM", "ef-est")                                              \
	X(USIM_TAG_EF_START_HFN, 0xAF, "PE-USIM", "ef-start-hfn")                                  \
	X(USIM_TAG_EF_THRESHOLD, 0xB0, "PE-USIM", "ef-threshold")                                  \
	X(USIM_TAG_EF_PSLOCI, 0xB1, "PE-USIM", "ef-psloci")                                        \
	X(USIM_TAG_EF_ACC, 0xB2, "PE-USIM", "ef-acc")                                              \
	X(USIM_TAG_EF_FPLMN, 0xB3, "PE-USIM", "ef-fplmn")                                          \
	X(USIM_TAG_EF_LOCI, 0xB4, "PE-USIM", "ef-loci")                                            \
	X(USIM_TAG_EF_AD, 0xB5, "PE-USIM", "ef-ad")                                                \
	X(USIM_TAG_EF_ECC, 0xB6, "PE-USIM", "ef-ecc")                                              \
	X(USIM_TAG_EF_NETPAR, 0xB7, "PE-USIM", "ef-netpar")                                        \
	X(USIM_TAG_EF_EPSLOCI, 0xB8, "PE-USIM", "ef-epsloci")                                      \
	X(USIM_TAG_EF_EPSNSC, 0xB9, "PE-USIM", "ef-epsnsc")                                        \
	X(PIN_TAG_REFERENCE, 0x80, "PINConfiguration", "keyReference")                             \
	X(PIN_TAG_VALUE, 0x81, "PINConfiguration", "pinValue")                                     \
	X(PIN_TAG_PUK, 0x82, "PINConfiguration", "unblockingPINReference")                         \
	X(PIN_TAG_ATTRIBUTES, 0x83, "PINConfiguration", "pinAttributes")                           \
	X(PIN_TAG_TRIES, 0x84, "PINConfiguration", "maxNumOfAttemps-retryNumLeft")                 \
	X(PIN_TAG_LIST, 0xA0, "pinCodes", "pinconfig")                                             \
	X(PIN_TAG_PATH, 0x81, "pinCodes", "filePath")                                              \
	X(PIN_TAG_CODES, 0xA1, "PE-PINCodes", "pinCodes")                                          \
	X(PUK_TAG_REFERENCE, 0x80, "PUKConfiguration", "keyReference")                             \
	X(PUK_TAG_VALUE, 0x81, "PUKConfiguration", "pukValue")                                     \
	X(PUK_TAG_TRIES, 0x82, "PUKConfiguration", "maxNumOfAttemps-retryNumLeft")                 \
	X(PUK_TAG_CODES, 0xA1, "PE-PUKCodes", "pukCodes")                                          \
	X(AKA_TAG_CONFIGURATION, 0xA1, "PE-AKAParameter", "algoConfiguration")                     \
	X(AKA_TAG_SQN_OPTIONS, 0x82, "PE-AKAParameter", "sqnOptions")                              \
	X(AKA_TAG_SQN_DELTA, 0x83, "PE-AKAParameter", "sqnDelta")                                  \
	X(AKA_TAG_SQN_AGE, 0x84, "PE-AKAParameter", "sqnAgeLimit")                                 \
	X(AKA_TAG_SQN_INIT, 0xA5, "PE-AKAParameter", "sqnInit")                                    \
	X(AKA_TAG_MAPPING, 0xA0, "algoConfiguration", "mappingParameter")                          \
	X(AKA_TAG_ALGORITHM, 0xA1, "algoConfiguration", "algoParameter")                           \
	X(MAPPING_TAG_OPTIONS, 0x80, "MappingParameter", "mappingOptions")                         \
	X(MAPPING_TAG_SOURCE, 0x81, "MappingParameter", "mappingSource")                           \
	X(AKA_TAG_ALGORITHM_ID, 0x80, "AlgoParameter", "algorithmID")                              \
	X(AKA_TAG_OPTIONS, 0x81, "AlgoParameter", "algorithmOptions")                              \
	X(AKA_TAG_KEY, 0x82, "AlgoParameter", "key")                                               \
	X(AKA_TAG_OPC, 0x83, "AlgoParameter", "opc")                                               \
	X(AKA_TAG_ROTATIONS, 0x84, "AlgoParameter", "rotationConstants")                           \
	X(AKA_TAG_CONSTANTS, 0x85, "AlgoParameter", "xoringConstants")                             \
	X(AKA_TAG_COUNTER_MAX, 0x86, "AlgoParameter", "authCounterMax")                            \
	X(AKA_TAG_KECCAK, 0x87, "AlgoParameter", "numberOfKeccak")                                 \
	X(CDMA_TAG_KEY, 0x81, "PE-CDMAParameter", "authenticationKey")                             \
	X(CDMA_TAG_SSD, 0x82, "PE-CDMAParameter", "ssd")                                           \
	X(CDMA_TAG_HRPD, 0x83, "PE-CDMAParameter", "hrpdAccessAuthenticationData")                 \
	X(CDMA_TAG_SIMPLE_IP, 0x84, "PE-CDMAParameter", "simpleIPAuthenticationData")              \
	X(CDMA_TAG_MOBILE_IP, 0x85, "PE-CDMAParameter", "mobileIPAuthenticationData")              \
	X(DOMAIN_TAG_INSTANCE, 0xA1, "PE-SecurityDomain", "instance")                              \
	X(DOMAIN_TAG_KEYS, 0xA2, "PE-SecurityDomain", "keyList")                                   \
	X(DOMAIN_TAG_PERSO_DATA, 0xA3, "PE-SecurityDomain", "sdPersoData")                         \
	X(DOMAIN_TAG_OPEN_PERSO_DATA, 0xA4, "PE-SecurityDomain", "openPersoData")                  \
	X(DOMAIN_TAG_CAT_TP, 0xA5, "PE-SecurityDomain", "catTpParameters")                         \
	X(KEY_TAG_USAGE, 0x95, "KeyObject", "keyUsageQualifier")                                   \
	X(KEY_TAG_ACCESS, 0x96, "KeyObject", "keyAccess")                                          \
	X(KEY_TAG_ID, 0x82, "KeyObject", "keyIdentifier")                                          \
	X(KEY_TAG_VERSION, 0x83, "KeyObject", "keyVersionNumber")                                  \
	X(KEY_TAG_COUNTER, 0x85, "KeyObject", "keyCounterValue")                                   \
	X(KEY_TAG_COMPONENTS, 0x30, "KeyObject", "keyComponents")                                  \
	X(COMPONENT_TAG_TYPE, 0x80, "keyComponents item", "keyType")                               \
	X(COMPONENT_TAG_DATA, 0x86, "keyComponents item", "keyData")                               \
	X(COMPONENT_TAG_MAC_LENGTH, 0x87, "keyComponents item", "macLength")                       \
	X(INSTANCE_TAG_AID, PE_TAG_AID, "ApplicationInstance", "instanceAID")                      \
	X(INSTANCE_TAG_PRIVILEGES, 0x82, "ApplicationInstance", "applicationPrivileges")           \
	X(INSTANCE_TAG_LIFE_CYCLE, 0x83, "ApplicationInstance", "lifeCycleState")                  \
	X(INSTANCE_TAG_PARAMETERS, 0xC9, "ApplicationInstance", "applicationSpecificParametersC9") \
	X(INSTANCE_TAG_SYSTEM, 0xEF, "ApplicationInstance", "systemSpecificParameters")            \
	X(INSTANCE_TAG_UICC, 0xEA, "ApplicationInstance", "applicationParameters")                 \
	X(INSTANCE_TAG_PROCESS_DATA, 0x30, "ApplicationInstance", "processData")                   \
	X(INSTANCE_TAG_CONTROL_TEMPLATE, 0xB0, "ApplicationInstance", "controlReferenceTemplate")  \
	X(LOAD_TAG_AID, PE_TAG_AID, "ApplicationLoadPackage", "loadPackageAID")                    \
	X(LOAD_TAG_CODE_LIMIT, 0xC6, "ApplicationLoadPackage", "nonVolatileCodeLimitC6")           \
	X(LOAD_TAG_VOLATILE_LIMIT, 0xC7, "ApplicationLoadPackage", "volatileDataLimitC7")          \
	X(LOAD_TAG_DATA_LIMIT, 0xC8, "ApplicationLoadPackage", "nonVolatileDataLimitC8")           \
	X(LOAD_TAG_HASH, 0xC1, "ApplicationLoadPackage", "hashValue")                              \
	X(LOAD_TAG_BLOCK, 0xC4, "ApplicationLoadPackage", "loadBlockObject")                       \
	X(APP_TAG_LOAD, 0xA1, "PE-Application", "loadBlock")                                       \
	X(APP_TAG_INSTANCES, 0xA2, "PE-Application", "instanceList")                               \
	X(RFM_TAG_AID, PE_TAG_AID, "PE-RFM", "instanceAID")                                        \
	X(RFM_TAG_TARS, 0xA0, "PE-RFM", "tarList")                                                 \
	X(RFM_TAG_SECURITY, 0x81, "PE-RFM", "minimumSecurityLevel")                                \
	X(RFM_TAG_ACCESS, 0x04, "PE-RFM", "uiccAccessDomain")                                      \
	X(RFM_TAG_ADF_ACCESS, 0x30, "PE-RFM", "adfRFMAccess")                                      \
	X(RFM_TAG_ADF_AID, 0x80, "ADFRFMAccess", "adfAID")                                         \
	X(RFM_TAG_ADF_DOMAIN, 0x81, "ADFRFMAccess", "adfAccessDomain")                             \
	X(RFM_TAG_ADF_ADMIN_DOMAIN, 0x82, "ADFRFMAccess", "adfAdminAccessDomain")                  \
	X(NON_STANDARD_TAG_ISSUER, 0x81, "PE-NonStandard", "issuerID")                             \
	X(NON_STANDARD_TAG_CONTENT, 0x82, "PE-NonStandard", "content")

#define PE_FIELD_ENUM(name, tag, type, field) name = (tag),
enum pe_field { PE_FIELDS(PE_FIELD_ENUM) };
#undef PE_FIELD_ENUM

/* EUICCResponse and PEStatus, the report */
#define RESPONSE_TAG_STATUS_LIST    0xA0u
#define RESPONSE_TAG_ABORTED	    0x81u
#define RESPONSE_TAG_STATUS	    0x80u
#define RESPONSE_TAG_IDENTIFICATION 0x81u

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
