#include "host/operator/smdp_eligible.h"

#include "lib/profile/pe.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"
#include "lib/rsp/rsp.h"

#define HEADER_SERVICES	 0xA5u /* ProfileHeader */
#define SERVICE_FIRST	 0x80u
#define SERVICE_LAST	 0x9Eu /* the last tag of one octet */
#define RESOURCE_NVM	 0x82u /* TS 102 226 8.2.1.7.2 */
#define RESOURCE_LEN_MAX 8

/*
 * ServicesList to UICCCapability, as far as every version 2 of SGP.22 has the bit: that an eUICC
 * lacks one of a later version may say no more than that it does not know it. Java Card, MULTOS and
 * CSIM are left to the eUICC: packages for everybody (TS.48) demand them, and it may take what it
 * will not run.
 */
static const struct {
	uint8_t service, capability;
} services[] = {
	{0, 0},	  /* contactless */
	{1, 1},	  /* usim */
	{2, 2},	  /* isim */
	{4, 4},	  /* milenage */
	{5, 6},	  /* tuak128 */
	{6, 5},	  /* cave */
	{7, 10},  /* gba-usim */
	{8, 11},  /* gba-isim */
	{9, 12},  /* mbms */
	{10, 13}, /* eap */
	{13, 16}, /* multiple-usim */
	{14, 17}, /* multiple-isim */
	{16, 7},  /* tuak256 */
};

uint32_t smdp_mandatory_services(struct slice upp)
{
	struct cursor c = cursor_of(upp), list;
	struct slice value;
	uint32_t bits = 0;
	struct tlv t;

	if (!tlv_next(&c, &t) || t.tag != PE_HEADER || !tlv_find(t.value, HEADER_SERVICES, &value))
		return 0;
	list = cursor_of(value);
	while (tlv_next(&list, &t))
		if (t.tag >= SERVICE_FIRST && t.tag <= SERVICE_LAST)
			bits |= UINT32_C(1) << (t.tag - SERVICE_FIRST);
	return list.err ? 0 : bits;
}

static bool lacks_service(uint32_t mandatory, uint32_t capability)
{
	for (size_t i = 0; i < ARRAY_LEN(services) && capability; i++)
		if ((mandatory & UINT32_C(1) << services[i].service) &&
		    !(capability & RSP_BIT(services[i].capability)))
			return true;
	return false;
}

/* 0: not told */
static uint64_t free_octets(struct slice resource)
{
	struct slice value;
	struct cursor c;

	if (!tlv_find(resource, RESOURCE_NVM, &value) || value.len > RESOURCE_LEN_MAX)
		return 0;
	c = cursor_of(value);
	return cursor_uint(&c, value.len);
}

enum smdp_fault_cause smdp_eligible(const struct smdp_needs *needs, struct slice metadata,
				    struct slice info2)
{
	struct es10b_euicc_info2 info;
	struct es8p_metadata meta;
	uint64_t room;

	if (es10b_parse_euicc_info2(info2, &info))
		return SMDP_FAULT_COUNT;
	if (es8p_parse_metadata(metadata, &meta) == ERR_OK && meta.has_ppr && info.has_forbidden &&
	    (meta.ppr & info.forbidden))
		return SMDP_FAULT_NOT_ELIGIBLE;
	if (lacks_service(needs->services, info.uicc_capability))
		return SMDP_FAULT_NOT_ELIGIBLE;
	room = free_octets(info.ext_resource);
	return room && room < needs->octets / 2 ? SMDP_FAULT_MEMORY : SMDP_FAULT_COUNT;
}
