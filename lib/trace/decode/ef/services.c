/* services: the tables of services, a service a bit (of a 2G SIM two) */
#include "lib/trace/decode/ef/rows.h"
#include "lib/uicc/fid.h"

/* The names, of service 1 on; NULL: reserved */
struct services {
	const char *const *names;
	size_t count;
};
#define SERVICES(name, ...)                                                                        \
	static const char *const name##_names[] = {__VA_ARGS__};                                   \
	static const struct services name = {name##_names, ARRAY_LEN(name##_names)}

/* TS 31.102 4.2.8 */
SERVICES(ust, "Local phone book", "Fixed dialling numbers (FDN)", "Extension 2",
	 "Service dialling numbers (SDN)", "Extension 3", "Barred dialling numbers (BDN)",
	 "Extension 4", "Outgoing call information (OCI and OCT)",
	 "Incoming call information (ICI and ICT)", "Short message storage (SMS)",
	 "Short message status reports (SMSR)", "Short message service parameters (SMSP)",
	 "Advice of charge (AoC)", "Capability configuration parameters 2 (CCP2)",
	 "Cell broadcast message identifier", "Cell broadcast message identifier ranges",
	 "Group identifier level 1", "Group identifier level 2", "Service provider name",
	 "User controlled PLMN selector with access technology", "MSISDN", "Image (IMG)",
	 "Support of localised service areas (SoLSA)",
	 "Enhanced multi-level precedence and pre-emption service", "Automatic answer for eMLPP",
	 NULL, "GSM access", "Data download via SMS-PP", "Data download via SMS-CB",
	 "Call control by USIM", "MO-SMS control by USIM", "RUN AT COMMAND command",
	 "Shall be set to 1", "Enabled services table", "APN control list (ACL)",
	 "Depersonalisation control keys", "Co-operative network list", "GSM security context",
	 "CPBCCH information", "Investigation scan", "MExE",
	 "Operator controlled PLMN selector with access technology",
	 "HPLMN selector with access technology", "Extension 5", "PLMN network name",
	 "Operator PLMN list", "Mailbox dialling numbers", "Message waiting indication status",
	 "Call forwarding indication status", "Reserved, to be ignored",
	 "Service provider display information", "Multimedia messaging service (MMS)",
	 "Extension 8", "Call control on GPRS by USIM", "MMS user connectivity parameters",
	 "Network's indication of alerting in the MS (NIA)", "VGCS group identifier list",
	 "VBS group identifier list", "Pseudonym",
	 "User controlled PLMN selector for I-WLAN access",
	 "Operator controlled PLMN selector for I-WLAN access", "User controlled WSID list",
	 "Operator controlled WSID list", "VGCS security", "VBS security",
	 "WLAN reauthentication identity", "Multimedia messages storage",
	 "Generic bootstrapping architecture (GBA)", "MBMS security",
	 "Data download via USSD and USSD application mode", "Equivalent HPLMN",
	 "Additional TERMINAL PROFILE after UICC activation",
	 "Equivalent HPLMN presentation indication", "Last RPLMN selection indication",
	 "OMA BCAST smart card profile", "GBA-based local key establishment mechanism",
	 "Terminal applications", "Service provider name icon", "PLMN network name icon",
	 "Connectivity parameters for USIM IP connections", "Home I-WLAN specific identifier list",
	 "I-WLAN equivalent HPLMN presentation indication", "I-WLAN HPLMN priority indication",
	 "I-WLAN last registered PLMN", "EPS mobility management information",
	 "Allowed CSG lists and corresponding indications",
	 "Call control on EPS PDN connection by USIM", "HPLMN direct access", "eCall data",
	 "Operator CSG lists and corresponding indications", "SM-over-IP", "CSG display control",
	 "Communication control for IMS by USIM", "Extended terminal applications",
	 "UICC access to IMS", "Non-access stratum configuration by USIM",
	 "PWS configuration by USIM", NULL, "URI support by UICC", "Extended EARFCN support",
	 "ProSe", "USAT application pairing", "Media type support", "IMS call disconnection cause",
	 "URI support for MO SHORT MESSAGE CONTROL", "ePDG configuration information support",
	 "ePDG configuration information configured", "ACDC support", "Mission critical services",
	 "ePDG information for emergency service",
	 "ePDG information for emergency service configured", "eCall data over IMS",
	 "URI support for SMS-PP DOWNLOAD", "From preferred", "IMS configuration data",
	 "TV configuration", "3GPP PS data off", "3GPP PS data off service list", "V2X",
	 "XCAP configuration data", "EARFCN list for MTC/NB-IOT UEs",
	 "5GS mobility management information", "5G security parameters",
	 "Subscription identifier privacy support", "SUCI calculation by the USIM",
	 "UAC access identities support", "Control plane based steering of roaming in a VPLMN",
	 "Call control on PDU session by USIM", "5GS operator PLMN list",
	 "SUPI of type NSI or GLI or GCI", "3GPP PS data off separate home and roaming lists",
	 "URSP by USIM", "5G security parameters extended", "MuD and MiD configuration data",
	 "Trusted non-3GPP access networks by USIM", "Multiple records of NAS security context",
	 "Pre-configured CAG information list", "SOR-CMCI storage in USIM", "5G ProSe",
	 "Storage of disaster roaming information in USIM", "Pre-configured eDRX parameters",
	 "5G NSWO support", "PWS configuration for SNPN in USIM",
	 "Multiplier coefficient for higher priority PLMN search via satellite NG-RAN",
	 "K AUSF derivation configuration", "Network identifier for SNPN (NID)",
	 "5MBS UE pre-configuration", "Operator controlled signal threshold");

/* 4.2.47 */
SERVICES(est, "Fixed dialling numbers (FDN)", "Barred dialling numbers (BDN)",
	 "APN control list (ACL)");

/* TS 31.103 4.2.7 */
SERVICES(ist, "P-CSCF address", "Generic bootstrapping architecture (GBA)", "HTTP digest",
	 "GBA-based local key establishment mechanism", "P-CSCF discovery for IMS local break out",
	 "Short message storage (SMS)", "Short message status reports (SMSR)",
	 "SM-over-IP, with data download via SMS-PP", "Communication control for IMS by ISIM",
	 "UICC access to IMS", "URI support by UICC", "Media type support",
	 "IMS call disconnection cause", "URI support for MO SHORT MESSAGE CONTROL",
	 "Mission critical services", "URI support for SMS-PP DOWNLOAD", "From preferred",
	 "IMS configuration data", "XCAP configuration data", "WebRTC URI",
	 "MuD and MiD configuration data", "IMS data channel indication");

/* TS 51.011 10.3.7 */
SERVICES(sst, "CHV1 disable function", "Abbreviated dialling numbers (ADN)",
	 "Fixed dialling numbers (FDN)", "Short message storage (SMS)", "Advice of charge (AoC)",
	 "Capability configuration parameters (CCP)", "PLMN selector", NULL, "MSISDN",
	 "Extension 1", "Extension 2", "SMS parameters", "Last number dialled (LND)",
	 "Cell broadcast message identifier", "Group identifier level 1",
	 "Group identifier level 2", "Service provider name", "Service dialling numbers (SDN)",
	 "Extension 3", NULL, "VGCS group identifier list", "VBS group identifier list",
	 "Enhanced multi-level precedence and pre-emption service", "Automatic answer for eMLPP",
	 "Data download via SMS-CB", "Data download via SMS-PP", "Menu selection", "Call control",
	 "Proactive SIM", "Cell broadcast message identifier ranges",
	 "Barred dialling numbers (BDN)", "Extension 4", "De-personalization control keys",
	 "Co-operative network list", "Short message status reports",
	 "Network's indication of alerting in the MS", "MO short message control by SIM", "GPRS",
	 "Image (IMG)", "Support of local service area (SoLSA)",
	 "USSD string data object supported in call control", "RUN AT COMMAND command",
	 "User controlled PLMN selector with access technology",
	 "Operator controlled PLMN selector with access technology",
	 "HPLMN selector with access technology", "CPBCCH information", "Investigation scan",
	 "Extended capability configuration parameters", "MExE", "Reserved, to be ignored",
	 "PLMN network name", "Operator PLMN list", "Mailbox dialling numbers",
	 "Message waiting indication status", "Call forwarding indication status",
	 "Service provider display information", "Multimedia messaging service (MMS)",
	 "Extension 8", "MMS user connectivity parameters");

/* TS 31.102 4.6.4.1, 4.6.5.2, 4.4.13.2, 4.4.8 */
SERVICES(mst, "MCPTT UE configuration data", "MCPTT user profile data",
	 "MCS group configuration data", "MCPTT service configuration data",
	 "MCS UE initial configuration data", "MCData UE configuration data",
	 "MCData user profile data", "MCData service configuration data",
	 "MCVideo UE configuration data", "MCVideo user profile data",
	 "MCVideo service configuration data");
SERVICES(vst, "V2X configuration data", "V2X policy configuration data over PC5",
	 "V2X policy configuration data over Uu");
SERVICES(prose_5g, "5G ProSe configuration data for direct discovery",
	 "5G ProSe configuration data for direct communication",
	 "5G ProSe configuration data for UE-to-network relay UE",
	 "5G ProSe configuration data for remote UE",
	 "5G ProSe configuration data for usage information reporting",
	 "5G ProSe configuration data for UE-to-UE relay UE",
	 "5G ProSe configuration data for end UE");
SERVICES(prose, "ProSe direct discovery parameters", "HPLMN ProSe function",
	 "ProSe direct communication radio parameters",
	 "ProSe direct discovery monitoring radio parameters",
	 "ProSe direct discovery announcing radio parameters");

static void tell_service(const struct services *s, size_t number, const char *state,
			 const struct tree *t)
{
	const char *name = number <= s->count ? s->names[number - 1] : NULL;

	tree_leaf(t,
		  &(struct tree_node){.key = "service",
				      .name = name ? name : "A service that is not known",
				      .fault = name ? NULL : "reserved"},
		  "%zu%s", number, state);
}

/* of: struct services */
static void show_services(const struct field *f, struct slice v, const struct tree *t)
{
	tree_open(t, f->key, f->name, v);
	for (size_t i = 0; i < 8 * v.len; i++) {
		if (slice_at(v, i / 8) >> i % 8 & 1)
			tell_service(f->of, i + 1, "", t);
	}
	tree_close(t);
}

/* TS 51.011 10.3.7: allocated, and then activated */
static void show_sst(const struct field *f, struct slice v, const struct tree *t)
{
	tree_open(t, f->key, f->name, v);
	for (size_t i = 0; i < 4 * v.len; i++) {
		unsigned bits = (unsigned)slice_at(v, i / 4) >> 2 * (i % 4) & 3;

		if (bits)
			tell_service(f->of, i + 1,
				     bits == 3	 ? ", allocated, activated"
				     : bits == 1 ? ", allocated, not activated"
						 : ", activated though not allocated",
				     t);
	}
	tree_close(t);
}

/* CPHS 4.2 B.3.1, B.4.7: of each group of services those that the customer may see */
FIELDS(cphs, {.key = "phase", .name = "Phase", .len = 1, .show = field_number},
       {.key = "services", .name = "Service table", .len = 2},
       {.key = "rfu", .name = "RFU", .optional = true});
WORDS(groups, {0x01, "call offering"}, {0x02, "call restriction"}, {0x03, "other services"},
      {0x04, "call completion"}, {0x05, "teleservices"}, {0x06, "CPHS teleservices"},
      {0x07, "CPHS features"}, {0x08, "number identification"}, {0x09, "phase 2+ services"},
      {0xC0, "value added services"}, {0xD5, "information numbers"});
FIELDS(group,
       {.key = "group", .name = "Service group", .len = 1, .show = field_words, .of = &groups},
       {.key = "services", .name = "Services", .len = 1});
static const struct field group_item = {
	.key = "entry", .name = "Group", .len = 2, .show = field_fields, .of = &group};

static const struct ef_kind rows[] = {
	TR(USIM, FID_UST, 0x04, "EF.UST", "USIM service table", "TS 31.102 4.2.8", show_services,
	   &ust),
	TR(USIM, 0x6F56, 0x05, "EF.EST", "Enabled services table", "TS 31.102 4.2.47",
	   show_services, &est),
	TR(ISIM, FID_IST, 0x07, "EF.IST", "ISIM service table", "TS 31.103 4.2.7", show_services,
	   &ist),
	TR(GSM, FID_GSM_SST, 0, "EF.SST", "SIM service table", "TS 51.011 10.3.7", show_sst, &sst),
	TR(MCS, 0x4F01, 0x01, "EF.MST", "MCS service table", "TS 31.102 4.6.4.1", show_services,
	   &mst),
	TR(V2X, 0x4F01, 0x01, "EF.VST", "V2X service table", "TS 31.102 4.6.5.2", show_services,
	   &vst),
	TR(5G_PROSE, 0x4F01, 0x01, "EF.5G_PROSE_ST", "5G ProSe service table", "TS 31.102 4.4.13.2",
	   show_services, &prose_5g),
	TR(PROSE, 0x4F10, 0x10, "EF.PST", "ProSe service table", "TS 31.102 4.4.8.11",
	   show_services, &prose),
	CPHS(0x6F15, "EF.CSP", "Customer service profile", "B.4.7", field_list, &group_item),
	CPHS(0x6F16, "EF.CPHS_INFO", "CPHS information", "B.3.1", field_fields, &cphs),
};

const struct ef_set efs_services = {rows, ARRAY_LEN(rows)};
