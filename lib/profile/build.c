#include "lib/profile/build.h"

#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/auth/aka.h"
#include "lib/uicc/aid.h"
#include "lib/auth/sqn.h"
#include "lib/profile/pe.h"
#include "lib/profile/sealed.h"
#include "lib/profile/services.h"
#include "lib/profile/template/table.h"
#include "lib/uicc/fcp.h"
#include "lib/uicc/fid.h"
#include "lib/base/simtext.h"
#include "lib/base/tlv.h"

#define PROFILE_MAJOR	 2
#define PROFILE_MINOR	 3
#define ADF_FID		 0x7FF0
#define DESCRIPTOR_DF	 (UICC_SHAREABLE | UICC_DF)
#define DESCRIPTOR_TR	 (UICC_SHAREABLE | UICC_TRANSPARENT)
#define DESCRIPTOR_LF	 (UICC_SHAREABLE | UICC_LINEAR)
#define ARR_RECORD_LEN	 46
#define DIR_RECORD_LEN	 38
#define SPN_LEN		 (1 + PROFILE_SPN_MAX)
#define SFI_ICCID	 0x02 /* TS 102 221 13.2, 13.4 */
#define SFI_MF_ARR	 0x06
#define LABEL		 "USIM"
#define PIN_DISABLED	 6
#define ADM_TRIES	 0xAA
#define DEFAULT_NAME	 "Twinkey"
#define SPN_SHOW_NETWORK 0x01 /* TS 31.102 4.2.12: the name of the registered network, too */

/* TS 102 221 13.1: a record of EF.DIR */
enum key_reference { REF_PIN1 = 0x01, REF_ADM1 = 0x0A, REF_PUK1 = 0x01 };

/* TS 31.102 annex: behind the application's code country, provider, and the provider's own */
static const uint8_t usim_aid_end[] = {0xFF, 0x49, 0xFF, 0x05, 0x89};
/* 2.23.143.1.2.x: the templates of MF and of a USIM */
static const uint8_t oid_mf[] = {TEMPLATE_ARC, 1};
static const uint8_t oid_usim[] = {TEMPLATE_ARC, 4};
static const uint8_t pin_status[] = {REF_PIN1, REF_ADM1}; /* the second only where it is defined */

/* Annex A, 9.9: the access rules that the templates refer to, record by record */
static const char *const access_rules[] = {
	"8001019000 800102A406830101950108 800158A40683010A950108",
	"800101A406830101950108 80015AA40683010A950108",
	"80015BA40683010A950108",
	"8001019000 80011A9700 800140A40683010A950108",
	"800103A406830101950108 800158A40683010A950108",
	"800111A406830101950108 80014AA40683010A950108",
	"800103A406830101950108 800158A40683010A950108 840132A406830101950108",
	"800101A406830101950108 800102A406830181950108 800158A40683010A950108",
	"8001019000 80011AA406830101950108 800140A40683010A950108",
	"8001019000 80015AA40683010A950108",
	"8001019000 800118A40683010A950108 8001429700",
	"800101A406830101950108 80015A9700",
	"800113A406830101950108 800148A40683010A950108",
	"80015EA40683010A950108",
};

/* TS 31.102 4.2.8: service numbers, each with the files that it stands for. Some of these files the
 * template makes in any case. */
static const uint8_t services[] = {
	2,  /* fixed dialling numbers */
	10, /* short messages */
	12, /* short message parameters */
	19, /* service provider name */
	21, /* MSISDN */
	27, /* GSM access: DF.GSM-ACCESS, and Kc in the answer */
	33, /* always */
	34, /* enabled services table */
	38, /* GSM security context */
	71, /* equivalent home PLMN */
	85, /* EPS mobility management */
};

#define SERVICE_USER_PLMN 20 /* user controlled PLMN selector with access technology */

