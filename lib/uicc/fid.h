/*
 * fid: identifiers of files that more than one place speaks of. TS 102 221 13 (MF), TS 31.102 4
 * (USIM, DF.TELECOM), TS 31.103 4 (ISIM), TS 51.011 10 (DF.GSM).
 */
#ifndef TWINKEY_UICC_FID_H
#define TWINKEY_UICC_FID_H

enum fid {
	FID_MF = 0x3F00,
	FID_DIR = 0x2F00,
	FID_PL = 0x2F05,
	FID_ARR_MF = 0x2F06,
	FID_ICCID = 0x2FE2,
	/* under the MF */
	FID_DF_TELECOM = 0x7F10,
	FID_DF_GSM = 0x7F20,
	/* in the USIM */
	FID_LI = 0x6F05,
	FID_ARR_DF = 0x6F06, /* of any DF or ADF but the MF */
	FID_IMSI = 0x6F07,
	FID_UST = 0x6F38,
	FID_MSISDN = 0x6F40,
	FID_SPN = 0x6F46,
	FID_PSLOCI = 0x6F73,
	FID_ACC = 0x6F78,
	FID_LOCI = 0x6F7E,
	FID_AD = 0x6FAD,
	FID_EHPLMN = 0x6FD9,
	FID_EPSLOCI = 0x6FE3,
	FID_CURRENT_ADF = 0x7FFF, /* TS 102 221 8.4.1: in a path, whatever ADF is current */
	FID_DF_GSM_ACCESS = 0x5F3B,
	FID_KC = 0x4F20, /* these two in DF.GSM-ACCESS */
	FID_KC_GPRS = 0x4F52,
	/* in the ISIM */
	FID_IST = 0x6F07,
	/* in DF.GSM */
	FID_GSM_KC = 0x6F20,
	FID_GSM_SST = 0x6F38,
	FID_GSM_PHASE = 0x6FAE,
};

#endif
