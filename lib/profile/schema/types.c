/* types: the types of PEDefinitions 3.3.1 but for ProfileElement and the elements with templates */
#include "lib/profile/schema/rows.h"

/* TS 35.206 4.1: c1 to c5 */
#define XORING_CONSTANTS                                                                           \
	"0000000000000000000000000000000000000000000000000000000000000001"                         \
	"0000000000000000000000000000000200000000000000000000000000000004"                         \
	"00000000000000000000000000000008"

static const struct schema_type null = {.name = "NULL", .kind = SCHEMA_NULL};
const struct schema_type schema_oid = {.name = "OBJECT IDENTIFIER", .kind = SCHEMA_OID};
static const struct schema_type utf8_1_100 = {
	.name = "UTF8String", .kind = SCHEMA_UTF8, .min = 1, .max = 100};
static const struct schema_type uint8 = {.name = "UInt8", .kind = SCHEMA_INTEGER, .max = 255};
static const struct schema_type uint15 = {.name = "UInt15", .kind = SCHEMA_INTEGER, .max = 32767};
static const struct schema_type uint16 = {.name = "UInt16", .kind = SCHEMA_INTEGER, .max = 65535};
static const struct schema_type octets = {.name = "OCTET STRING", .kind = SCHEMA_OCTETS};
static const struct schema_type octets_0_1 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .max = 1};
static const struct schema_type octets_0_8 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .max = 8};
static const struct schema_type octets_1 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 1, .max = 1};
static const struct schema_type octets_1_200 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 1, .max = 200};
static const struct schema_type octets_1_3 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 1, .max = 3};
static const struct schema_type octets_1_2 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 1, .max = 2};
static const struct schema_type octets_2 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 2, .max = 2};
static const struct schema_type octets_2_4 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 2, .max = 4};
static const struct schema_type octets_2_32 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 2, .max = 32};
static const struct schema_type octets_3 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 3, .max = 3};
static const struct schema_type octets_3_483 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 3, .max = 483};
static const struct schema_type octets_5_16 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 5, .max = 16};
static const struct schema_type octets_5 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 5, .max = 5};
static const struct schema_type octets_5_957 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 5, .max = 957};
static const struct schema_type octets_6 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 6, .max = 6};
static const struct schema_type octets_7_11 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 7, .max = 11};
static const struct schema_type octets_8 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 8, .max = 8};
static const struct schema_type octets_10 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 10, .max = 10};
static const struct schema_type octets_16 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 16, .max = 16};
static const struct schema_type octets_80 = {
	.name = "OCTET STRING", .kind = SCHEMA_OCTETS, .min = 80, .max = 80};

static const struct schema_field pe_header_fields[] = {
	MAY(0x80, "mandated", null),
	NEED(0x81, "identification", uint15),
};

const struct schema_type schema_pe_header = {FIELDS("PEHeader", SCHEMA_SEQUENCE, pe_header_fields)};

const struct schema_type schema_pe_dummy = {.name = "PE-Dummy", .kind = SCHEMA_SEQUENCE};

static const struct schema_field services_list_fields[] = {
	MAY(0x80, "contactless", null),
	MAY(0x81, "usim", null),
	MAY(0x82, "isim", null),
	MAY(0x83, "csim", null),
	MAY(0x84, "milenage", null),
	MAY(0x85, "tuak128", null),
	MAY(0x86, "cave", null),
	MAY(0x87, "gba-usim", null),
	MAY(0x88, "gba-isim", null),
	MAY(0x89, "mbms", null),
	MAY(0x8A, "eap", null),
	MAY(0x8B, "javacard", null),
	MAY(0x8C, "multos", null),
	MAY(0x8D, "multiple-usim", null),
	MAY(0x8E, "multiple-isim", null),
	MAY(0x8F, "multiple-csim", null),
	MAY(0x90, "tuak256", null),
	MAY(0x91, "usim-test-algorithm", null),
	MAY(0x92, "ber-tlv", null),
	MAY(0x93, "dfLink", null),
	MAY(0x94, "cat-tp", null),
	MAY(0x95, "get-identity", null),
	MAY(0x96, "profile-a-x25519", null),
	MAY(0x97, "profile-b-p256", null),
	MAY(0x98, "suciCalculatorApi", null),
	MAY(0x99, "dns-resolution", null),
	MAY(0x9A, "scp11ac", null),
	MAY(0x9B, "scp11c-authorization-mechanism", null),
	MAY(0x9C, "s16mode", null),
	MAY(0x9D, "eaka", null),
};

