/*
 * service: the files that a service of EF.UST or EF.IST is for: 3GPP TS 31.102 4.2.8,
 * TS 31.103 4.2.7.
 */
#ifndef TWINKEY_UICC_SERVICE_H
#define TWINKEY_UICC_SERVICE_H

#include "lib/base/bytes.h"

struct uicc_service_file {
	uint8_t service;
	uint16_t df; /* in the ADF; 0: the file is in the ADF itself */
	uint16_t fid;
};

extern const struct uicc_service_file uicc_usim_services[], uicc_isim_services[];
extern const size_t uicc_usim_service_count, uicc_isim_service_count;

/* A service table says that the service is available. */
bool uicc_has_service(struct slice table, unsigned service);

#endif