/* Files that the templates used here do not make, a table for each DF. */
struct extra_file {
	uint16_t fid;
	uint8_t descriptor, arr, record_len, size;
	uint8_t sfi;	  /* TS 31.102 annex H; 0: none */
	const char *fill; /* hex of content, FF after it */
};
static const struct extra_file adf_files[] = {
	{.fid = FID_MSISDN, .descriptor = DESCRIPTOR_LF, .arr = 2, .record_len = 24, .size = 24},
	{.fid = FID_EHPLMN, .descriptor = DESCRIPTOR_TR, .arr = 2, .size = 15, .sfi = 0x1D},
	{.fid = FID_LI, .descriptor = DESCRIPTOR_TR, .arr = 1, .size = 6, .sfi = 0x02},
};
static const struct extra_file network_files[] = {
	{.fid = FID_PLMN_USER,
	 .descriptor = DESCRIPTOR_TR,
	 .arr = 5,
	 .size = NETWORKS_PREFERRED_MAX * 5,
	 .sfi = 0x0A},
};
static const struct extra_file gsm_access_files[] = {
	{.fid = FID_KC,
	 .descriptor = DESCRIPTOR_TR,
	 .arr = 5,
	 .size = 9,
	 .sfi = 0x01,
	 .fill = "FFFFFFFFFFFFFFFF07"},
	{.fid = FID_KC_GPRS,
	 .descriptor = DESCRIPTOR_TR,
	 .arr = 5,
	 .size = 9,
	 .sfi = 0x02,
	 .fill = "FFFFFFFFFFFFFFFF07"},
};
static const struct extra_file gsm_files[] = {
	{.fid = FID_GSM_KC,
	 .descriptor = DESCRIPTOR_TR,
	 .arr = 5,
	 .size = 9,
	 .fill = "FFFFFFFFFFFFFFFF07"},
	/* TS 51.011 10.3.7, two bits a service: disabling of CHV1, SMS, MSISDN, SMSP, SPN */
	{.fid = FID_GSM_SST,
	 .descriptor = DESCRIPTOR_TR,
	 .arr = 2,
	 .size = 5,
	 .fill = "C300C30003"},
	{.fid = FID_GSM_PHASE, .descriptor = DESCRIPTOR_TR, .arr = 10, .size = 1, .fill = "03"},
};

struct building {
	struct wbuf *w;
	uint64_t next_id; /* PEHeader identification */
	struct slice pin_status;
};

static size_t pe_open(struct building *b, uint32_t tag, bool mandated)
{
	size_t mark = tlv_open(b->w, tag), header = tlv_open(b->w, PE_TAG_HEADER);

	if (mandated)
		tlv_put(b->w, PE_TAG_MANDATED, SLICE_EMPTY);
	tlv_put_uint(b->w, PE_TAG_IDENTIFICATION, b->next_id++);
	tlv_close(b->w, header);
	return mark;
}

static uint32_t service_of(const struct profile_spec *spec)
{
	if (spec->algorithm == AKA_TUAK)
		return spec->k.len == 32 ? SERVICE_TUAK256 : SERVICE_TUAK128;
	return spec->algorithm == AKA_XOR ? SERVICE_TEST_ALGORITHM : SERVICE_MILENAGE;
}

static void put_header(struct building *b, const struct profile_spec *spec)
{
	uint8_t iccid[PROFILE_ICCID_LEN] = {0}, plain[PROFILE_ICCID_LEN];
	size_t mark = tlv_open(b->w, PE_HEADER), list;

	if (profile_iccid(spec->iccid, iccid))
		wbuf_fail(b->w, ERR_VALUE);
	profile_iccid_swap(iccid, plain);
	tlv_put_uint(b->w, HEADER_TAG_MAJOR, PROFILE_MAJOR);
	tlv_put_uint(b->w, HEADER_TAG_MINOR, PROFILE_MINOR);
	tlv_put_str(b->w, HEADER_TAG_TYPE, *spec->name ? spec->name : DEFAULT_NAME);
	tlv_put(b->w, HEADER_TAG_ICCID, SLICE_OF(plain));
	list = tlv_open(b->w, HEADER_TAG_SERVICES);
	tlv_put(b->w, ASN1_CONTEXT(SERVICE_USIM), SLICE_EMPTY);
	tlv_put(b->w, ASN1_CONTEXT(service_of(spec)), SLICE_EMPTY);
	tlv_close(b->w, list);
	list = tlv_open(b->w, HEADER_TAG_TEMPLATES);
	tlv_put(b->w, ASN1_OID, SLICE_OF(oid_mf));
	tlv_put(b->w, ASN1_OID, SLICE_OF(oid_usim));
	tlv_close(b->w, list);
	tlv_close(b->w, mark);
}

static void put_u16(struct wbuf *w, uint32_t tag, uint16_t v)
{
	size_t mark = tlv_open(w, tag);

	wbuf_u16(w, v);
	tlv_close(w, mark);
}

