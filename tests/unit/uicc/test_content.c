/* what files hold, as lint and audit judge it */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/uicc/content.h"
#include "lib/uicc/service.h"

static void test_imsi(void)
{
	static const struct {
		const char *octets, *fault;
	} rows[] = {
		{"080910101032547698", NULL},	  /* 15 digits */
		{"0801101010325476F8", NULL},	  /* 14 */
		{"0409101032FFFFFFFF", NULL},	  /* 7 */
		{"080110101032547698", "parity"}, /* says an even number */
		{"0809101010325476F8", "parity"},   {"0809A0101032547698", "digits"},
		{"09091010103254769810", "length"}, {"030910FFFFFFFFFFFF", "length"},
		{"0809101010", "length"}, /* says more than there is */
		{"040910103200000000", "behind"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = content_imsi_fault(test_unhex(rows[i].octets));

		CU_ASSERT_EQUAL(got != NULL, rows[i].fault != NULL);
		CU_ASSERT(!got || !rows[i].fault || strstr(got, rows[i].fault));
	}
	CU_ASSERT(content_imsi_fault(SLICE_EMPTY) != NULL);
}

static void test_iccid(void)
{
	CU_ASSERT_TRUE(content_iccid_checks(test_unhex("981044121032547698F2")));
	CU_ASSERT_FALSE(content_iccid_checks(test_unhex("981044121032547698F3")));
	/* a digit of the issuer behind the check digit */
	CU_ASSERT_TRUE(content_iccid_checks(test_unhex("98104412103254769802")));
	CU_ASSERT_FALSE(content_iccid_checks(test_unhex("98A04412103254769812")));
	CU_ASSERT_EQUAL(content_bcd(test_unhex("981044121032547698F2")), 19);
	CU_ASSERT_EQUAL(content_bcd(test_unhex("980F")), 0);
}

static void test_plmn(void)
{
	uint8_t plmn[3];

	content_plmn("262011234567890", 2, plmn);
	ASSERT_OCTETS(SLICE_OF(plmn), test_unhex("62F210"), "262 01");
	content_plmn("310410123456789", 3, plmn);
	ASSERT_OCTETS(SLICE_OF(plmn), test_unhex("130014"), "310 410");
}

static void test_services(void)
{
	uint8_t table[] = {0x02, 0, 0x04};

	CU_ASSERT_TRUE(uicc_has_service(SLICE_OF(table), 2));
	CU_ASSERT_TRUE(uicc_has_service(SLICE_OF(table), 19));
	CU_ASSERT_FALSE(uicc_has_service(SLICE_OF(table), 1));
	CU_ASSERT_FALSE(uicc_has_service(SLICE_OF(table), 122)); /* behind its end */
	for (size_t i = 1; i < uicc_usim_service_count; i++)
		CU_ASSERT(uicc_usim_services[i - 1].service <= uicc_usim_services[i].service);
	for (size_t i = 1; i < uicc_isim_service_count; i++)
		CU_ASSERT(uicc_isim_services[i - 1].service <= uicc_isim_services[i].service);
}

TEST_SUITE(content, {"EF.IMSI", test_imsi}, {"EF.ICCID", test_iccid}, {"a network", test_plmn},
	   {"services", test_services})