static const struct schema_type services_list = {
	FIELDS("ServicesList", SCHEMA_SEQUENCE, services_list_fields)};

static const struct schema_field iot_options_fields[] = {
	NEED(0x80, "pix", octets_7_11),
};

static const struct schema_type iot_options = {
	FIELDS("IotOptions", SCHEMA_SEQUENCE, iot_options_fields)};

static const struct schema_type gfste_list = {.name = "eUICC-Mandatory-GFSTEList",
					      .kind = SCHEMA_LIST,
					      .item = &schema_oid,
					      .item_tag = 0x06};

static const struct schema_field mandatory_aid_fields[] = {
	NEED(0x80, "aid", octets_5_16),
	NEED(0x81, "version", octets_2),
};

static const struct schema_type mandatory_aid = {
	FIELDS("eUICC-Mandatory-AIDs item", SCHEMA_SEQUENCE, mandatory_aid_fields)};

static const struct schema_type mandatory_aids = {.name = "eUICC-Mandatory-AIDs",
						  .kind = SCHEMA_LIST,
						  .item = &mandatory_aid,
						  .item_tag = 0x30};

static const struct schema_field profile_header_fields[] = {
	NEED(0x80, "major-version", uint8),
	NEED(0x81, "minor-version", uint8),
	MAY(0x82, "profileType", utf8_1_100),
	NEED(0x83, "iccid", octets_10),
	MAY(0x84, "pol", octets),
	NEED(0xA5, "eUICC-Mandatory-services", services_list),
	NEED(0xA6, "eUICC-Mandatory-GFSTEList", gfste_list),
	MAY_SECRET(0x87, "connectivityParameters", octets),
	MAY(0xA8, "eUICC-Mandatory-AIDs", mandatory_aids),
	MAY(0xA9, "iotOptions", iot_options),
};

const struct schema_type schema_profile_header = {
	FIELDS("ProfileHeader", SCHEMA_SEQUENCE, profile_header_fields)};

static const struct schema_field proprietary_info_fields[] = {
	DEFAULTS(0xC0, "specialFileInformation", octets_1, "00"),
	MAY_CONTENT(0xC1, "fillPattern", octets_1_200),
	MAY_CONTENT(0xC2, "repeatPattern", octets_1_200),
	MAY(0x86, "maximumFileSize", octets),
	DEFAULTS(0x84, "fileDetails", octets_1, "01"),
};

static const struct schema_type proprietary_info = {
	FIELDS("ProprietaryInfo", SCHEMA_SEQUENCE, proprietary_info_fields)};

static const struct schema_field fcp_fields[] = {
	MAY(0x82, "fileDescriptor", octets_2_4),
	MAY(0x83, "fileID", octets_2),
	MAY(0x84, "dfName", octets_5_16),
	DEFAULTS(0x8A, "lcsi", octets_1, "05"),
	MAY(0x8B, "securityAttributesReferenced", octets_1_3),
	MAY(0x80, "efFileSize", octets),
	MAY(0xC6, "pinStatusTemplateDO", octets),
	MAY(0x88, "shortEFID", octets_0_1),
	MAY(0xA5, "proprietaryEFInfo", proprietary_info),
	MAY(0xC7, "linkPath", octets_0_8),
};

static const struct schema_type fcp = {FIELDS("Fcp", SCHEMA_SEQUENCE, fcp_fields)};

static const struct schema_field file_item_fields[] = {
	NEED(0x80, "doNotCreate", null),
	NEED(0xA1, "fileDescriptor", fcp),
	NEED(0x82, "fillFileOffset", uint16),
	NEED_CONTENT(0x83, "fillFileContent", octets),
};

static const struct schema_type file_item = {FIELDS("File item", SCHEMA_CHOICE, file_item_fields)};

const struct schema_type schema_file = {.name = "File", .kind = SCHEMA_LIST, .item = &file_item};

static const struct schema_field file_management_item_fields[] = {
	NEED(0x80, "filePath", octets_0_8),
	NEED(0x62, "createFCP", fcp),
	NEED(0x02, "fillFileOffset", uint16),
	NEED_CONTENT(0x81, "fillFileContent", octets),
};

static const struct schema_type file_management_item = {
	FIELDS("FileManagement item", SCHEMA_CHOICE, file_management_item_fields)};