static void put_descriptor(struct wbuf *w, uint8_t descriptor, uint16_t record_len)
{
	size_t mark = tlv_open(w, FCP_TAG_DESCRIPTOR);

	wbuf_u8(w, descriptor);
	wbuf_u8(w, UICC_DATA_CODING);
	if (record_len)
		wbuf_u16(w, record_len);
	tlv_close(w, mark);
}

/* efFileSize: as few octets as it takes */
static void put_size(struct wbuf *w, size_t size)
{
	size_t mark = tlv_open(w, FCP_TAG_SIZE);

	if (size > UINT8_MAX)
		wbuf_u16(w, (uint16_t)size);
	else
		wbuf_u8(w, (uint8_t)size);
	tlv_close(w, mark);
}

/* TS 102 221 11.1.1.4.8: in the upper five bits; empty: the file has none */
static void put_sfi(struct wbuf *w, uint8_t sfi)
{
	uint8_t coded = (uint8_t)(sfi << 3);

	tlv_put(w, FCP_TAG_SFI, slice_make(&coded, sfi ? 1 : 0));
}

/* A File whose size the template leaves open: Fcp and content. sfi 0: that of the template */
static void put_sized(struct wbuf *w, uint32_t tag, uint16_t record_len, uint8_t sfi,
		      struct slice content)
{
	size_t mark = tlv_open(w, tag), fcp = tlv_open(w, FILE_TAG_FCP);

	put_descriptor(w, record_len ? DESCRIPTOR_LF : DESCRIPTOR_TR, record_len);
	put_size(w, content.len);
	if (sfi)
		put_sfi(w, sfi);
	tlv_close(w, fcp);
	tlv_put(w, FILE_TAG_CONTENT, content);
	tlv_close(w, mark);
}

/* A File of the size that the template says */
static void put_content(struct wbuf *w, uint32_t tag, struct slice content)
{
	size_t mark = tlv_open(w, tag);

	tlv_put(w, FILE_TAG_CONTENT, content);
	tlv_close(w, mark);
}

static void put_arr(struct wbuf *w, uint32_t tag, uint8_t sfi)
{
	uint8_t mem[ARRAY_LEN(access_rules) * ARR_RECORD_LEN];
	struct wbuf rules = wbuf_init(mem, sizeof(mem));

	for (size_t i = 0; i < ARRAY_LEN(access_rules); i++) {
		if (hex_decode(access_rules[i], &rules))
			wbuf_fail(w, ERR_ENCODING);
		wbuf_fill(&rules, 0xFF, (i + 1) * ARR_RECORD_LEN - rules.len);
	}
	put_sized(w, tag, ARR_RECORD_LEN, sfi, wbuf_slice(&rules));
}

static void put_usim_aid(struct wbuf *w, uint32_t tag)
{
	struct slice application = aid_of(AID_USIM);

	tlv_put_header(w, tag, application.len + sizeof(usim_aid_end));
	wbuf_put(w, application);
	wbuf_put(w, SLICE_OF(usim_aid_end));
}

static void put_dir(struct wbuf *w)
{
	uint8_t mem[DIR_RECORD_LEN];
	struct wbuf record = wbuf_init(mem, sizeof(mem));
	size_t mark = tlv_open(&record, UICC_DIR_APPLICATION);

	put_usim_aid(&record, UICC_DIR_AID);
	tlv_put_str(&record, UICC_DIR_LABEL, LABEL);
	tlv_close(&record, mark);
	wbuf_fill(&record, 0xFF, sizeof(mem) - record.len);
	put_sized(w, MF_TAG_EF_DIR, DIR_RECORD_LEN, 0, wbuf_slice(&record));
}

static void put_iccid(struct wbuf *w, struct slice iccid)
{
	size_t mark = tlv_open(w, MF_TAG_EF_ICCID), fcp = tlv_open(w, FILE_TAG_FCP);

	put_sfi(w, SFI_ICCID);
	tlv_close(w, fcp);
	tlv_put(w, FILE_TAG_CONTENT, iccid);
	tlv_close(w, mark);
}

