/* usim: the files of a USIM and an ISIM. 3GPP TS 31.102 4, 5; TS 31.103 4 */
#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"

#define IMSI_LEN     9
#define LOCI_LEN     11
#define PSLOCI_LEN   14
#define EPSLOCI_LEN  18
#define SPN_LEN	     17
#define MSISDN_MIN   14
#define IMSI_TYPE    0x01 /* TS 24.008 10.5.1.4: the lowest three bits of an IMSI's first octet */
#define IMSI_ODD     0x08
#define NO_SERVICE   0
#define GET_IDENTITY 125 /* SUCI calculation by the USIM */

/* TS 31.102 4.2.8: services and the files that come with them; 0: the file is mandatory */
static const struct {
	uint8_t service;
	uint16_t fid;
	const char *name;
} files_of[] = {
	{NO_SERVICE, FID_LI, "EF.LI"},
	{NO_SERVICE, FID_ARR_DF, "EF.ARR"},
	{NO_SERVICE, FID_IMSI, "EF.IMSI"},
	{NO_SERVICE, FID_KEYS, "EF.Keys"},
	{NO_SERVICE, FID_KEYS_PS, "EF.KeysPS"},
	{NO_SERVICE, FID_HPPLMN, "EF.HPPLMN"},
	{NO_SERVICE, FID_UST, "EF.UST"},
	{NO_SERVICE, FID_START_HFN, "EF.START-HFN"},
	{NO_SERVICE, FID_THRESHOLD, "EF.THRESHOLD"},
	{NO_SERVICE, FID_PSLOCI, "EF.PSLOCI"},
	{NO_SERVICE, FID_ACC, "EF.ACC"},
	{NO_SERVICE, FID_FPLMN, "EF.FPLMN"},
	{NO_SERVICE, FID_LOCI, "EF.LOCI"},
	{NO_SERVICE, FID_AD, "EF.AD"},
	{NO_SERVICE, FID_ECC, "EF.ECC"},
	{NO_SERVICE, FID_NETPAR, "EF.NETPAR"},
	{2, FID_FDN, "EF.FDN"},
	{4, FID_SDN, "EF.SDN"},
	{10, FID_SMS, "EF.SMS"},
	{12, FID_SMSP, "EF.SMSP"},
	{17, FID_GID1, "EF.GID1"},
	{18, FID_GID2, "EF.GID2"},
	{19, FID_SPN, "EF.SPN"},
	{20, FID_PLMN_USER, "EF.PLMNwAcT"},
	{21, FID_MSISDN, "EF.MSISDN"},
	{27, FID_DF_GSM_ACCESS, "DF.GSM-ACCESS"},
	{42, FID_PLMN_OPERATOR, "EF.OPLMNwAcT"},
	{43, FID_PLMN_HOME, "EF.HPLMNwAcT"},
	{45, FID_PNN, "EF.PNN"},
	{46, FID_OPL, "EF.OPL"},
	{71, FID_EHPLMN, "EF.EHPLMN"},
	{85, FID_EPSLOCI, "EF.EPSLOCI"},
	{122, FID_DF_5GS, "DF.5GS"},
};

static bool ust_has(struct slice ust, unsigned n)
{
	return slice_at(ust, (n - 1) / 8) >> (n - 1) % 8 & 1;
}

static bool read_file(struct exam *x, uint16_t fid, const char *name, struct exam_answer *a)
{
	if (exam_usim_file(x, fid, a))
		return true;
	exam_depart(x, "%s is not to be selected and read, with its FCP's size: %04X", name, a->sw);
	return false;
}

static void file_set(struct exam *x, bool mandatory)
{
	struct exam_answer ust, a;

	if (!mandatory && !read_file(x, FID_UST, "EF.UST", &ust))
		return;
	for (size_t i = 0; i < ARRAY_LEN(files_of) && exam_goes_on(x); i++) {
		unsigned n = files_of[i].service;

		if (mandatory ? n != NO_SERVICE : n == NO_SERVICE || !ust_has(exam_data(&ust), n))
			continue;
		if (!exam_at_usim(x))
			return;
		exam_select(x, files_of[i].fid, &a);
		if (n)
			exam_check(x, a.sw == SW_OK || a.sw == SW_FILE_DEACTIVATED,
				   "EF.UST has service %u, and %s (%04X) is not there: %04X", n,
				   files_of[i].name, files_of[i].fid, a.sw);
		else
			exam_check(x, a.sw == SW_OK || a.sw == SW_FILE_DEACTIVATED,
				   "%s (%04X) is not there: %04X", files_of[i].name,
				   files_of[i].fid, a.sw);
	}
}

static void mandatory_files(struct exam *x)
{
	file_set(x, true);
}

static void services(struct exam *x)
{
	file_set(x, false);
}