static const struct schema_type file_management = {
	.name = "FileManagement", .kind = SCHEMA_LIST, .item = &file_management_item, .min = 1};

static const struct schema_type file_management_cmd = {.name = "fileManagementCMD",
						       .kind = SCHEMA_LIST,
						       .item = &file_management,
						       .item_tag = 0x30,
						       .min = 1};

static const struct schema_field pe_generic_file_management_fields[] = {
	NEED(0xA0, "gfm-header", schema_pe_header),
	NEED(0xA1, "fileManagementCMD", file_management_cmd),
};

const struct schema_type schema_pe_generic_file_management = {
	FIELDS("PE-GenericFileManagement", SCHEMA_SEQUENCE, pe_generic_file_management_fields)};

static const struct schema_field mapping_parameter_fields[] = {
	NEED(0x80, "mappingOptions", octets_1),
	NEED(0x81, "mappingSource", octets_5_16),
};

static const struct schema_type mapping_parameter = {
	FIELDS("MappingParameter", SCHEMA_SEQUENCE, mapping_parameter_fields)};

static const struct schema_name algorithm_id_names[] = {
	{1, "milenage"},
	{2, "tuak"},
	{3, "usim-test-algorithm"},
};

static const struct schema_type algorithm_id = {NAMES("algorithmID", algorithm_id_names)};

static const struct schema_field algo_parameter_fields[] = {
	NEED(0x80, "algorithmID", algorithm_id),
	NEED(0x81, "algorithmOptions", octets_1),
	NEED_SECRET(0x82, "key", octets),
	NEED_SECRET(0x83, "opc", octets),
	DEFAULTS(0x84, "rotationConstants", octets_5, "4000204060"),
	DEFAULTS(0x85, "xoringConstants", octets_80, XORING_CONSTANTS),
	MAY(0x86, "authCounterMax", octets_3),
	DEFAULTS(0x87, "numberOfKeccak", uint8, "1"),
};

static const struct schema_type algo_parameter = {
	FIELDS("AlgoParameter", SCHEMA_SEQUENCE, algo_parameter_fields)};

static const struct schema_field algo_configuration_fields[] = {
	NEED(0xA0, "mappingParameter", mapping_parameter),
	NEED(0xA1, "algoParameter", algo_parameter),
};

static const struct schema_type algo_configuration = {
	FIELDS("algoConfiguration", SCHEMA_CHOICE, algo_configuration_fields)};

static const struct schema_type sqn_init = {.name = "sqnInit",
					    .kind = SCHEMA_LIST,
					    .item = &octets_6,
					    .item_tag = 0x04,
					    .min = 32,
					    .max = 32};

static const struct schema_field pe_aka_parameter_fields[] = {
	NEED(0xA0, "aka-header", schema_pe_header),
	NEED(0xA1, "algoConfiguration", algo_configuration),
	DEFAULTS(0x82, "sqnOptions", octets_1, "02"),
	DEFAULTS(0x83, "sqnDelta", octets_6, "000010000000"),
	DEFAULTS(0x84, "sqnAgeLimit", octets_6, "000010000000"),
	DEFAULTS(0xA5, "sqnInit", sqn_init, "000000000000"),
};

const struct schema_type schema_pe_aka_parameter = {
	FIELDS("PE-AKAParameter", SCHEMA_SEQUENCE, pe_aka_parameter_fields)};

static const struct schema_field pe_cdma_parameter_fields[] = {
	NEED(0xA0, "cdma-header", schema_pe_header),
	NEED_SECRET(0x81, "authenticationKey", octets_8),
	MAY_SECRET(0x82, "ssd", octets_16),
	MAY_SECRET(0x83, "hrpdAccessAuthenticationData", octets_2_32),
	MAY_SECRET(0x84, "simpleIPAuthenticationData", octets_3_483),
	MAY_SECRET(0x85, "mobileIPAuthenticationData", octets_5_957),
};

const struct schema_type schema_pe_cdma_parameter = {
	FIELDS("PE-CDMAParameter", SCHEMA_SEQUENCE, pe_cdma_parameter_fields)};