static void put_mf(struct building *b, const struct profile_spec *spec)
{
	uint8_t iccid[PROFILE_ICCID_LEN] = {0};
	size_t mark = pe_open(b, PE_MF, true), df, fcp;

	tlv_put(b->w, PE_TAG_TEMPLATE_ID, SLICE_OF(oid_mf));
	df = tlv_open(b->w, MF_TAG_MF);
	fcp = tlv_open(b->w, FILE_TAG_FCP);
	tlv_put(b->w, FCP_TAG_PIN_STATUS, b->pin_status);
	tlv_close(b->w, fcp);
	tlv_close(b->w, df);
	if (profile_iccid(spec->iccid, iccid))
		wbuf_fail(b->w, ERR_VALUE);
	put_iccid(b->w, SLICE_OF(iccid));
	put_dir(b->w);
	put_arr(b->w, MF_TAG_EF_ARR, SFI_MF_ARR);
	tlv_close(b->w, mark);
}

static void put_code(struct wbuf *w, uint32_t tag, const char *digits)
{
	size_t mark = tlv_open(w, tag), n = strlen(digits);

	wbuf_put(w, slice_str(digits));
	wbuf_fill(w, 0xFF, PROFILE_CODE_MAX - n);
	tlv_close(w, mark);
}

/* A default is not encoded: 10 attempts for a PUK, 3 for a PIN, which is enabled. */
static void put_puks(struct building *b, const struct profile_spec *spec)
{
	size_t mark, list, entry;

	if (!*spec->puk)
		return;
	mark = pe_open(b, PE_PUK_CODES, true);
	list = tlv_open(b->w, PUK_TAG_CODES);
	entry = tlv_open(b->w, ASN1_SEQUENCE);
	tlv_put_uint(b->w, PUK_TAG_REFERENCE, REF_PUK1);
	put_code(b->w, PUK_TAG_VALUE, spec->puk);
	tlv_close(b->w, entry);
	tlv_close(b->w, list);
	tlv_close(b->w, mark);
}

static void put_pins(struct building *b, const struct profile_spec *spec)
{
	size_t mark = pe_open(b, PE_PIN_CODES, true);
	size_t choice = tlv_open(b->w, PIN_TAG_CODES);
	size_t list = tlv_open(b->w, PIN_TAG_LIST), entry = tlv_open(b->w, ASN1_SEQUENCE);

	tlv_put_uint(b->w, PIN_TAG_REFERENCE, REF_PIN1);
	put_code(b->w, PIN_TAG_VALUE, *spec->pin ? spec->pin : "0000");
	if (*spec->puk)
		tlv_put_uint(b->w, PIN_TAG_PUK, REF_PUK1);
	if (!*spec->pin)
		tlv_put_uint(b->w, PIN_TAG_ATTRIBUTES, PIN_DISABLED);
	tlv_close(b->w, entry);
	if (*spec->adm) {
		entry = tlv_open(b->w, ASN1_SEQUENCE);
		tlv_put_uint(b->w, PIN_TAG_REFERENCE, REF_ADM1);
		put_code(b->w, PIN_TAG_VALUE, spec->adm);
		tlv_put_uint(b->w, PIN_TAG_TRIES, ADM_TRIES);
		tlv_close(b->w, entry);
	}
	tlv_close(b->w, list);
	tlv_close(b->w, choice);
	tlv_close(b->w, mark);
}

static void put_adf(struct building *b)
{
	size_t df = tlv_open(b->w, USIM_TAG_ADF), fcp = tlv_open(b->w, FILE_TAG_FCP);

	put_u16(b->w, FCP_TAG_FID, ADF_FID);
	put_usim_aid(b->w, FCP_TAG_DF_NAME);
	tlv_put(b->w, FCP_TAG_PIN_STATUS, b->pin_status);
	tlv_close(b->w, fcp);
	tlv_close(b->w, df);
}

static void put_spn(struct wbuf *w, const char *name)
{
	uint8_t mem[SPN_LEN];
	struct wbuf spn = wbuf_init(mem, sizeof(mem));

	wbuf_u8(&spn, SPN_SHOW_NETWORK);
	if (simtext_fill(slice_str(*name ? name : DEFAULT_NAME), PROFILE_SPN_MAX, &spn))
		wbuf_fail(w, ERR_VALUE);
	put_content(w, USIM_TAG_EF_SPN, wbuf_slice(&spn));
}

/* TS 31.102 4.2.15: one class of 0..9, from the last digit of the IMSI */
static void access_class(const char *imsi, uint8_t out[static 2])
{
	unsigned acc = 1u << (imsi[strlen(imsi) - 1] - '0');

	out[0] = (uint8_t)(acc >> 8);
	out[1] = (uint8_t)acc;
}

