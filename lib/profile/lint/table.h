/*
 * table: the rules, one row each.
 *
 * X(id, severity, scope, function, argument, clause, what holds in a package without a finding).
 * The scope says what the function looks at: the package, an element, a node (any data object), a
 * file, a pin, a puk, an aka parameter, an instance. TCA is the eUICC Profile Package specification
 * 3.3.1, GPCS the GlobalPlatform Card Specification 2.3.1.
 */
#ifndef TWINKEY_PROFILE_LINT_TABLE_H
#define TWINKEY_PROFILE_LINT_TABLE_H

/* clang-format off */
#define LINT_TABLE(X) \
	X("STR-01", ERROR, node, shape, NULL, \
	  "TCA PEDefinitions, module", \
	  "a data object has the fields of its type, in their order, none missing") \
	X("STR-02", ERROR, node, value, NULL, \
	  "TCA PEDefinitions, module; X.690", "a value is one of its type in DER") \
	X("STR-03", ERROR, node, size_range, NULL, \
	  "TCA PEDefinitions, module", "a value keeps the size and range of the ASN.1") \
	X("STR-04", INFO, node, encoded_default, NULL, \
	  "X.690 11.5", "a default value is not encoded") \
	X("STR-05", INFO, node, extension, NULL, \
	  "TCA PEDefinitions, EXTENSIBILITY IMPLIED", \
	  "there is no field that PEDefinitions 3.3.1 does not know") \
	X("STR-06", WARNING, element, unknown_element, NULL, \
	  "TCA PEDefinitions, ProfileElement", "every element is one of PEDefinitions 3.3.1") \
	X("STR-07", WARNING, element, rfu_element, NULL, \
	  "TCA PEDefinitions, ProfileElement", \
	  "no element that is reserved for future use is used") \
	X("STR-08", ERROR, package, header_first, NULL, \
	  "TCA 8.2; TCA PEDefinitions, ProfileHeader", \
	  "the first element is the ProfileHeader") \
	X("STR-09", ERROR, element, header_once, NULL, \
	  "TCA PEDefinitions, ProfileHeader", "there is one ProfileHeader") \
	X("STR-10", ERROR, package, end_last, NULL, \
	  "TCA PEDefinitions, PE-End", "the last element is PE-End") \
	X("STR-11", ERROR, element, end_once, NULL, \
	  "TCA PEDefinitions, PE-End", "there is one PE-End") \
	X("STR-12", ERROR, element, id_unique, NULL, \
	  "TCA PEDefinitions, PEHeader", "the identification of an element is its own") \
	X("STR-14", ERROR, package, has_mf, NULL, \
	  "TCA 9.2; TCA PEDefinitions, PE-MF", "there is an MF") \
	X("STR-15", ERROR, element, once, NULL, \
	  "TCA 8.1.3; TCA 8.5.2", \
	  "an element of the whole package stands once") \
	X("STR-16", ERROR, element, mf_before, NULL, \
	  "TCA 8.3", "the MF comes before the elements that make files in it") \
	X("STR-17", WARNING, element, mandated, NULL, \
	  "TCA PEDefinitions, PEHeader", \
	  "an element that the profile cannot do without is mandated") \
	X("STR-18", WARNING, file, empty_file, NULL, \
	  "TCA PEDefinitions, File", "a File that stands in an element says something") \
	X("STR-19", WARNING, package, has_naa, NULL, \
	  "TCA 8.3", "there is a network access application") \
	X("STR-20", WARNING, package, package_size, NULL, \
	  "SGP.22 5.7.8", "the package has a size that eUICCs have memory for") \
	X("STR-21", ERROR, element, once_in_naa, NULL, \
	  "TCA 8.1.3; TCA 8.3.4", "an element of an application stands once behind it") \
	X("STR-22", ERROR, element, iot_mf, NULL, \
	  "TCA 7.5", "a minimal package for IoT has no PE-MF") \
	X("DEP-01", ERROR, package, after, "opt-usim>usim", \
	  "TCA 9.5.2", "opt-usim comes after usim") \
	X("DEP-02", ERROR, package, after, "opt-isim>isim", \
	  "TCA 9.6.2", "opt-isim comes after isim") \
	X("DEP-03", ERROR, package, after, "opt-csim>csim", \
	  "TCA 9.7.2", "opt-csim comes after csim") \
	X("DEP-04", ERROR, package, after, "phonebook>usim", \
	  "TCA 9.5.3", "phonebook comes after usim") \
	X("DEP-05", ERROR, package, after, "gsm-access>usim", \
	  "TCA 9.5.4", "gsm-access comes after usim") \
	X("DEP-06", ERROR, package, after, "df-5gs>usim", \
	  "TCA 9.5.11", "df-5gs comes after usim") \
	X("DEP-07", ERROR, package, after, "df-saip>usim", \
	  "TCA 9.5.12", "df-saip comes after usim") \
	X("DEP-08", ERROR, package, after, "df-snpn>usim", \
	  "TCA 9.5.13", "df-snpn comes after usim") \
	X("DEP-09", ERROR, package, after, "df-5gprose>usim", \
	  "TCA 9.5.14", "df-5gprose comes after usim") \
	X("DEP-10", ERROR, package, after, "opt-iot>iot", \
	  "TCA 7.5", "opt-iot comes after iot") \
	X("DEP-11", ERROR, package, after, "eap>usim|isim|csim", \
	  "TCA 9.8", "eap comes after a network access application") \
	X("DEP-12", ERROR, package, after, "akaParameter>usim|isim|csim|iot", \
	  "TCA PEDefinitions, PE-AKAParameter", \
	  "akaParameter comes after the application whose key it is") \
	X("DEP-13", ERROR, package, after, "cdmaParameter>csim", \
	  "TCA PEDefinitions, PE-CDMAParameter", "cdmaParameter comes after csim") \
	X("DEP-14", ERROR, package, after, "pinCodes>mf|iot|genericFileManagement", \
	  "TCA PEDefinitions, PINConfiguration", "pinCodes comes after the MF") \
	X("DEP-15", ERROR, package, after, "rfm>securityDomain", \
	  "TCA PEDefinitions, PE-RFM", "rfm comes after a security domain") \
	X("DEP-16", ERROR, package, after, "application>securityDomain", \
	  "TCA PEDefinitions, PE-Application", "application comes after a security domain") \
	X("HDR-01", ERROR, package, major_version, NULL, \
	  "TCA PEDefinitions, ProfileHeader", "the major version is one that exists") \
	X("HDR-02", WARNING, package, minor_version, NULL, \
	  "TCA PEDefinitions, ProfileHeader", "the minor version is one that exists") \
	X("HDR-03", ERROR, package, iccid_digits, NULL, \
	  "ITU-T E.118; TS 102 221 13.2", \
	  "the ICCID of the header has 18 to 20 digits, then filler F") \
	X("HDR-04", WARNING, package, iccid_industry, NULL, \
	  "ITU-T E.118", "the ICCID begins with 89, telecommunications") \
	X("HDR-05", INFO, package, iccid_luhn, NULL, \
	  "ITU-T E.118", "the last of 19 or 20 digits of the ICCID is its check digit") \
	X("HDR-06", ERROR, package, iccid_swapped, NULL, \
	  "TCA PEDefinitions, ProfileHeader", "the ICCID of the header is not nibble-swapped") \
	X("HDR-07", WARNING, package, profile_type, NULL, \
	  "TCA PEDefinitions, ProfileHeader", "the profile has a type, a text") \
	X("HDR-08", WARNING, element, gfste_lists, NULL, \
	  "TCA PEDefinitions, ProfileHeader", \
	  "eUICC-Mandatory-GFSTEList has the template of every mandated element") \
	X("HDR-09", WARNING, package, gfste_used, NULL, \
	  "TCA PEDefinitions, ProfileHeader", \
	  "eUICC-Mandatory-GFSTEList has only templates that the package uses") \
	X("HDR-10", WARNING, package, gfste_once, NULL, \
	  "TCA PEDefinitions, ProfileHeader", \
	  "eUICC-Mandatory-GFSTEList has each template once") \
	X("HDR-11", WARNING, package, gfste_known, NULL, \
	  "TCA Annex B", "eUICC-Mandatory-GFSTEList has only templates of the specification") \
	X("HDR-12", ERROR, package, aids_once, NULL, \
	  "TCA PEDefinitions, ProfileHeader", "eUICC-Mandatory-AIDs has each AID once") \
	X("HDR-13", INFO, package, m2m_field, "pol", \
	  "TCA PEDefinitions, ProfileHeader; SGP.02", \
	  "pol is left to remote provisioning of M2M") \
	X("HDR-14", INFO, package, m2m_field, "connectivityParameters", \
	  "TCA PEDefinitions, ProfileHeader; SGP.02", \
	  "connectivityParameters are left to remote provisioning of M2M") \
	X("HDR-15", ERROR, package, iot_options, NULL, \
	  "TCA PEDefinitions, ProfileHeader", \
	  "iotOptions stands if, and only if, there is an iot element") \
	X("HDR-16", WARNING, element, element_version, NULL, \
	  "TCA PEDefinitions, ProfileHeader", \
	  "the header announces the version that brought an element in") \
	X("HDR-17", ERROR, element, template_known, NULL, \
	  "TCA Annex B", "the template is one that belongs to the element") \
	X("HDR-18", WARNING, element, template_version, NULL, \
	  "TCA Annex B", "the version of the template exists") \
	X("SVC-01", ERROR, package, service_used, "usim>usim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service usim is used: there is a USIM") \
	X("SVC-02", ERROR, package, service_used, "isim>isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service isim is used: there is an ISIM") \
	X("SVC-03", ERROR, package, service_used, "csim>csim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service csim is used: there is a CSIM") \
	X("SVC-04", ERROR, package, service_used, "milenage>aka:1", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service milenage is used: there is an AKA parameter for MILENAGE") \
	X("SVC-05", ERROR, package, service_used, "tuak128>aka:2:16", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service tuak128 is used: there is an AKA parameter for TUAK with a key of 128 bits") \
	X("SVC-06", ERROR, package, service_used, "tuak256>aka:2:32", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service tuak256 is used: there is an AKA parameter for TUAK with a key of 256 bits") \
	X("SVC-07", ERROR, package, service_used, "usim-test-algorithm>aka:3", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service usim-test-algorithm is used: there is an AKA parameter for the test algorithm") \
	X("SVC-08", ERROR, package, service_used, "cave>cdmaParameter", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service cave is used: there is a CDMA parameter") \
	X("SVC-09", WARNING, package, service_used, "eap>eap", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service eap is used: there is an EAP element") \
	X("SVC-10", INFO, package, service_used, "javacard>app", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service javacard is used: there is an application") \
	X("SVC-11", INFO, package, service_used, "multos>app", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service multos is used: there is an application") \
	X("SVC-12", WARNING, package, service_used, "ber-tlv>bertlv", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service ber-tlv is used: there is a BER-TLV file") \
	X("SVC-13", WARNING, package, service_used, "dfLink>dflink", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service dfLink is used: there is a linked DF") \
	X("SVC-14", WARNING, package, service_used, "cat-tp>cattp", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service cat-tp is used: there is a CAT_TP parameters") \
	X("SVC-15", WARNING, package, service_used, "multiple-usim>many:usim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service multiple-usim is used: there is more than one USIM") \
	X("SVC-16", WARNING, package, service_used, "multiple-isim>many:isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service multiple-isim is used: there is more than one ISIM") \
	X("SVC-17", WARNING, package, service_used, "multiple-csim>many:csim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service multiple-csim is used: there is more than one CSIM") \
	X("SVC-18", WARNING, package, service_listed, "usim>usim", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service usim says so: it is mandatory") \
	X("SVC-19", WARNING, package, service_listed, "isim>isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service isim says so: it is mandatory") \
	X("SVC-20", WARNING, package, service_listed, "csim>csim", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service csim says so: it is mandatory") \
	X("SVC-21", WARNING, package, service_listed, "milenage>aka:1", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service milenage says so: it is mandatory") \
	X("SVC-22", WARNING, package, service_listed, "tuak128>aka:2:16", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service tuak128 says so: it is mandatory") \
	X("SVC-23", WARNING, package, service_listed, "tuak256>aka:2:32", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service tuak256 says so: it is mandatory") \
	X("SVC-24", WARNING, package, service_listed, "usim-test-algorithm>aka:3", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service usim-test-algorithm says so: it is mandatory") \
	X("SVC-25", INFO, package, service_listed, "cave>cdmaParameter", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service cave says so: it is mandatory") \
	X("SVC-26", WARNING, package, service_listed, "eap>eap", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service eap says so: it is mandatory") \
	X("SVC-27", WARNING, package, service_listed, "javacard>load", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service javacard says so: it is mandatory") \
	X("SVC-28", WARNING, package, service_listed, "ber-tlv>bertlv", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service ber-tlv says so: it is mandatory") \
	X("SVC-29", WARNING, package, service_listed, "dfLink>dflink", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service dfLink says so: it is mandatory") \
	X("SVC-30", WARNING, package, service_listed, "cat-tp>cattp", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service cat-tp says so: it is mandatory") \
	X("SVC-31", WARNING, package, service_listed, "multiple-usim>many:usim", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service multiple-usim says so: it is mandatory") \
	X("SVC-32", WARNING, package, service_listed, "multiple-isim>many:isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service multiple-isim says so: it is mandatory") \
	X("SVC-33", WARNING, package, service_listed, "multiple-csim>many:csim", \
	  "TCA PEDefinitions, ServicesList", \
	  "what needs the service multiple-csim says so: it is mandatory") \
	X("SVC-34", ERROR, package, service_needs, "gba-usim>usim", \
	  "TCA PEDefinitions, ServicesList", "the mandatory service gba-usim comes with usim") \
	X("SVC-35", ERROR, package, service_needs, "gba-isim>isim", \
	  "TCA PEDefinitions, ServicesList", "the mandatory service gba-isim comes with isim") \
	X("SVC-36", WARNING, package, service_needs, "mbms>usim", \
	  "TCA PEDefinitions, ServicesList", "the mandatory service mbms comes with usim") \
	X("SVC-37", WARNING, package, service_needs, "get-identity>usim|isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service get-identity comes with usim or isim") \
	X("SVC-38", WARNING, package, service_needs, "profile-a-x25519>usim|isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service profile-a-x25519 comes with usim or isim") \
	X("SVC-39", WARNING, package, service_needs, "profile-b-p256>usim|isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service profile-b-p256 comes with usim or isim") \
	X("SVC-40", WARNING, package, service_needs, "suciCalculatorApi>usim|isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service suciCalculatorApi comes with usim or isim") \
	X("SVC-41", WARNING, package, service_needs, "eaka>usim|isim", \
	  "TCA PEDefinitions, ServicesList", \
	  "the mandatory service eaka comes with usim or isim") \
	X("PIN-01", ERROR, pin, pin_reference, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "a PIN has a key reference of the table") \
	X("PIN-02", ERROR, pin, pin_once, NULL, \
	  "TCA PEDefinitions, PINConfiguration", \
	  "a key reference stands once in a PE-PINCodes") \
	X("PIN-03", ERROR, pin, pin_puk, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "the PUK that a PIN names exists") \
	X("PIN-04", ERROR, pin, pin_global, NULL, \
	  "TCA PEDefinitions, PINConfiguration", \
	  "in the context of the MF there are global key references only") \
	X("PIN-05", ERROR, pin, pin_local, NULL, \
	  "TCA PEDefinitions, PINConfiguration", \
	  "in the context of a DF or ADF there are local key references only") \
	X("PIN-06", ERROR, pin, pin_digits, NULL, \
	  "TS 102 221 9.5.1", "a PIN has 4 to 8 digits, then FF") \
	X("PIN-07", ERROR, pin, tries_max, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "a PIN allows at least one attempt") \
	X("PIN-08", ERROR, pin, tries_left, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "no more attempts are left than are allowed") \
	X("PIN-09", WARNING, pin, tries_blocked, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "a PIN is not blocked from the start") \
	X("PIN-10", WARNING, pin, pin_attributes, NULL, \
	  "TCA PEDefinitions, PINConfiguration", \
	  "pinAttributes uses the bits that are defined") \
	X("PIN-11", INFO, pin, pin_useless, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "a PIN that is disabled can be enabled") \
	X("PIN-12", WARNING, pin, pin_no_puk, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "a PIN of the user can be unblocked") \
	X("PIN-13", ERROR, element, pin_shared, NULL, \
	  "TCA PEDefinitions, PE-PINCodes; TCA 8.3.5", \
	  "the DF whose PINs are shared exists and has PINs") \
	X("PIN-14", ERROR, package, pin1, NULL, \
	  "TS 102 221 9.4.1", "there is a PIN of application 1") \
	X("PIN-15", INFO, package, adm1, NULL, \
	  "TS 102 221 9.4.3", "there is an administrative key") \
	X("PIN-16", ERROR, file, pin_status_defined, NULL, \
	  "TCA 8.1.3; TS 102 221 11.1.1.4.10", "a PIN that pinStatusTemplateDO names is defined") \
	X("PIN-17", WARNING, pin, pin_in_status, NULL, \
	  "TS 102 221 11.1.1.4.10", "the DF of a PIN names it in its pinStatusTemplateDO") \
	X("PIN-18", INFO, file, arr_pins, NULL, \
	  "TS 102 221 9.2.5", \
	  "a key reference in an access rule is that of a PIN that is defined") \
	X("PIN-19", ERROR, element, pin_context_once, NULL, \
	  "TCA 8.5.1", "a DF has one PE-PINCodes") \
	X("PUK-01", ERROR, puk, puk_reference, NULL, \
	  "TCA PEDefinitions, PUKConfiguration", "a PUK has a key reference of the table") \
	X("PUK-02", ERROR, puk, puk_once, NULL, \
	  "TCA PEDefinitions, PUKConfiguration", "a PUK is defined once") \
	X("PUK-03", ERROR, puk, puk_digits, NULL, \
	  "TS 102 221 9.5.1", "a PUK has 8 digits") \
	X("PUK-04", ERROR, puk, tries_max, NULL, \
	  "TCA PEDefinitions, PUKConfiguration", "a PUK allows at least one attempt") \
	X("PUK-05", ERROR, puk, tries_left, NULL, \
	  "TCA PEDefinitions, PUKConfiguration", "no more attempts are left than are allowed") \
	X("PUK-06", WARNING, puk, tries_blocked, NULL, \
	  "TCA PEDefinitions, PUKConfiguration", "a PUK is not blocked from the start") \
	X("PUK-07", WARNING, puk, puk_used, NULL, \
	  "TCA PEDefinitions, PINConfiguration", "a PUK unblocks a PIN") \
	X("PUK-08", ERROR, element, puk_order, NULL, \
	  "TCA PEDefinitions, PINConfiguration", \
	  "the PUKs come before the PINs that name them") \
	X("PUK-09", ERROR, element, puk_place, NULL, \
	  "TCA 8.5.2", \
	  "the PUKs come right after the MF, or after the header of an IoT package") \
	X("AKA-01", ERROR, aka, algorithm, NULL, \
	  "TCA PEDefinitions, AlgoParameter", \
	  "the algorithm is MILENAGE, TUAK or the test algorithm") \
	X("AKA-02", ERROR, aka, milenage_key, NULL, \
	  "TS 35.206 2.3", "the key of MILENAGE has 16 octets") \
	X("AKA-03", ERROR, aka, milenage_opc, NULL, \
	  "TS 35.206 2.3", "the OPc of MILENAGE has 16 octets") \
	X("AKA-04", ERROR, aka, tuak_key, NULL, \
	  "TS 35.231 6.1", "the key of TUAK has 16 or 32 octets") \
	X("AKA-05", ERROR, aka, tuak_topc, NULL, \
	  "TS 35.231 6.1", "the TOPc of TUAK has 32 octets") \
	X("AKA-06", ERROR, aka, test_key, NULL, \
	  "TS 34.108 8.1.2", "the key of the test algorithm has 16 octets") \
	X("AKA-07", ERROR, aka, rotations, NULL, \
	  "TS 35.206 4.1", "a rotation is one of 0 to 127 bits") \
	X("AKA-08", ERROR, aka, pairs_differ, NULL, \
	  "TS 35.206 4.1", "the pairs of constant and rotation differ from each other") \
	X("AKA-09", WARNING, aka, constant_parity, NULL, \
	  "TS 35.206 4.1", "c1 has even parity, c2 to c5 have odd") \
	X("AKA-10", INFO, aka, milenage_only, NULL, \
	  "TCA PEDefinitions, AlgoParameter", "constants are given for MILENAGE only") \
	X("AKA-11", ERROR, aka, keccak_zero, NULL, \
	  "TS 35.231 7.2", "TUAK has at least one iteration") \
	X("AKA-12", INFO, aka, keccak_only, NULL, \
	  "TCA PEDefinitions, AlgoParameter", "numberOfKeccak is given for TUAK only") \
	X("AKA-13", ERROR, aka, sqn_delta, NULL, \
	  "TCA PEDefinitions, PE-AKAParameter", "sqnDelta is at most 07FFFFFFFFFF") \
	X("AKA-14", ERROR, aka, sqn_age, NULL, \
	  "TCA PEDefinitions, PE-AKAParameter", "sqnAgeLimit is at most 07FFFFFFFFFF") \
	X("AKA-15", ERROR, aka, sqn_init, NULL, \
	  "TCA PEDefinitions, PE-AKAParameter", "a value of sqnInit is at most 07FFFFFFFFFF") \
	X("AKA-16", ERROR, aka, sqn_count, NULL, \
	  "TCA PEDefinitions, PE-AKAParameter", "sqnInit has 32 values of 6 octets") \
	X("AKA-18", ERROR, aka, map_source, NULL, \
	  "TCA PEDefinitions, MappingParameter", \
	  "the application whose key is mapped comes before") \
	X("AKA-19", ERROR, aka, map_chain, NULL, \
	  "TCA PEDefinitions, MappingParameter", \
	  "the application whose key is mapped has a key of its own") \
	X("AKA-20", ERROR, element, naa_key, NULL, \
	  "TCA PEDefinitions, PE-AKAParameter", "a USIM or ISIM has an AKA parameter") \
	X("AKA-21", ERROR, aka, one_key, NULL, \
	  "TCA PEDefinitions, PE-AKAParameter", "an application has one AKA parameter") \
	X("AKA-22", WARNING, aka, key_zero, NULL, \
	  "TCA PEDefinitions, AlgoParameter", "the key is not one octet repeated") \
	X("AKA-23", WARNING, aka, opc_weak, NULL, \
	  "TCA PEDefinitions, AlgoParameter", "OPc is neither zero nor the key") \
	X("AKA-24", WARNING, aka, test_algorithm, NULL, \
	  "TS 34.108 8.1", "the test algorithm is in test profiles only") \
	X("AKA-25", INFO, aka, auth_counter, NULL, \
	  "TCA PEDefinitions, AlgoParameter", \
	  "authCounterMax is given for MILENAGE and TUAK only") \
	X("FCP-01", ERROR, file, descriptor_kind, NULL, \
	  "TS 102 222 6.3.2.2.1; TS 102 221 11.1.1.4.3", \
	  "the file descriptor names a structure that exists") \
	X("FCP-02", ERROR, file, descriptor_length, NULL, \
	  "TS 102 221 11.1.1.4.3", \
	  "the file descriptor of a file with records says their length, no other does") \
	X("FCP-03", ERROR, file, record_length, NULL, \
	  "TS 102 222 6.3.2.2.1", "a record has 1 to 255 octets") \
	X("FCP-04", ERROR, file, template_kind, NULL, \
	  "TCA 8.3.3", "the structure of a file is that of its template") \
	X("FCP-05", ERROR, file, record_multiple, NULL, \
	  "TS 102 222 6.3.2.2.1", "the size of a file is that of whole records") \
	X("FCP-06", ERROR, file, record_count, NULL, \
	  "TS 102 221 8.2.2.2", "a file has at most 254 records") \
	X("FCP-07", ERROR, file, size_given, NULL, \
	  "TCA PEDefinitions, Fcp: efFileSize", "an EF has a size") \
	X("FCP-08", ERROR, file, size_of_df, NULL, \
	  "TCA PEDefinitions, Fcp: efFileSize", "a DF has no efFileSize") \
	X("FCP-09", ERROR, file, size_minimal, NULL, \
	  "TCA PEDefinitions, Fcp: efFileSize", "efFileSize has no leading zero octet") \
	X("FCP-10", ERROR, file, size_zero, NULL, \
	  "TCA PEDefinitions, Fcp: efFileSize", "efFileSize is not zero") \
	X("FCP-11", ERROR, file, fid_given, NULL, \
	  "TCA PEDefinitions, Fcp: fileID", "a file that no template describes has a fileID") \
	X("FCP-12", WARNING, file, fid_template, NULL, \
	  "TCA 8.3.3", "the fileID of a file is that of its template") \
	X("FCP-13", ERROR, file, fid_reserved, NULL, \
	  "TS 102 221 8.6", "a fileID is not one that is reserved") \
	X("FCP-14", ERROR, file, fid_unique, NULL, \
	  "TS 102 221 8.6", "a fileID is unique in its DF") \
	X("FCP-15", ERROR, file, adf_fid_unique, NULL, \
	  "TCA PEDefinitions, Fcp: fileID", "the temporary identifier of an ADF is unique") \
	X("FCP-16", ERROR, file, name_of_ef, NULL, \
	  "TCA PEDefinitions, Fcp: dfName", "only an ADF has a dfName") \
	X("FCP-17", ERROR, file, adf_name, NULL, \
	  "TCA PEDefinitions, Fcp: dfName", "an ADF has a dfName") \
	X("FCP-18", ERROR, file, aid_unique, NULL, \
	  "ISO 7816-4 8.2.1", "the AID of an ADF is its own") \
	X("FCP-19", WARNING, file, aid_prefix, NULL, \
	  "TS 101 220 Annex E", "the AID of an ADF is one of its application") \
	X("FCP-20", ERROR, file, lcsi, NULL, \
	  "TS 102 221 11.1.1.4.9", "lcsi is a life cycle status that exists") \
	X("FCP-21", INFO, file, lcsi_active, NULL, \
	  "TS 102 221 11.1.1.4.9", "a file is activated") \
	X("FCP-22", ERROR, file, security_length, NULL, \
	  "TCA PEDefinitions, Fcp: securityAttributesReferenced", \
	  "securityAttributesReferenced has 1 or 3 octets") \
	X("FCP-23", ERROR, file, arr_exists, NULL, \
	  "TS 102 221 9.7", "the EF.ARR that a file refers to exists") \
	X("FCP-24", ERROR, file, arr_record, NULL, \
	  "TS 102 221 9.7", "the record of EF.ARR that a file refers to exists") \
	X("FCP-25", WARNING, file, arr_empty, NULL, \
	  "TS 102 221 9.7", "the record of EF.ARR that a file refers to has a rule") \
	X("FCP-26", WARNING, file, security_given, NULL, \
	  "TS 102 222 6.3.2.2.1", "a file that no template describes has security attributes") \
	X("FCP-27", ERROR, file, pin_status_of_ef, NULL, \
	  "TCA PEDefinitions, Fcp: pinStatusTemplateDO", "an EF has no pinStatusTemplateDO") \
	X("FCP-28", ERROR, file, pin_status_given, NULL, \
	  "TCA PEDefinitions, Fcp: pinStatusTemplateDO", \
	  "a DF or ADF has a pinStatusTemplateDO") \
	X("FCP-29", ERROR, file, sfi_of_df, NULL, \
	  "TCA PEDefinitions, Fcp: shortEFID", "a DF has no shortEFID") \
	X("FCP-30", ERROR, file, sfi_bits, NULL, \
	  "TCA PEDefinitions, Fcp: shortEFID", "bits b3 to b1 of shortEFID are 0") \
	X("FCP-31", ERROR, file, sfi_range, NULL, \
	  "TS 102 221 8.6", "a shortEFID is one of 1 to 30") \
	X("FCP-32", WARNING, file, sfi_unique, NULL, \
	  "TS 102 221 8.6", "a short identifier is unique in its DF") \
	X("FCP-33", ERROR, file, proprietary_of_df, NULL, \
	  "TCA PEDefinitions, Fcp: proprietaryEFInfo", "a DF has no proprietaryEFInfo") \
	X("FCP-34", ERROR, file, one_pattern, NULL, \
	  "TCA PEDefinitions, ProprietaryInfo", \
	  "a file has a fill pattern or a repeat pattern, not both") \
	X("FCP-35", WARNING, file, pattern_long, NULL, \
	  "TS 102 222 6.3.2.2.2", "a pattern is no longer than the file") \
	X("FCP-36", ERROR, file, bertlv_only, NULL, \
	  "TCA PEDefinitions, ProprietaryInfo", \
	  "maximumFileSize and fileDetails are those of a BER-TLV file") \
	X("FCP-37", ERROR, file, link_target, NULL, \
	  "TCA PEDefinitions, Fcp: linkPath", "the file that a link leads to exists") \
	X("FCP-38", ERROR, file, link_size, NULL, \
	  "TCA PEDefinitions, Fcp: efFileSize", "a link has no efFileSize") \
	X("FCP-39", ERROR, file, link_kind, NULL, \
	  "TCA PEDefinitions, Fcp: linkPath", "a link leads to a file of its kind") \
	X("FCP-59", WARNING, file, link_shape, NULL, \
	  "TCA PEDefinitions, Fcp: linkPath", \
	  "a link has the records of the file that it leads to, in length and number") \
	X("FCP-40", ERROR, file, link_chain, NULL, \
	  "TCA PEDefinitions, Fcp: linkPath", "a link does not lead to a link") \
	X("FCP-41", ERROR, file, link_content, NULL, \
	  "TCA PEDefinitions, Fcp: linkPath", "a link has no contents of its own") \
	X("FCP-42", ERROR, file, descriptor_first, NULL, \
	  "TCA PEDefinitions, File", "fileDescriptor is the first of a File") \
	X("FCP-43", ERROR, file, descriptor_once, NULL, \
	  "TCA PEDefinitions, File", "fileDescriptor stands once in a File") \
	X("FCP-44", ERROR, file, alone_not_created, NULL, \
	  "TCA PEDefinitions, File", "doNotCreate stands alone") \
	X("FCP-45", ERROR, file, mf_not_created, NULL, \
	  "TCA PEDefinitions, File", "doNotCreate is not used in the MF") \
	X("FCP-46", ERROR, file, content_fits, NULL, \
	  "TCA PEDefinitions, File", "the contents are within the size of the file") \
	X("FCP-47", ERROR, file, content_of_df, NULL, \
	  "TCA PEDefinitions, File", "a DF has no contents") \
	X("FCP-48", WARNING, file, content_missing, NULL, \
	  "TCA Annex A", "a file whose template has no default has contents") \
	X("FCP-49", INFO, file, offset_nothing, NULL, \
	  "TCA PEDefinitions, File", "contents follow an offset") \
	X("FCP-50", INFO, file, fid_level, NULL, \
	  "TS 51.011 6.2", "the first octet of a fileID is one of its level") \
	X("FCP-51", INFO, file, size_reach, NULL, \
	  "TS 102 221 11.1.3", "every octet of a transparent file can be read: at most 32767") \
	X("FCP-52", WARNING, file, special_bits, NULL, \
	  "TS 102 222 6.3.2.2.2", "specialFileInformation uses the bits that are defined") \
	X("FCP-53", ERROR, file, parent_exists, NULL, \
	  "TCA 8.3", "the DF that a file goes into exists") \
	X("FCP-54", WARNING, file, pin_status_form, NULL, \
	  "TS 102 221 11.1.1.4.10", "pinStatusTemplateDO is a list of key references") \
	X("FCP-55", WARNING, file, bertlv_max, NULL, \
	  "TCA PEDefinitions, ProprietaryInfo", \
	  "maximumFileSize of a BER-TLV file is not below its size") \
	X("FCP-56", ERROR, file, bertlv_offset, NULL, \
	  "TCA 8.3.2", "the contents of a BER-TLV file have no fillFileOffset") \
	X("FCP-57", ERROR, file, bertlv_pattern, NULL, \
	  "TS 102 222 6.3.2.2.2", "a BER-TLV file has no fill or repeat pattern") \
	X("FCP-58", ERROR, file, data_coding, NULL, \
	  "TS 102 222 6.3.2.2.1", "the data coding octet of the file descriptor is 21") \
	X("GFM-01", ERROR, package, path_exists, NULL, \
	  "TCA 8.3.5", "the DF that a filePath selects exists") \
	X("GFM-02", ERROR, package, path_form, NULL, \
	  "TCA 8.3.5", "a filePath has whole file identifiers") \
	X("GFM-03", ERROR, package, gfm_content_first, NULL, \
	  "TCA 8.3.5", "contents follow the file that they are for") \
	X("GFM-04", INFO, package, gfm_empty, NULL, \
	  "TCA 8.3.5", "a FileManagement creates or fills a file") \
	X("GFM-05", WARNING, file, gfm_descriptor, NULL, \
	  "TCA 8.3.5", "a file that is created has a fileDescriptor") \
	X("EFC-01", ERROR, file, ef_iccid, "3F002FE2", \
	  "TS 102 221 13.2", "EF.ICCID holds the ICCID of the header") \
	X("EFC-02", ERROR, file, ef_iccid_digits, "3F002FE2", \
	  "TS 102 221 13.2", "EF.ICCID holds digits, then filler F") \
	X("EFC-03", ERROR, file, imsi_length, "6F07", \
	  "TS 31.102 4.2.2", "EF.IMSI says the octets of the IMSI: 4 to 8") \
	X("EFC-04", ERROR, file, imsi_parity, "6F07", \
	  "TS 31.102 4.2.2; TS 24.008 10.5.1.4", \
	  "the parity of EF.IMSI is that of its digits") \
	X("EFC-05", ERROR, file, imsi_digits, "6F07", \
	  "TS 31.102 4.2.2", "EF.IMSI holds digits, then filler F") \
	X("EFC-06", ERROR, file, ad_length, "6FAD", \
	  "TS 31.102 4.2.18", "EF.AD of a USIM has at least 4 octets") \
	X("EFC-07", ERROR, file, ad_mnc, "6FAD", \
	  "TS 31.102 4.2.18", "EF.AD says that the MNC has 2 or 3 digits") \
	X("EFC-08", WARNING, file, ad_mode, "6FAD", \
	  "TS 31.102 4.2.18", "EF.AD has an operation mode that exists") \
	X("EFC-09", ERROR, file, acc_reserved, "6F78", \
	  "TS 31.102 4.2.15", "bit 11 of EF.ACC is 0") \
	X("EFC-10", WARNING, file, acc_one, "6F78", \
	  "TS 22.011 4.2", "EF.ACC has one of the classes 0 to 9") \
	X("EFC-11", INFO, file, acc_imsi, "6F78", \
	  "TS 22.011 4.2", "the class of EF.ACC is the last digit of the IMSI") \
	X("EFC-12", ERROR, file, spn_display, "6F46", \
	  "TS 31.102 4.2.12", \
	  "the display condition of EF.SPN uses the bits that are defined") \
	X("EFC-13", WARNING, file, spn_text, "6F46", \
	  "TS 31.102 4.2.12", "EF.SPN holds text, then FF") \
	X("EFC-14", WARNING, package, dir_lists, NULL, \
	  "TS 102 221 13.1", "EF.DIR lists every ADF") \
	X("EFC-15", WARNING, package, dir_known, NULL, \
	  "TS 102 221 13.1", "EF.DIR lists only applications that the package has") \
	X("EFC-16", ERROR, file, dir_records, "3F002F00", \
	  "TS 102 221 13.1", "a record of EF.DIR is an application template or empty") \
	X("EFC-17", ERROR, file, arr_rules, NULL, \
	  "TS 102 221 9.2.7", "a record of EF.ARR is a list of access rules or empty") \
	X("EFC-18", WARNING, file, pl_codes, "3F002F05", \
	  "TS 102 221 13.3; ISO 639", "EF.PL holds pairs of letters, or FF") \
	X("EFC-19", WARNING, file, service_files, NULL, \
	  "TS 31.102 4.2.8", "the files of a service that EF.UST has are there") \
	X("EFC-20", INFO, file, file_services, NULL, \
	  "TS 31.102 4.2.8", "EF.UST has the service of a file that is there") \
	X("EFC-40", WARNING, file, ist_files, NULL, \
	  "TS 31.103 4.2.7", "the files of a service that EF.IST has are there") \
	X("EFC-41", INFO, file, file_ist, NULL, \
	  "TS 31.103 4.2.7", "EF.IST has the service of a file that is there") \
	X("EFC-21", ERROR, file, ust_33, "6F38", \
	  "TS 31.102 4.2.8", "service 33 of EF.UST is available") \
	X("EFC-22", WARNING, file, est_ust, "6F56", \
	  "TS 31.102 4.2.47", "a service that EF.EST activates is available in EF.UST") \
	X("EFC-23", ERROR, file, ecc_code, "6FB7", \
	  "TS 31.102 4.2.21", "an emergency call code of EF.ECC is BCD") \
	X("EFC-24", ERROR, file, plmn_multiple, NULL, \
	  "TS 31.102 4.2", "a list of networks has whole entries") \
	X("EFC-25", WARNING, file, plmn_digits, NULL, \
	  "TS 24.008 10.5.1.13", "an entry of a list of networks has an MCC and an MNC") \
	X("EFC-26", WARNING, file, record_minimum, NULL, \
	  "TS 31.102 4.2; TS 31.102 4.4", \
	  "the records of a file are as long as its coding needs") \
	X("EFC-27", WARNING, file, transparent_minimum, NULL, \
	  "TS 31.102 4.2", "a transparent file is as long as its coding needs") \
	X("EFC-28", WARNING, file, keys_ksi, NULL, \
	  "TS 31.102 4.2.3", "EF.Keys and EF.KeysPS start without a key set: KSI 07") \
	X("EFC-29", INFO, file, loci_status, NULL, \
	  "TS 31.102 4.2.17", "location information starts as not updated") \
	X("EFC-30", ERROR, file, impi_nai, "impi", \
	  "TS 31.103 4.2.2", "EF.IMPI holds a network access identifier") \
	X("EFC-31", ERROR, file, impu_uri, "impu", \
	  "TS 31.103 4.2.4", "a record of EF.IMPU holds a URI or is empty") \
	X("EFC-32", ERROR, file, isim_domain, "domain", \
	  "TS 31.103 4.2.3", "EF.DOMAIN holds a domain name") \
	X("EFC-33", WARNING, file, suci_info, NULL, \
	  "TS 31.102 4.4.11.8", "EF.SUCI_Calc_Info is a list of schemes, then one of keys") \
	X("EFC-34", WARNING, file, routing, NULL, \
	  "TS 31.102 4.4.11.11", "EF.Routing_Indicator has 1 to 4 digits") \
	X("EFC-37", WARNING, file, hpplmn, "6F31", \
	  "TS 31.102 4.2.6", "EF.HPPLMN is a period that exists") \
	X("EFC-38", WARNING, file, dialling_number, NULL, \
	  "TS 31.102 4.4.2.3", "a dialling number has at most 11 octets with its type") \
	X("EFC-39", WARNING, file, pnn_name, "6FC5", \
	  "TS 31.102 4.2.58", "a record of EF.PNN begins with a full name") \
	X("SDO-01", WARNING, package, mno_sd, NULL, \
	  "TCA 8.6", "the first security domain is that of the operator") \
	X("SDO-02", ERROR, instance, sd_privilege, NULL, \
	  "GPCS 6.6.1", "a security domain has the privilege of one") \
	X("SDO-03", ERROR, element, kvn, NULL, \
	  "GPCS 11.1.7", "a key version is one of 01 to 7F") \
	X("SDO-04", ERROR, element, kid, NULL, \
	  "GPCS 11.1.7", "a key identifier is one of 01 to 7F") \
	X("SDO-05", ERROR, element, key_once, NULL, \
	  "TCA PEDefinitions, KeyObject; TCA 8.6.3", \
	  "a key is defined once in its security domain") \
	X("SDO-06", WARNING, element, key_type, NULL, \
	  "GPCS 11.1.8", "the type of a key exists") \
	X("SDO-07", ERROR, element, key_length, NULL, \
	  "GPCS 11.1.8", "the data of a key have the length of its type") \
	X("SDO-08", WARNING, element, key_usage, NULL, \
	  "GPCS 11.1.9", "keyUsageQualifier says what the key is for") \
	X("SDO-09", WARNING, element, mac_length, NULL, \
	  "TCA PEDefinitions, KeyObject; TCA 8.6.3", "macLength is 4 or 8") \
	X("SDO-10", WARNING, element, key_set, NULL, \
	  "TS 102 225; GPCS Amd D", "a key set for SCP80, SCP02 or SCP03 has its three keys") \
	X("SDO-11", ERROR, element, cat_tp, NULL, \
	  "TS 102 127 5.3; TCA 8.6.7", "the sizes of CAT_TP leave room for data") \
	X("SDO-12", WARNING, element, key_weak, NULL, \
	  "TCA PEDefinitions, KeyObject; TCA 8.6.3", "a key is not one octet repeated") \
	X("SDO-13", ERROR, element, mno_sd_itself, NULL, \
	  "TCA 8.7.3", "the MNO-SD is associated with itself, not extradited") \
	X("SDO-14", ERROR, element, mno_sd_only, "openPersoData", \
	  "TCA 8.6.6", "only the MNO-SD has openPersoData") \
	X("SDO-15", ERROR, element, mno_sd_only, "catTpParameters", \
	  "TCA 8.6.7", "only the MNO-SD has catTpParameters") \
	X("SDO-16", ERROR, element, component_once, NULL, \
	  "TCA 8.6.3", "a key has each type of component once") \
	X("APP-01", ERROR, element, app_nothing, NULL, \
	  "TCA PEDefinitions, PE-Application", \
	  "an application element loads or makes something") \
	X("APP-02", ERROR, element, load_empty, NULL, \
	  "TCA PEDefinitions, ApplicationLoadPackage", "a load package has a load block") \
	X("APP-03", ERROR, element, load_once, NULL, \
	  "TCA PEDefinitions, ApplicationLoadPackage", "the AID of a load package is its own") \
	X("APP-04", ERROR, element, load_sd, NULL, \
	  "TCA PEDefinitions, ApplicationLoadPackage", \
	  "the security domain of a load package exists") \
	X("APP-05", WARNING, element, load_hash, NULL, \
	  "TCA PEDefinitions, ApplicationLoadPackage", \
	  "the hash of a load block has the length of SHA-1 or SHA-2") \
	X("APP-06", WARNING, instance, load_known, NULL, \
	  "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3", \
	  "the load package of an instance is in the profile package") \
	X("APP-07", ERROR, instance, instance_once, NULL, \
	  "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3", \
	  "the AID of an instance is its own") \
	X("APP-08", ERROR, instance, privileges, NULL, \
	  "GPCS 11.1.2", "applicationPrivileges has 1 or 3 octets") \
	X("APP-09", ERROR, instance, life_cycle, NULL, \
	  "GPCS 11.1.1", "lifeCycleState is one that exists") \
	X("APP-10", ERROR, instance, extradite, NULL, \
	  "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3", \
	  "the security domain that an instance moves to exists") \
	X("APP-11", WARNING, instance, process_data, NULL, \
	  "TCA PEDefinitions, ApplicationInstance; TCA 8.7.3", \
	  "an entry of processData is a command APDU") \
	X("APP-12", ERROR, instance, extradite_state, NULL, \
	  "TCA 8.7.3", \
	  "a security domain of the package to which an instance moves is PERSONALIZED") \
	X("RFM-01", ERROR, package, rfm_tar, NULL, \
	  "TS 101 220 D; TCA PEDefinitions, PE-RFM", "a TAR is one application's") \
	X("RFM-02", ERROR, element, rfm_no_tar, NULL, \
	  "TCA PEDefinitions, PE-RFM", "an RFM instance has a TAR, in its list or in its AID") \
	X("RFM-03", ERROR, element, rfm_sd, NULL, \
	  "TCA PEDefinitions, PE-RFM", "the security domain of an RFM instance exists") \
	X("RFM-04", ERROR, element, rfm_domain, NULL, \
	  "TS 102 226 8.2.1.3.2.4", "an access domain is one that exists") \
	X("RFM-05", ERROR, element, rfm_adf, NULL, \
	  "TCA PEDefinitions, PE-RFM", "the ADF of an RFM instance exists") \
	X("RFM-06", WARNING, element, rfm_security, NULL, \
	  "TS 102 225 5.1.1", "an RFM instance demands some security") \
	X("RFM-07", ERROR, element, rfm_once, NULL, \
	  "TCA PEDefinitions, PE-RFM", "the AID of an RFM instance is its own") \
	X("RFM-08", WARNING, element, rfm_no_access, NULL, \
	  "TS 102 226 8.2.1.3.2.4", "an RFM instance has access to something") \
	X("NST-01", ERROR, element, sealed_parse, NULL, \
	  "docs/protocol.md 1", "SealedElements are well-formed") \
	X("NST-02", ERROR, element, sealed_position, NULL, \
	  "docs/protocol.md 1", "the sealed part is the last element but one") \
	X("NST-03", ERROR, element, sealed_iccid, NULL, \
	  "docs/protocol.md 1", "the sealed part is that of the ICCID of the header") \
	X("NST-04", ERROR, element, sealed_curve, NULL, \
	  "docs/protocol.md 1", "the release key is a point of P-256") \
	X("NST-05", WARNING, element, sealed_mandated, NULL, \
	  "docs/protocol.md 1", \
	  "the sealed part is not mandated, so that other eUICCs skip it") \
	X("NST-06", ERROR, element, sealed_once, NULL, \
	  "docs/protocol.md 1", "there is one sealed part") \
	X("NST-07", WARNING, element, foreign_mandated, NULL, \
	  "TCA PEDefinitions, PE-NonStandard", "an element of another issuer is not mandated")
/* clang-format on */

#endif