static const struct schema_name pin_key_reference_names[] = {
	{1, "pinAppl1"},
	{2, "pinAppl2"},
	{3, "pinAppl3"},
	{4, "pinAppl4"},
	{5, "pinAppl5"},
	{6, "pinAppl6"},
	{7, "pinAppl7"},
	{8, "pinAppl8"},
	{10, "adm1"},
	{11, "adm2"},
	{12, "adm3"},
	{13, "adm4"},
	{14, "adm5"},
	{129, "secondPINAppl1"},
	{130, "secondPINAppl2"},
	{131, "secondPINAppl3"},
	{132, "secondPINAppl4"},
	{133, "secondPINAppl5"},
	{134, "secondPINAppl6"},
	{135, "secondPINAppl7"},
	{136, "secondPINAppl8"},
	{138, "adm6"},
	{139, "adm7"},
	{140, "adm8"},
	{141, "adm9"},
	{142, "adm10"},
};

static const struct schema_type pin_key_reference = {
	NAMES("PINKeyReferenceValue", pin_key_reference_names)};

static const struct schema_name puk_key_reference_names[] = {
	{1, "pukAppl1"},	 {2, "pukAppl2"},	  {3, "pukAppl3"},
	{4, "pukAppl4"},	 {5, "pukAppl5"},	  {6, "pukAppl6"},
	{7, "pukAppl7"},	 {8, "pukAppl8"},	  {129, "secondPUKAppl1"},
	{130, "secondPUKAppl2"}, {131, "secondPUKAppl3"}, {132, "secondPUKAppl4"},
	{133, "secondPUKAppl5"}, {134, "secondPUKAppl6"}, {135, "secondPUKAppl7"},
	{136, "secondPUKAppl8"},
};

static const struct schema_type puk_key_reference = {
	NAMES("PUKKeyReferenceValue", puk_key_reference_names)};

static const struct schema_field pin_configuration_fields[] = {
	NEED(0x80, "keyReference", pin_key_reference),
	NEED_SECRET(0x81, "pinValue", octets_8),
	MAY(0x82, "unblockingPINReference", puk_key_reference),
	DEFAULTS(0x83, "pinAttributes", uint8, "7"),
	DEFAULTS(0x84, "maxNumOfAttemps-retryNumLeft", uint8, "51"),
};

static const struct schema_type pin_configuration = {
	FIELDS("PINConfiguration", SCHEMA_SEQUENCE, pin_configuration_fields)};

static const struct schema_type pin_codes_pinconfig = {.name = "pinconfig",
						       .kind = SCHEMA_LIST,
						       .item = &pin_configuration,
						       .item_tag = 0x30,
						       .min = 1,
						       .max = 26};

static const struct schema_field pin_codes_choice_fields[] = {
	NEED(0xA0, "pinconfig", pin_codes_pinconfig),
	NEED(0x81, "filePath", octets_0_8),
};

static const struct schema_type pin_codes_choice = {
	FIELDS("pinCodes", SCHEMA_CHOICE, pin_codes_choice_fields)};

static const struct schema_field pe_pin_codes_fields[] = {
	NEED(0xA0, "pin-Header", schema_pe_header),
	NEED(0xA1, "pinCodes", pin_codes_choice),
};

const struct schema_type schema_pe_pin_codes = {
	FIELDS("PE-PINCodes", SCHEMA_SEQUENCE, pe_pin_codes_fields)};

static const struct schema_field puk_configuration_fields[] = {
	NEED(0x80, "keyReference", puk_key_reference),
	NEED_SECRET(0x81, "pukValue", octets_8),
	DEFAULTS(0x82, "maxNumOfAttemps-retryNumLeft", uint8, "170"),
};

static const struct schema_type puk_configuration = {
	FIELDS("PUKConfiguration", SCHEMA_SEQUENCE, puk_configuration_fields)};

static const struct schema_type puk_codes_list = {.name = "pukCodes",
						  .kind = SCHEMA_LIST,
						  .item = &puk_configuration,
						  .item_tag = 0x30,
						  .min = 1,
						  .max = 16};

static const struct schema_field pe_puk_codes_fields[] = {
	NEED(0xA0, "puk-Header", schema_pe_header),
	NEED(0xA1, "pukCodes", puk_codes_list),
};

const struct schema_type schema_pe_puk_codes = {
	FIELDS("PE-PUKCodes", SCHEMA_SEQUENCE, pe_puk_codes_fields)};

static const struct schema_field contactless_parameters_fields[] = {
	NEED(0x80, "protocolParameterData", octets),
};

static const struct schema_type contactless_parameters = {FIELDS(
	"TS102226AdditionalContactlessParameters", SCHEMA_SEQUENCE, contactless_parameters_fields)};