static void put_usim(struct building *b, const struct profile_spec *spec)
{
	static const uint8_t est[] = {0x00};
	static const uint8_t ecc[] = {0x11, 0xF2, 0xFF, 0x00, 0x19, 0xF1, 0xFF, 0x00};
	uint8_t imsi[9], acc[2], ust[14] = {0}, ad[] = {0, 0, 0, (uint8_t)spec->mnc_length};
	size_t mark = pe_open(b, PE_USIM, true);

	if (profile_imsi(spec->imsi, imsi))
		wbuf_fail(b->w, ERR_VALUE);
	access_class(spec->imsi, acc);
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		ust[(services[i] - 1) / 8] |= (uint8_t)(1u << (services[i] - 1) % 8);
	if (spec->networks)
		ust[(SERVICE_USER_PLMN - 1) / 8] |= (uint8_t)(1u << (SERVICE_USER_PLMN - 1) % 8);
	tlv_put(b->w, PE_TAG_TEMPLATE_ID, SLICE_OF(oid_usim));
	put_adf(b);
	put_content(b->w, USIM_TAG_EF_IMSI, SLICE_OF(imsi));
	put_arr(b->w, USIM_TAG_EF_ARR, 0);
	put_content(b->w, USIM_TAG_EF_UST, SLICE_OF(ust));
	put_spn(b->w, spec->name);
	put_content(b->w, USIM_TAG_EF_EST, SLICE_OF(est));
	put_content(b->w, USIM_TAG_EF_ACC, SLICE_OF(acc));
	put_content(b->w, USIM_TAG_EF_AD, SLICE_OF(ad));
	put_sized(b->w, USIM_TAG_EF_ECC, 4, 0, SLICE_OF(ecc));
	tlv_close(b->w, mark);
}

static void put_security(struct wbuf *w, uint16_t arr_fid, uint8_t record)
{
	size_t mark = tlv_open(w, FCP_TAG_SECURITY);

	wbuf_u16(w, arr_fid);
	wbuf_u8(w, record);
	tlv_close(w, mark);
}

static void create_df(struct building *b, uint16_t fid, uint16_t arr_fid)
{
	size_t fcp = tlv_open(b->w, GFM_TAG_CREATE);

	put_descriptor(b->w, DESCRIPTOR_DF, 0);
	put_u16(b->w, FCP_TAG_FID, fid);
	put_security(b->w, arr_fid, ARRAY_LEN(access_rules));
	tlv_put(b->w, FCP_TAG_PIN_STATUS, b->pin_status);
	tlv_close(b->w, fcp);
}

static void create_files(struct wbuf *w, const struct extra_file *files, size_t n, uint16_t arr_fid)
{
	for (size_t i = 0; i < n; i++) {
		const struct extra_file *f = &files[i];
		size_t fcp = tlv_open(w, GFM_TAG_CREATE), mark;

		put_descriptor(w, f->descriptor, f->record_len);
		put_u16(w, FCP_TAG_FID, f->fid);
		put_security(w, arr_fid, f->arr);
		put_size(w, f->size);
		put_sfi(w, f->sfi);
		tlv_close(w, fcp);
		if (f->fill) {
			mark = tlv_open(w, GFM_TAG_CONTENT);
			if (hex_decode(f->fill, w))
				wbuf_fail(w, ERR_ENCODING);
			tlv_close(w, mark);
		}
	}
}

static void put_path(struct wbuf *w, uint16_t df, uint16_t file)
{
	size_t mark = tlv_open(w, GFM_TAG_PATH);

	if (df)
		wbuf_u16(w, df);
	if (file)
		wbuf_u16(w, file);
	tlv_close(w, mark);
}

static void put_fill(struct wbuf *w, uint16_t fid, struct slice content)
{
	put_path(w, ADF_FID, fid);
	tlv_put(w, GFM_TAG_CONTENT, content);
}

