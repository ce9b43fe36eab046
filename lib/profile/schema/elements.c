/* elements: ProfileElement, the choice of all elements, and the package */
#include "lib/profile/schema/rows.h"

static const struct schema_field profile_element_fields[] = {
	NEED(0xA0, "header", schema_profile_header),
	NEED(0xA1, "genericFileManagement", schema_pe_generic_file_management),
	NEED(0xA2, "pinCodes", schema_pe_pin_codes),
	NEED(0xA3, "pukCodes", schema_pe_puk_codes),
	NEED(0xA4, "akaParameter", schema_pe_aka_parameter),
	NEED(0xA5, "cdmaParameter", schema_pe_cdma_parameter),
	NEED(0xA6, "securityDomain", schema_pe_security_domain),
	NEED(0xA7, "rfm", schema_pe_rfm),
	NEED(0xA8, "application", schema_pe_application),
	NEED(0xA9, "nonStandard", schema_pe_non_standard),
	NEED(0xAA, "end", schema_pe_end),
	NEED(0xAB, "rfu1", schema_pe_dummy),
	NEED(0xAC, "rfu2", schema_pe_dummy),
	NEED(0xAD, "rfu3", schema_pe_dummy),
	NEED(0xAE, "rfu4", schema_pe_dummy),
	NEED(0xAF, "rfu5", schema_pe_dummy),
	NEED(0xB0, "mf", schema_pe_mf),
	NEED(0xB1, "cd", schema_pe_cd),
	NEED(0xB2, "telecom", schema_pe_telecom),
	NEED(0xB3, "usim", schema_pe_usim),
	NEED(0xB4, "opt-usim", schema_pe_opt_usim),
	NEED(0xB5, "isim", schema_pe_isim),
	NEED(0xB6, "opt-isim", schema_pe_opt_isim),
	NEED(0xB7, "phonebook", schema_pe_phonebook),
	NEED(0xB8, "gsm-access", schema_pe_gsm_access),
	NEED(0xB9, "csim", schema_pe_csim),
	NEED(0xBA, "opt-csim", schema_pe_opt_csim),
	NEED(0xBB, "eap", schema_pe_eap),
	NEED(0xBC, "df-5gs", schema_pe_df_5gs),
	NEED(0xBD, "df-saip", schema_pe_df_saip),
	NEED(0xBE, "df-snpn", schema_pe_df_snpn),
	NEED(0xBF1F, "df-5gprose", schema_pe_df_5gprose),
	NEED(0xBF20, "iot", schema_pe_iot),
	NEED(0xBF21, "opt-iot", schema_pe_opt_iot),
};

static const struct schema_type profile_element = {
	FIELDS("ProfileElement", SCHEMA_CHOICE, profile_element_fields)};

const struct schema_type schema_package_type = {
	.name = "profile package", .kind = SCHEMA_LIST, .item = &profile_element, .min = 2};