static unsigned imsi_half(const struct exam_answer *a, size_t i)
{
	return (unsigned)slice_at(exam_data(a), 1 + i / 2) >> (i % 2 ? 4 : 0) & 0x0Fu;
}

static void imsi(struct exam *x)
{
	struct exam_answer a;
	unsigned digits = 0, octets, first;

	if (!read_file(x, FID_IMSI, "EF.IMSI", &a))
		return;
	octets = slice_at(exam_data(&a), 0);
	first = slice_at(exam_data(&a), 1);
	exam_check(x, a.len == IMSI_LEN, "EF.IMSI has %zu octets instead of 9", a.len);
	if (!exam_check(x, octets >= 4 && octets <= 8, "the length of the IMSI is %u", octets))
		return;
	exam_check(x, (first & 7) == IMSI_TYPE, "the type of identity is %u, not that of an IMSI",
		   first & 7);
	while (1 + digits < 2 * octets && imsi_half(&a, 1 + digits) <= 9)
		digits++;
	exam_check(x, digits >= 6 && digits <= 15, "the IMSI has %u digits", digits);
	exam_check(x, !(first & IMSI_ODD) == (digits % 2 == 0),
		   "the parity bit does not fit %u digits", digits);
	exam_check(x,
		   digits == 2 * octets - 1 ||
			   (digits == 2 * octets - 2 && imsi_half(&a, 2 * octets - 1) == 0x0F),
		   "the IMSI has half octets that are no digits");
}

static void ad(struct exam *x)
{
	static const uint8_t modes[] = {0x00, 0x80, 0x01, 0x81, 0x02, 0x04};
	struct exam_answer a;
	struct slice s;
	bool known = false;

	if (!read_file(x, FID_AD, "EF.AD", &a))
		return;
	s = exam_data(&a);
	for (size_t i = 0; i < sizeof(modes); i++)
		known = known || slice_at(s, 0) == modes[i];
	exam_check(x, known, "the UE operation mode %02X is reserved", slice_at(s, 0));
	if (exam_check(x, s.len >= 4, "EF.AD has %zu octets, 4 at least", s.len)) {
		unsigned n = slice_at(s, 3) & 0x0F;

		exam_check(x, n == 2 || n == 3, "the length of the MNC is %u, not 2 or 3", n);
	}
}

static void acc(struct exam *x)
{
	struct exam_answer a;

	if (!read_file(x, FID_ACC, "EF.ACC", &a))
		return;
	if (!exam_check(x, a.len == 2, "EF.ACC has %zu octets instead of 2", a.len))
		return;
	exam_check(x, !(slice_at(exam_data(&a), 0) & 0x04), "EF.ACC has access class 10");
	exam_check(x, slice_uint(exam_data(&a), 2) & 0x03FF,
		   "EF.ACC has none of the access classes 0 to 9");
}