/* What the subscription says of its telephone number and of networks */
static void put_contents(struct wbuf *w, const struct profile_spec *spec)
{
	uint8_t number[PROFILE_MSISDN_LEN], lists[NETWORKS_PREFERRED_MAX * 5];
	struct wbuf list = wbuf_init(lists, sizeof(lists));

	if (spec->msisdn) {
		if (profile_msisdn(spec->msisdn, number))
			wbuf_fail(w, ERR_VALUE);
		put_fill(w, FID_MSISDN, SLICE_OF(number));
	}
	if (!spec->networks)
		return;
	networks_put_preferred(&list, spec->networks);
	put_fill(w, FID_PLMN_USER, wbuf_slice(&list));
	wbuf_reset(&list);
	networks_put_forbidden(&list, spec->networks);
	put_fill(w, FID_FPLMN, wbuf_slice(&list));
}

/* The USIM's optional files, DF.GSM-ACCESS, and DF.GSM and DF.TELECOM for the 2G view */
static void put_extra_files(struct building *b, const struct profile_spec *spec)
{
	size_t mark = pe_open(b, PE_GENERIC_FILE_MANAGEMENT, true);
	size_t list = tlv_open(b->w, GFM_TAG_COMMANDS), steps = tlv_open(b->w, ASN1_SEQUENCE);

	put_path(b->w, ADF_FID, 0);
	create_files(b->w, adf_files, ARRAY_LEN(adf_files), FID_ARR_DF);
	if (spec->networks)
		create_files(b->w, network_files, ARRAY_LEN(network_files), FID_ARR_DF);
	create_df(b, FID_DF_GSM_ACCESS, FID_ARR_DF);
	put_path(b->w, ADF_FID,
		 FID_DF_GSM_ACCESS); /* not every reader selects the DF that it has just made */
	create_files(b->w, gsm_access_files, ARRAY_LEN(gsm_access_files), FID_ARR_DF);
	put_path(b->w, 0, 0);
	create_df(b, FID_DF_GSM, FID_ARR_MF);
	put_path(b->w, FID_DF_GSM, 0);
	create_files(b->w, gsm_files, ARRAY_LEN(gsm_files), FID_ARR_MF);
	put_path(b->w, 0, 0);
	create_df(b, FID_DF_TELECOM, FID_ARR_MF);
	put_contents(b->w, spec);
	tlv_close(b->w, steps);
	tlv_close(b->w, list);
	tlv_close(b->w, mark);
}

/* docs/adr/0004: the length of RES; MAC of 64, CK and IK of 128 bits */
static uint8_t algorithm_options(const struct profile_spec *spec)
{
	size_t res_len = spec->shape.res_len ? spec->shape.res_len : AKA_RES_DEFAULT;
	uint8_t res = res_len == 16 ? 2 : res_len == 8 ? 1 : 0;

	return spec->algorithm == AKA_TUAK ? (uint8_t)(res | 1u << 3) : res;
}

static void put_aka(struct building *b, const struct profile_spec *spec)
{
	unsigned ind_bits = aka_ind_bits(&spec->shape);
	uint8_t options = algorithm_options(spec);
	uint8_t sqn_options = (uint8_t)(PE_SQN_DELTA | (ind_bits + 1) << 4);
	size_t mark = pe_open(b, PE_AKA_PARAMETER, true);
	size_t choice = tlv_open(b->w, AKA_TAG_CONFIGURATION);
	size_t parameter = tlv_open(b->w, AKA_TAG_ALGORITHM);

	tlv_put_uint(b->w, AKA_TAG_ALGORITHM_ID, (uint64_t)spec->algorithm);
	tlv_put(b->w, AKA_TAG_OPTIONS, slice_make(&options, 1));
	tlv_put(b->w, AKA_TAG_KEY, spec->k);
	tlv_put(b->w, AKA_TAG_OPC, spec->algorithm == AKA_XOR ? SLICE_EMPTY : spec->opc);
	if (spec->algorithm == AKA_TUAK && spec->shape.iterations > 1)
		tlv_put_uint(b->w, AKA_TAG_KECCAK, spec->shape.iterations);
	tlv_close(b->w, parameter);
	tlv_close(b->w, choice);
	if (ind_bits != SQN_IND_BITS)
		tlv_put(b->w, AKA_TAG_SQN_OPTIONS, slice_make(&sqn_options, 1));
	tlv_close(b->w, mark);
}

/* Not mandated: a card that does not know the element skips it and keeps the first key. */
static void put_sealed(struct building *b, struct slice sealed)
{
	size_t mark = pe_open(b, PE_NON_STANDARD, false);

	tlv_put(b->w, NON_STANDARD_TAG_ISSUER, sealed_issuer());
	tlv_put(b->w, NON_STANDARD_TAG_CONTENT, sealed);
	tlv_close(b->w, mark);
}