static const struct schema_field application_system_parameters_fields[] = {
	MAY(0xC7, "volatileMemoryQuotaC7", octets_2_4),
	MAY(0xC8, "nonVolatileMemoryQuotaC8", octets_2_4),
	MAY(0xCB, "globalServiceParameters", octets),
	MAY(0xCF, "implicitSelectionParameter", octets),
	MAY(0xD7, "volatileReservedMemory", octets_2_4),
	MAY(0xD8, "nonVolatileReservedMemory", octets_2_4),
	MAY(0xCA, "ts102226SIMFileAccessToolkitParameter", octets),
	MAY(0xA0, "ts102226AdditionalContactlessParameters", contactless_parameters),
	MAY(0xD9, "contactlessProtocolParameters", octets),
	MAY(0xDA, "userInteractionContactlessParameters", octets),
	MAY(0x82, "cumulativeGrantedVolatileMemory", octets_2_4),
	MAY(0x83, "cumulativeGrantedNonVolatileMemory", octets_2_4),
};

static const struct schema_type application_system_parameters = {FIELDS(
	"ApplicationSystemParameters", SCHEMA_SEQUENCE, application_system_parameters_fields)};

static const struct schema_field uicc_application_parameters_fields[] = {
	MAY(0x80, "uiccToolkitApplicationSpecificParametersField", octets),
	MAY(0x81, "uiccAccessApplicationSpecificParametersField", octets),
	MAY(0x82, "uiccAdministrativeAccessApplicationSpecificParametersField", octets),
};

static const struct schema_type uicc_application_parameters = {
	FIELDS("UICCApplicationParameters", SCHEMA_SEQUENCE, uicc_application_parameters_fields)};

static const struct schema_field control_reference_template_fields[] = {
	NEED(0x5F20, "applicationProviderIdentifier", octets),
};

static const struct schema_type control_reference_template = {
	FIELDS("ControlReferenceTemplate", SCHEMA_SEQUENCE, control_reference_template_fields)};

static const struct schema_type process_data = {
	.name = "processData", .kind = SCHEMA_LIST, .item = &octets, .item_tag = 0x04, .min = 1};

static const struct schema_field application_instance_fields[] = {
	NEED(0x4F, "applicationLoadPackageAID", octets_5_16),
	NEED(0x4F, "classAID", octets_5_16),
	NEED(0x4F, "instanceAID", octets_5_16),
	MAY(0x4F, "extraditeSecurityDomainAID", octets_5_16),
	NEED(0x82, "applicationPrivileges", octets),
	DEFAULTS(0x83, "lifeCycleState", octets_1, "07"),
	NEED(0xC9, "applicationSpecificParametersC9", octets),
	MAY(0xEF, "systemSpecificParameters", application_system_parameters),
	MAY(0xEA, "applicationParameters", uicc_application_parameters),
	MAY_SECRET(0x30, "processData", process_data),
	MAY(0xB0, "controlReferenceTemplate", control_reference_template),
};

static const struct schema_type application_instance = {
	FIELDS("ApplicationInstance", SCHEMA_SEQUENCE, application_instance_fields)};

static const struct schema_field key_component_fields[] = {
	NEED(0x80, "keyType", octets),
	NEED_SECRET(0x86, "keyData", octets),
	DEFAULTS(0x87, "macLength", uint8, "8"),
};

static const struct schema_type key_component = {
	FIELDS("keyComponents item", SCHEMA_SEQUENCE, key_component_fields)};

static const struct schema_type key_components = {.name = "keyComponents",
						  .kind = SCHEMA_LIST,
						  .item = &key_component,
						  .item_tag = 0x30,
						  .min = 1};

static const struct schema_field key_object_fields[] = {
	NEED(0x95, "keyUsageQualifier", octets_1_2), DEFAULTS(0x96, "keyAccess", octets_1, "00"),
	NEED(0x82, "keyIdentifier", octets_1),	     NEED(0x83, "keyVersionNumber", octets_1),
	MAY(0x85, "keyCounterValue", octets),	     NEED(0x30, "keyComponents", key_components),
};

static const struct schema_type key_object = {
	FIELDS("KeyObject", SCHEMA_SEQUENCE, key_object_fields)};

static const struct schema_type key_list = {
	.name = "keyList", .kind = SCHEMA_LIST, .item = &key_object, .item_tag = 0x30, .min = 1};

static const struct schema_type sd_perso_data = {
	.name = "sdPersoData", .kind = SCHEMA_LIST, .item = &octets, .item_tag = 0x04, .min = 1};