static void location(struct exam *x)
{
	static const struct {
		uint16_t fid;
		uint8_t len, most;
		const char *name;
	} rows[] = {{FID_LOCI, LOCI_LEN, 3, "EF.LOCI"},
		    {FID_PSLOCI, PSLOCI_LEN, 3, "EF.PSLOCI"},
		    {FID_EPSLOCI, EPSLOCI_LEN, 2, "EF.EPSLOCI"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct exam_answer a;
		unsigned status;

		if (!exam_usim_file(x, rows[i].fid, &a))
			continue;
		status = slice_at(exam_data(&a), rows[i].len - 1u) & 7;
		exam_check(x, a.len == rows[i].len, "%s has %zu octets instead of %u", rows[i].name,
			   a.len, rows[i].len);
		exam_check(x, status <= rows[i].most || status == 7,
			   "%s: update status %u is reserved", rows[i].name, status);
	}
}

static void sizes(struct exam *x)
{
	static const struct {
		uint16_t fid;
		uint8_t least, multiple;
		const char *name;
	} rows[] = {{FID_HPPLMN, 1, 1, "EF.HPPLMN"},	   {FID_KEYS, 33, 33, "EF.Keys"},
		    {FID_KEYS_PS, 33, 33, "EF.KeysPS"},	   {FID_START_HFN, 6, 6, "EF.START-HFN"},
		    {FID_THRESHOLD, 3, 3, "EF.THRESHOLD"}, {FID_FPLMN, 12, 3, "EF.FPLMN"},
		    {FID_SPN, SPN_LEN, SPN_LEN, "EF.SPN"}, {FID_LI, 2, 2, "EF.LI"},
		    {FID_EHPLMN, 3, 3, "EF.EHPLMN"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct exam_answer a;
		struct exam_fcp f;

		if (!exam_under_usim(x, rows[i].fid, &a))
			continue;
		fcp_take(exam_data(&a), &f);
		exam_check(x, f.octets >= rows[i].least && f.octets % rows[i].multiple == 0,
			   "%s has %zu octets: %u and more, in steps of %u", rows[i].name, f.octets,
			   rows[i].least, rows[i].multiple);
	}
}

static void numbers(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;

	if (!exam_under_usim(x, FID_MSISDN, &a)) {
		exam_skip(x, "there is no EF.MSISDN");
		return;
	}
	fcp_take(exam_data(&a), &f);
	exam_check(x, f.structure == UICC_LINEAR && f.record_len >= MSISDN_MIN,
		   "EF.MSISDN is no linear file of records of 14 octets or more");
}

static void ust_length(struct exam *x)
{
	struct exam_answer a;

	if (!read_file(x, FID_UST, "EF.UST", &a))
		return;
	exam_check(x, a.len >= 1 && !slice_is_zero(exam_data(&a)), "EF.UST has no service at all");
}

static void identity(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_GET_IDENTITY, 0, 1, 256); /* SUCI */
	struct exam_answer ust, a;
	bool announced;

	if (!read_file(x, FID_UST, "EF.UST", &ust))
		return;
	announced = ust_has(exam_data(&ust), GET_IDENTITY) &&
		    ust_has(exam_data(&ust), GET_IDENTITY - 1);
	exam_send(x, &c, &a);
	if (announced)
		exam_sw(x, a.sw, "GET IDENTITY (SUCI), which EF.UST has (125)", SW(SW_OK));
	else
		exam_check(x, a.sw != SW_OK,
			   "GET IDENTITY gives a SUCI, and EF.UST has no service 124 and 125");
}

static void isim_files(struct exam *x)
{
	static const struct {
		uint16_t fid;
		const char *name;
	} rows[] = {{FID_IMPI, "EF.IMPI"},
		    {FID_DOMAIN, "EF.DOMAIN"},
		    {FID_IMPU, "EF.IMPU"},
		    {FID_AD, "EF.AD"},
		    {FID_ARR_DF, "EF.ARR"}};
	struct apdu c = exam_command(COMMAND_SELECT, SELECT_AID, SELECT_RETURN_FCP, 256);
	struct exam_answer a;

	c.data = aid_of(AID_ISIM);
	if (!exam_sw(x, exam_send(x, &c, &a), "SELECT of the ISIM", SW(SW_OK)))
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		exam_select(x, rows[i].fid, &a);
		exam_check(x, a.sw == SW_OK, "%s is not there: %04X", rows[i].name, a.sw);
	}
}

#define USIM .needs = EXAM_UICC | EXAM_USIM
#define READ .needs = EXAM_UICC | EXAM_USIM | EXAM_PIN

static const struct exam_case cases[] = {
	{RULE("usim.mandatory-files", FINDING_ERROR, "TS 31.102 4.2, 4.7",
	      "the files that every USIM has are there"),
	 USIM, .run = mandatory_files},
	{RULE("usim.services", FINDING_ERROR, "TS 31.102 4.2.8",
	      "the files of the services in EF.UST are there"),
	 READ, .run = services},
	{RULE("usim.service-table", FINDING_ERROR, "TS 31.102 4.2.8",
	      "EF.UST has one octet at least, and a service"),
	 READ, .run = ust_length},
	{RULE("usim.imsi", FINDING_ERROR, "TS 31.102 4.2.2, TS 24.008 10.5.1.4",
	      "EF.IMSI has length, parity and up to 15 BCD digits"),
	 READ, .run = imsi},
	{RULE("usim.administrative-data", FINDING_ERROR, "TS 31.102 4.2.18",
	      "EF.AD has a mode that there is and a length of the MNC of 2 or 3"),
	 READ, .run = ad},
	{RULE("usim.access-classes", FINDING_ERROR, "TS 31.102 4.2.15, TS 22.011 4",
	      "EF.ACC has 2 octets, one class of 0 to 9 at least, and not class 10"),
	 READ, .run = acc},
	{RULE("usim.location", FINDING_ERROR, "TS 31.102 4.2.17, 4.2.23, 4.2.91",
	      "EF.LOCI, EF.PSLOCI and EF.EPSLOCI have their size and an update status that there "
	      "is"),
	 READ, .run = location},
	{RULE("usim.sizes", FINDING_ERROR, "TS 31.102 4.2", "files of a fixed form have its size"),
	 USIM, .run = sizes},
	{RULE("usim.msisdn", FINDING_ERROR, "TS 31.102 4.2.26",
	      "EF.MSISDN has records of 14 octets or more"),
	 USIM, .run = numbers},
	{RULE("usim.identity", FINDING_ERROR, "TS 31.102 7.5, 4.2.8",
	      "GET IDENTITY gives a SUCI if, and only if, EF.UST has services 124 and 125"),
	 READ, .run = identity},
	{RULE("usim.isim-files", FINDING_ERROR, "TS 31.103 4.2",
	      "the files that every ISIM has are there"),
	 .needs = EXAM_UICC | EXAM_ISIM, .run = isim_files},
};

EXAM_GROUP(usim, "USIM and ISIM", cases)
