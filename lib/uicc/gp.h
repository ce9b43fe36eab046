/*
 * gp: tags of GlobalPlatform Card Specification 11 and H: data objects of security domains and of
 * their registry.
 */
#ifndef TWINKEY_UICC_GP_H
#define TWINKEY_UICC_GP_H

enum gp_tag {
	GP_TAG_AID = 0x4F,
	GP_TAG_LIFE_CYCLE = 0x9F70,
	GP_TAG_CPLC = 0x9F7F, /* card production life cycle data */
};

#endif