static const struct schema_field open_perso_data_fields[] = {
	MAY(0xD9, "restrictParameter", octets_1),
	MAY(0x04, "contactlessProtocolParameters", octets),
};

static const struct schema_type open_perso_data = {
	FIELDS("openPersoData", SCHEMA_SEQUENCE, open_perso_data_fields)};

static const struct schema_field cat_tp_parameters_fields[] = {
	NEED(0x80, "catTpMaxSduSize", uint16),
	NEED(0x81, "catTpMaxPduSize", uint16),
};

static const struct schema_type cat_tp_parameters = {
	FIELDS("catTpParameters", SCHEMA_SEQUENCE, cat_tp_parameters_fields)};

static const struct schema_field pe_security_domain_fields[] = {
	NEED(0xA0, "sd-Header", schema_pe_header),
	NEED(0xA1, "instance", application_instance),
	MAY(0xA2, "keyList", key_list),
	MAY_SECRET(0xA3, "sdPersoData", sd_perso_data),
	MAY(0xA4, "openPersoData", open_perso_data),
	MAY(0xA5, "catTpParameters", cat_tp_parameters),
};

const struct schema_type schema_pe_security_domain = {
	FIELDS("PE-SecurityDomain", SCHEMA_SEQUENCE, pe_security_domain_fields)};

static const struct schema_field application_load_package_fields[] = {
	NEED(0x4F, "loadPackageAID", octets_5_16),   MAY(0x4F, "securityDomainAID", octets_5_16),
	MAY(0xC6, "nonVolatileCodeLimitC6", octets), MAY(0xC7, "volatileDataLimitC7", octets),
	MAY(0xC8, "nonVolatileDataLimitC8", octets), MAY(0xC1, "hashValue", octets),
	NEED(0xC4, "loadBlockObject", octets),
};

static const struct schema_type application_load_package = {
	FIELDS("ApplicationLoadPackage", SCHEMA_SEQUENCE, application_load_package_fields)};

static const struct schema_type instance_list = {.name = "instanceList",
						 .kind = SCHEMA_LIST,
						 .item = &application_instance,
						 .item_tag = 0x30,
						 .min = 1};

static const struct schema_field pe_application_fields[] = {
	NEED(0xA0, "app-Header", schema_pe_header),
	MAY(0xA1, "loadBlock", application_load_package),
	MAY(0xA2, "instanceList", instance_list),
};

const struct schema_type schema_pe_application = {
	FIELDS("PE-Application", SCHEMA_SEQUENCE, pe_application_fields)};

static const struct schema_field adf_rfm_access_fields[] = {
	NEED(0x80, "adfAID", octets_5_16),
	NEED(0x81, "adfAccessDomain", octets),
	NEED(0x82, "adfAdminAccessDomain", octets),
};

static const struct schema_type adf_rfm_access = {
	FIELDS("ADFRFMAccess", SCHEMA_SEQUENCE, adf_rfm_access_fields)};

static const struct schema_type tar_list = {
	.name = "tarList", .kind = SCHEMA_LIST, .item = &octets_3, .item_tag = 0x04, .min = 1};

static const struct schema_field pe_rfm_fields[] = {
	NEED(0xA0, "rfm-header", schema_pe_header),   NEED(0x4F, "instanceAID", octets_5_16),
	MAY(0x4F, "securityDomainAID", octets_5_16),  MAY(0xA0, "tarList", tar_list),
	NEED(0x81, "minimumSecurityLevel", octets_1), NEED(0x04, "uiccAccessDomain", octets),
	NEED(0x04, "uiccAdminAccessDomain", octets),  MAY(0x30, "adfRFMAccess", adf_rfm_access),
};

const struct schema_type schema_pe_rfm = {FIELDS("PE-RFM", SCHEMA_SEQUENCE, pe_rfm_fields)};

static const struct schema_field pe_non_standard_fields[] = {
	NEED(0xA0, "nonStandard-header", schema_pe_header),
	NEED(0x81, "issuerID", schema_oid),
	NEED(0x82, "content", octets),
};

const struct schema_type schema_pe_non_standard = {
	FIELDS("PE-NonStandard", SCHEMA_SEQUENCE, pe_non_standard_fields)};

static const struct schema_field pe_end_fields[] = {
	NEED(0xA0, "end-header", schema_pe_header),
};

const struct schema_type schema_pe_end = {FIELDS("PE-End", SCHEMA_SEQUENCE, pe_end_fields)};