static bool code_good(const char *code, size_t min)
{
	return !*code || profile_digits(code, min, PROFILE_CODE_MAX);
}

struct aka_parameters profile_spec_aka(const struct profile_spec *spec)
{
	return aka_parameters_of(spec->algorithm, spec->k, spec->opc, &spec->shape);
}

static enum err check_key(const struct profile_spec *spec)
{
	static const uint8_t any[32];
	struct aka_parameters p = profile_spec_aka(spec);
	struct aka_key *key = NULL;
	enum err e;

	if (spec->derived_octets && (p.k.len || spec->derived_octets > sizeof(any)))
		return ERR_KEY;
	if (spec->derived_octets) /* whichever it will be */
		p.k = slice_make(any, spec->derived_octets);
	e = aka_ind_bits(&spec->shape) <= SQN_IND_BITS_MAX ? aka_key_make(&p, &key) : ERR_VALUE;

	if (!e && p.res_len && p.res_len != 4 && p.res_len != 8 && p.res_len != 16)
		e = ERR_UNSUPPORTED; /* algorithmOptions has no more */
	aka_key_free(&key);
	return e;
}

enum err profile_spec_check(const struct profile_spec *spec)
{
	uint8_t imsi[9], name[PROFILE_SPN_MAX], number[PROFILE_MSISDN_LEN];
	struct wbuf spn = wbuf_init(name, sizeof(name));
	enum err e = profile_imsi(spec->imsi, imsi);

	if (!e && spec->msisdn)
		e = profile_msisdn(spec->msisdn, number);
	if (e || (spec->mnc_length != 2 && spec->mnc_length != 3) || !code_good(spec->pin, 4) ||
	    !code_good(spec->puk, PROFILE_CODE_MAX) || !code_good(spec->adm, 4))
		return ERR_VALUE;
	e = simtext_fill(slice_str(spec->name), PROFILE_SPN_MAX, &spn);
	return e ? e : check_key(spec);
}

enum err profile_build(const struct profile_spec *spec, struct slice sealed, struct wbuf *out)
{
	struct building b = {
		.w = out, .next_id = 1, .pin_status = slice_make(pin_status, *spec->adm ? 2 : 1)};
	enum err e = spec->derived_octets ? ERR_KEY : profile_spec_check(spec);

	if (e)
		return e;
	put_header(&b, spec);
	put_mf(&b, spec);
	put_puks(&b, spec);
	put_pins(&b, spec);
	put_usim(&b, spec);
	put_extra_files(&b, spec);
	put_aka(&b, spec);
	if (sealed.len)
		put_sealed(&b, sealed);
	tlv_close(out, pe_open(&b, PE_END, true));
	return wbuf_done(out);
}

enum err profile_build_patch(const struct profile_spec *spec, struct wbuf *out)
{
	static const uint8_t loci[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
				       0xFF, 0x00, 0x00, 0xFF, 0x01};
	static const uint8_t psloci[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
					 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0x01};
	static const uint8_t epsloci[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
					  0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x01};
	struct building b = {.w = out, .next_id = 1};
	uint8_t imsi[9], acc[2], ad[] = {0, 0, 0, (uint8_t)spec->mnc_length};
	enum err e = profile_spec_check(spec);
	size_t mark, list, steps;

	if (!e)
		e = profile_imsi(spec->imsi, imsi);
	if (e)
		return e;
	access_class(spec->imsi, acc);
	put_aka(&b, spec);
	mark = pe_open(&b, PE_GENERIC_FILE_MANAGEMENT, true);
	list = tlv_open(out, GFM_TAG_COMMANDS);
	steps = tlv_open(out, ASN1_SEQUENCE);
	put_fill(out, FID_IMSI, SLICE_OF(imsi));
	put_fill(out, FID_ACC, SLICE_OF(acc));
	put_fill(out, FID_AD, SLICE_OF(ad));
	put_fill(out, FID_LOCI, SLICE_OF(loci));
	put_fill(out, FID_PSLOCI, SLICE_OF(psloci));
	put_fill(out, FID_EPSLOCI, SLICE_OF(epsloci));
	put_contents(out, spec);
	tlv_close(out, steps);
	tlv_close(out, list);
	tlv_close(out, mark);
	return wbuf_done(out);
}
