/* exchange: files of other programs, read, checked and written */
#include "tests/unit/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/exchange/complete.h"
#include "host/operator/exchange/convert.h"
#include "host/operator/exchange/formats.h"
#include "host/operator/exchange/record.h"
#include "host/operator/store/store.h"
#include "lib/auth/aka.h"

/* Test keys: 3GPP TS 35.207, set 1 (K, OP, OPc); TS 35.233, set 1 (TOPc). */
#define K    "465b5ce8b199b49faa5f0a2ee238a6bc"
#define OP   "cdc202d5123e20f62b6d676ac72cb318"
#define OPC  "cd63cb71954a9f4e48a5994e37a02baf"
#define TOPC "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff"
#define IMSI "001010000000001"

static struct exchange_list list;
static struct exchange_made made;

static const struct exchange_format *load(const char *text)
{
	const struct exchange_input in = {.path = "-", .text = slice_str(text)};
	const struct exchange_format *f = exchange_format_of(&in);

	exchange_list_free(&list);
	list.place = f ? f->place : NULL;
	if (f)
		ASSERT_ERR(f->read(&in, &list), ERR_OK);
	return f;
}

static void complete(const char *second, const char *prefix)
{
	const struct exchange_plan plan = {.second = second, .iccid_prefix = prefix};

	ASSERT_ERR(exchange_complete(&list, &plan, &made), ERR_OK);
}

/* "line 2, k: must ...|..." of faults or warnings */
static const char *notes(bool faults)
{
	static char all[4096];
	char one[EXCHANGE_NOTE_CAP];

	*all = 0;
	for (size_t i = 0; i < list.note_count; i++) {
		size_t n = strlen(all);

		if (list.notes[i].is_fault != faults)
			continue;
		exchange_note_text(&list, &list.notes[i], one);
		snprintf(all + n, sizeof(all) - n, "%s%s", n ? "|" : "", one);
	}
	return all;
}

static void same(const char *text, const char *want, const char *file)
{
	if (!strstr(text, want)) {
		fprintf(stderr, "%s: not in \"%s\": %s\n", file, text, want);
		CU_FAIL("another note");
	}
}

/* One subscriber of MILENAGE with this SQN, whatever the file. */
static const struct row {
	const char *name, *format, *text, *msisdn, *iccid;
	uint64_t sqn;
} rows[] = {
	{"open5gs, mongoexport", "open5gs",
	 "{\"_id\":{\"$oid\":\"61\"},\"imsi\":\"" IMSI "\",\"msisdn\":[\"49170\"],\"security\":{"
	 "\"k\":\"465B5CE8 B199B49F AA5F0A2E E238A6BC\",\"op\":null,\"opc\":\"" OPC
	 "\",\"amf\":\"8000\",\"sqn\":{\"$numberLong\":\"4097\"}}}\n",
	 "49170", "", 4097},
	{"open5gs, a list, OP", "open5gs",
	 "[ {\"imsi\": \"" IMSI "\", \"security\": {\"k\": \"" K "\", \"op\": \"" OP
	 "\", \"opc\": null, \"sqn\": 97}} ]",
	 "", "", 97},
	{"free5gc, webconsole", "free5gc",
	 "{\"plmnID\":\"00101\",\"ueId\":\"imsi-" IMSI "\",\"AuthenticationSubscription\":{"
	 "\"authenticationMethod\":\"5G_AKA\",\"permanentKey\":{\"permanentKeyValue\":\"" K
	 "\",\"encryptionKey\":0,\"encryptionAlgorithm\":0},\"sequenceNumber\":\"16f3b3f70fc2\","
	 "\"authenticationManagementField\":\"8000\",\"milenage\":{\"op\":{\"opValue\":\"" OP
	 "\"}},\"opc\":{\"opcValue\":\"\"}},\"AccessAndMobilitySubscriptionData\":{\"gpsis\":["
	 "\"msisdn-0900000000\"]}}",
	 "0900000000", "", UINT64_C(0x16f3b3f70fc2)},
	{"free5gc, collections, flat", "free5gc",
	 "{\"ueId\":\"imsi-" IMSI "\",\"gpsis\":[\"msisdn-49170\"],\"servingPlmnId\":\"00101\"}\n"
	 "{\"ueId\":\"imsi-" IMSI "\",\"authenticationMethod\":\"5G_AKA\",\"encPermanentKey\":\"" K
	 "\",\"encOpcKey\":\"" OPC "\",\"sequenceNumber\":{\"sqnScheme\":\"GENERAL\",\"sqn\":"
	 "\"000000000023\"}}\n",
	 "49170", "", 0x23},
	{"pyhss, two lists", "pyhss",
	 "[{\"auc_id\":7,\"ki\":\"" K "\",\"opc\":\"" OPC "\",\"amf\":\"8000\",\"sqn\":1500,"
	 "\"iccid\":\"8988211000000000017\",\"imsi\":\"" IMSI "\",\"esim\":false}]\n"
	 "[{\"subscriber_id\":1,\"imsi\":\"" IMSI "\",\"auc_id\":7,\"msisdn\":\"49170\"}]\n",
	 "49170", "8988211000000000017", 1500},
	{"pyhss, IMSI with the subscriber alone", "pyhss",
	 "[{\"subscriber_id\":1,\"imsi\":\"" IMSI "\",\"auc_id\":7,\"msisdn\":\"49170\"}]"
	 "[{\"auc_id\":7,\"ki\":\"" K "\",\"opc\":\"" OPC "\",\"sqn\":\"12\"}]",
	 "49170", "", 12},
	{"csv", "csv",
	 "OPC,imsi,K,sqn,iccid,MSISDN\r\n" OPC "," IMSI "," K
	 ",000000001001,8988211000000000017,+4917012\r\n",
	 "+4917012", "8988211000000000017", 0x1001},
	{"csv, semicolons, quotes, 0x, blanks", "csv",
	 "\xEF\xBB\xBFimsi;ki;op;sqn;name\n\"" IMSI "\";0x465b5ce8 b199b49f aa5f0a2e e238a6bc;\"" OP
	 "\";0x20;\"A \"\"lab\"\"; of\nmine\"\n\n",
	 "", "", 0x20},
	{"csv, tabs, pyhss's auc", "csv",
	 "auc_id\tki\topc\tamf\tsqn\timsi\tsim_vendor\n1\t" K "\t" OPC "\t8000\t100000000000\t" IMSI
	 "\tx\n",
	 "", "", UINT64_C(100000000000)},
};

static void test_forms(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		const struct exchange_format *f = load(r->text);
		const struct exchange_half *h;

		CU_ASSERT_FATAL(f != NULL);
		CU_ASSERT_STRING_EQUAL(f->name, r->format);
		complete(NULL, NULL);
		same(notes(true), "", r->name);
		CU_ASSERT_EQUAL(list.faults, 0);
		CU_ASSERT_EQUAL_FATAL(list.count, 1);
		h = &list.records[0].half[0];
		CU_ASSERT_STRING_EQUAL(h->imsi, IMSI);
		CU_ASSERT_STRING_EQUAL(list.records[0].half[1].imsi, IMSI);
		CU_ASSERT_STRING_EQUAL(h->msisdn, r->msisdn);
		if (*r->iccid)
			CU_ASSERT_STRING_EQUAL(list.records[0].iccid, r->iccid);
		CU_ASSERT_EQUAL(h->sqn, r->sqn);
		CU_ASSERT_EQUAL(h->algorithm, AKA_MILENAGE);
		ASSERT_OCTETS(exchange_key_slice(&h->k), test_unhex(K), r->name);
		ASSERT_OCTETS(exchange_key_slice(&h->opc), test_unhex(OPC), r->name);
		same(notes(false), "k: is a key that a standard prints", r->name);
	}
	load(rows[7].text);
	CU_ASSERT_STRING_EQUAL(list.records[0].name, "A \"lab\"; of\nmine");
	exchange_list_free(&list);
}

/* A list has faults that say what to do; *want: one of them. */
static const struct {
	const char *text, *want;
	size_t faults;
} wrong[] = {
	{"imsi,k,opc\n" IMSI "," K "," OPC "\n" IMSI "," K "," OPC "\n",
	 "line 3, imsi: is there twice (line 2 has it as well)", 1},
	{"imsi,k,opc\n1234," K "," OPC "\n", "line 2, imsi: must be 6 to 15 digits", 1},
	{"imsi,k,opc\n" IMSI ",46," OPC "\n" IMSI "," K ",zz\n",
	 "line 2, k: must have 32 hex digits", 3},
	{"imsi,k,opc\n" IMSI "," K "," OPC "\n" IMSI "," K ",zz\n", "line 3, opc: must be hex", 2},
	{"imsi,k\n" IMSI "," K "\n", "line 2, opc: is missing", 1},
	{"imsi,opc\n" IMSI "," OPC "\n", "line 2, k: is missing", 1},
	{"imsi,k,opc\n," K "," OPC "\n", "line 2, imsi: is missing", 1},
	{"imsi,k,opc,algorithm\n" IMSI "," K "," OPC ",comp128v1\n", "COMP128 has no sequence", 1},
	{"imsi,k,opc,algorithm\n" IMSI "," K "," OPC ",a3\n", "must be milenage, tuak or xor", 1},
	{"imsi,k,opc,algorithm\n" IMSI "," K "," OPC ",tuak\n", "k: does not fit the algorithm", 1},
	{"imsi,k,opc,sqn\n" IMSI "," K "," OPC ",281474976710656\n", "sqn: must be a number of 48",
	 1},
	{"imsi,k,opc,ind_bits\n" IMSI "," K "," OPC ",9\n", "ind_bits: is out of its range", 1},
	{"imsi,k,opc,iccid\n" IMSI "," K "," OPC ",12345\n", "iccid: must be 18 to 20 digits", 1},
	{"imsi,k,opc,k2\n" IMSI "," K "," OPC "," K "\n", "opc2: is missing beside k2", 1},
	{"imsi,k,opc,derived,k2\n" IMSI "," K "," OPC ",128," K "\n", "k2: stands beside derived",
	 1},
	{"imsi,k,opc,in_memory\n" IMSI "," K "," OPC ",yes\n", "imsi2: is the first one's", 1},
	{"imsi,k,opc,s\n" IMSI "," K "," OPC "," K "\n", "s: must have 64 hex digits", 1},
	{"imsi,k,opc\n" IMSI "," K "\n", "it has not as many fields", 1},
	{"imsi,k,opc\n" IMSI "," K "," OPC, "it has no line end", 1},
	{"imsi,k,opc\n" IMSI "," K ",\"" OPC "\n", "a quote is not closed", 1},
	{"imsi,k,k,opc\n" IMSI "," K "," K "," OPC "\n", "the header names this column twice", 1},
	{"[{\"imsi\":\"" IMSI "\",\"security\":{\"k\":\"" K "\",\"opc\":\"" OPC "\"}}",
	 "ends in the middle of a list", 1},
	{"{\"imsi\":\"" IMSI "\",\"security\":{\"k\":\"" K "\",\"opc\":\"" OPC
	 "\"}}\n{\"imsi\":\"0",
	 "document 2: is no JSON, or was cut", 1},
	{"{\"imsi\":\"" IMSI "\",\"security\":{\"k\":[1],\"opc\":\"" OPC "\"}}",
	 "document 1, security.k: must be a string", 1},
	{"{\"imsi\":\"" IMSI "\",\"security\":{}}", "document 1, k: is missing", 1},
	{"[{\"auc_id\":1,\"imsi\":\"" IMSI "\"}]", "enable_insecure_auc", 1},
	{"{\"ueId\":\"imsi-" IMSI "\",\"permanentKey\":{\"permanentKeyValue\":\"" K
	 "\",\"encryptionAlgorithm\":1}}",
	 "is encrypted", 1},
};

static void test_wrong(void)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CU_ASSERT_FATAL(load(wrong[i].text) != NULL);
		complete(NULL, NULL);
		same(notes(true), wrong[i].want, wrong[i].text);
		if (list.faults != wrong[i].faults)
			same("", notes(true), wrong[i].text);
		CU_ASSERT_PTR_NULL(strstr(notes(true), K)); /* no note has a value */
		CU_ASSERT_PTR_NULL(strstr(notes(true), OPC));
	}
	/* another shape, and a table without a header */
	CU_ASSERT_PTR_NULL(load("{\"a\":1}"));
	CU_ASSERT_PTR_NULL(load("[1,2,3]"));
	CU_ASSERT_PTR_NULL(load(""));
	CU_ASSERT_PTR_NULL(load(IMSI "," K "," OPC "\n"));
	exchange_list_free(&list);
}

/* However short a file was cut, nobody in it has a key or a number that was not written there. */
static void test_cut(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t whole = strlen(rows[i].text);

		for (size_t n = 0; n < whole; n++) {
			char *text = strndup(rows[i].text, n);

			if (load(text)) {
				complete(NULL, NULL);
				for (size_t j = 0; !list.faults && j < list.count; j++)
					CU_ASSERT_EQUAL(list.records[j].half[0].sqn, rows[i].sqn);
			}
			free(text);
		}
	}
	exchange_list_free(&list);
}

static void test_made(void)
{
	load("imsi,k,opc\n001010000000007," K "," OPC "\n001010000000008," K "," OPC "\n");
	complete("001010000000099", "8949");
	CU_ASSERT_EQUAL(list.faults, 0);
	CU_ASSERT_STRING_EQUAL(list.records[0].half[1].imsi, "001010000000099");
	CU_ASSERT_STRING_EQUAL(list.records[1].half[1].imsi, "001010000000100");
	/* prefix, the last 14 digits of the IMSI, Luhn's digit */
	CU_ASSERT_EQUAL(strlen(list.records[0].iccid), 19);
	CU_ASSERT_EQUAL(strncmp(list.records[0].iccid, "894901010000000007", 18), 0);
	CU_ASSERT_EQUAL(made.iccids, 2);
	CU_ASSERT_EQUAL(made.second_imsis, 2);
	CU_ASSERT_EQUAL(made.second_keys, 2);
	load("imsi,k,opc\n001010000000007," K "," OPC "\n001010000000008," K "," OPC "\n");
	complete("001010000000008", NULL);
	same(notes(true), "line 3, imsi: is there twice (line 2", "second IMSIs among the first");
	load("imsi,k,opc\n001010000000007," K "," OPC "\n001010000000008," K "," OPC "\n");
	complete("999999", NULL);
	same(notes(true), "line 3, imsi2: the numbers of --second have no more digits",
	     "no more digits");
	CU_ASSERT_EQUAL(exchange_complete(&list, &(struct exchange_plan){.second = "12"}, &made),
			ERR_VALUE);
	exchange_list_free(&list);
}

static void test_too_many(void)
{
	struct wbuf text = wbuf_grow(64u << 20);
	const struct exchange_input in = {.path = "-"};
	struct exchange_input all = in;

	wbuf_put(&text, slice_str("imsi,k,opc\n"));
	for (unsigned i = 0; i <= EXCHANGE_ROWS_MAX; i++) {
		char row[128];

		snprintf(row, sizeof(row), "%010u," K "," OPC "\n", i);
		wbuf_put(&text, slice_str(row));
	}
	all.text = wbuf_slice(&text);
	/* as many as may be: each gets an ICCID of its own */
	exchange_list_free(&list);
	all.text = slice_sub(all.text, 0, all.text.len - strlen("0000250000," K "," OPC "\n"));
	ASSERT_ERR(exchange_format_named("csv")->read(&all, &list), ERR_OK);
	complete(NULL, NULL);
	CU_ASSERT_EQUAL(list.faults, 0);
	CU_ASSERT_EQUAL(made.iccids, EXCHANGE_ROWS_MAX);
	all.text = wbuf_slice(&text);
	exchange_list_free(&list);
	ASSERT_ERR(exchange_format_named("csv")->read(&all, &list), ERR_OK);
	same(notes(true), "more than 250000 subscribers", "one too many");
	CU_ASSERT_EQUAL(list.faults, 1);
	wbuf_free(&text);
	exchange_list_free(&list);
}

/* What is written is read again: all but the step of SQN of those that keep the next one. */
static void test_written(void)
{
	for (size_t i = 0; i < exchange_format_count(); i++) {
		const struct exchange_format *f = exchange_format_at(i);
		const struct exchange_wish wish = {.with_keys = true};
		struct wbuf file = wbuf_grow(1 << 20), again = wbuf_grow(1 << 20);
		struct exchange_input in = {.path = "-"};

		if (!f->write || !f->is_text)
			continue;
		load("imsi,k,opc,sqn,iccid\n" IMSI "," K "," OPC ",64,8988211000000000017\n");
		complete(NULL, NULL);
		ASSERT_ERR(f->write(&list, &wish, &file), ERR_OK);
		in.text = wbuf_slice(&file);
		CU_ASSERT_PTR_EQUAL(exchange_format_of(&in), f);
		exchange_list_free(&list);
		list.place = f->place;
		ASSERT_ERR(f->read(&in, &list), ERR_OK);
		complete(NULL, NULL);
		CU_ASSERT_EQUAL(list.faults, 0);
		CU_ASSERT_EQUAL_FATAL(list.count, 1);
		CU_ASSERT_EQUAL(list.records[0].half[0].sqn, 64);
		ASSERT_ERR(f->write(&list, &wish, &again), ERR_OK);
		if (f->needs_keys || strcmp(f->name, "csv") == 0)
			ASSERT_OCTETS(wbuf_slice(&again), wbuf_slice(&file), f->name);
		wbuf_free(&file);
		wbuf_free(&again);
	}
	exchange_list_free(&list);
}

/* To the store's form and back; the program that keeps the next number gets one that was not used.
 */
static void test_converted(void)
{
	struct subscriber sub;
	struct subscriber_keys keys = {0};
	const struct exchange_source from = {.subscriber = &sub, .keys = &keys, .which = 1};

	load("imsi,imsi2,k,opc,algorithm,sqn,msisdn,key_id,k2,opc2,algorithm2,ind_bits,"
	     "derived\n" IMSI ",001010000000002," K "," TOPC
	     ",tuak,00000000fff0,4917,4294967295,,,,4,256\n");
	complete(NULL, NULL);
	CU_ASSERT_EQUAL(list.faults, 0);
	ASSERT_ERR(exchange_to_store(&list.records[0], &sub, &keys), ERR_OK);
	CU_ASSERT_EQUAL(sub.modes.derived, 32);
	CU_ASSERT_EQUAL(sub.key_id, UINT32_MAX); /* whatever is exported */
	CU_ASSERT_PTR_NULL(keys.k[1]);
	CU_ASSERT_EQUAL(secret_slice(keys.opc[1]).len, 32);
	CU_ASSERT_EQUAL(secret_slice(keys.s).len, SEALING_KEY_LEN);
	CU_ASSERT_EQUAL(keys.shape[1].ind_bits, 4);
	exchange_list_free(&list);
	ASSERT_ERR(exchange_from_store(&list, &exchange_osmo_hlr, &from), ERR_OK);
	CU_ASSERT_EQUAL(list.faults, 0);
	CU_ASSERT_EQUAL(list.records[0].half[0].sqn, 0xFFF0);
	exchange_list_free(&list);
	ASSERT_ERR(exchange_from_store(&list, &exchange_open5gs, &from), ERR_OK);
	same(notes(true), "algorithm: is TUAK", "open5gs");
	CU_ASSERT_TRUE(list.records[0].half[0].sqn >> 4 > 0xFFF);
	exchange_list_free(&list);
	subscriber_keys_free(&keys);
}

static const char *database(const char *sql)
{
	static char path[4096];
	sqlite3 *db = NULL;

	snprintf(path, sizeof(path), "%s/other.db", test_dir());
	remove(path);
	CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
	CU_ASSERT_EQUAL_FATAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	return path;
}

static const struct exchange_format *load_database(const char *path)
{
	const struct exchange_input in = {.path = path, .text = SLICE_OF(EXCHANGE_SQLITE_MAGIC)};
	const struct exchange_format *f = exchange_format_of(&in);

	exchange_list_free(&list);
	list.place = "row";
	if (f)
		ASSERT_ERR(f->read(&in, &list), ERR_OK);
	return f;
}

#define OSMO_TABLES                                                                                \
	"CREATE TABLE subscriber (id INTEGER PRIMARY KEY, imsi, msisdn);"                          \
	"CREATE TABLE auc_2g (subscriber_id INTEGER PRIMARY KEY, algo_id_2g, ki);"                 \
	"CREATE TABLE auc_3g (subscriber_id INTEGER PRIMARY KEY, algo_id_3g, k, op, opc, sqn"

static void test_databases(void)
{
	const struct exchange_half *h;

	/* of the first schema: no length of IND; a key for 2G beside, alone, and none */
	CU_ASSERT_PTR_EQUAL(
		load_database(
			database(OSMO_TABLES
				 ");INSERT INTO subscriber VALUES (4, '" IMSI "', '4917'),"
				 " (5, '001010000000005', NULL), (6, '001010000000006', NULL);"
				 "INSERT INTO auc_3g VALUES (4, 5, '" K "', '" OP "', NULL, 320);"
				 "INSERT INTO auc_2g VALUES (4, 1, '" K "'), (5, 1, '" K "')")),
		&exchange_osmo_hlr);
	complete(NULL, NULL);
	same(notes(true), "row 5, algo_id_2g: it has a key for 2G alone", "COMP128 alone");
	same(notes(false), "row 4, auc_2g: is not carried", "2G beside");
	same(notes(false), "row 6: it has no key, and is left out", "no key");
	CU_ASSERT_EQUAL(list.faults, 1);
	CU_ASSERT_EQUAL_FATAL(list.count, 1);
	h = &list.records[0].half[0];
	ASSERT_OCTETS(exchange_key_slice(&h->opc), test_unhex(OPC), "OPc of OP");
	CU_ASSERT_EQUAL(h->sqn, 320);
	CU_ASSERT_EQUAL(h->shape.ind_bits, 5);
	/* an algorithm and a length of IND that are none of ours */
	load_database(database(OSMO_TABLES ", ind_bitlen);INSERT INTO subscriber VALUES (1, '" IMSI
					   "', NULL);INSERT INTO auc_3g VALUES (1, 9, '" K
					   "', NULL, '" OPC "', 0, 28)"));
	same(notes(true), "row 1, algo_id_3g: is none of", "algorithm");
	same(notes(true), "row 1, ind_bitlen: is out of its range", "IND");
	CU_ASSERT_PTR_EQUAL(
		load_database(database(
			"CREATE TABLE auc (auc_id INTEGER PRIMARY KEY, ki, opc, amf, sqn, iccid, "
			"imsi);"
			"CREATE TABLE subscriber (subscriber_id INTEGER PRIMARY KEY, imsi, auc_id,"
			" msisdn); INSERT INTO auc VALUES (3, '" K "', '" OPC
			"', '8000', 77, '8988211000000000017', NULL);"
			"INSERT INTO subscriber VALUES (1, '" IMSI "', 3, '4917')")),
		&exchange_pyhss_sqlite);
	complete(NULL, NULL);
	CU_ASSERT_EQUAL(list.faults, 0);
	CU_ASSERT_EQUAL_FATAL(list.count, 1);
	CU_ASSERT_STRING_EQUAL(list.records[0].half[0].imsi, IMSI);
	CU_ASSERT_EQUAL(list.records[0].half[0].sqn, 77);
	CU_ASSERT_PTR_NULL(load_database(database("CREATE TABLE t (a)")));
	exchange_list_free(&list);
}

/* A database that was cut is none, wherever. */
static void test_cut_database(void)
{
	const char *path =
		database(OSMO_TABLES ", ind_bitlen);INSERT INTO subscriber VALUES (1, '" IMSI
				     "', NULL);INSERT INTO auc_3g VALUES (1, 5, '" K
				     "', NULL, '" OPC "', 320, 5)");
	FILE *file = fopen(path, "rb");
	static char image[1 << 16];
	size_t len = file ? fread(image, 1, sizeof(image), file) : 0;
	unsigned taken = 0;

	CU_ASSERT_FATAL(file && len > 4096);
	fclose(file);
	for (size_t n = 0; n < len; n += n < 200 || n > len - 200 ? 1 : 97) {
		const struct exchange_input in = {.path = path,
						  .text = SLICE_OF(EXCHANGE_SQLITE_MAGIC)};

		file = fopen(path, "wb");
		CU_ASSERT_EQUAL_FATAL(fwrite(image, 1, n, file), n);
		fclose(file);
		exchange_list_free(&list);
		list.place = "row";
		taken += exchange_osmo_hlr.read(&in, &list) == ERR_OK;
	}
	CU_ASSERT_EQUAL(taken, 0);
	exchange_list_free(&list);
}

/* Many at once, all or none, with a word in the log. */
static enum err make_record(void *ctx, size_t i, struct subscriber *sub,
			    struct subscriber_keys *keys)
{
	(void)ctx;
	return exchange_to_store(&list.records[i], sub, keys);
}

static bool count_row(void *ctx, const struct subscriber *sub)
{
	(void)sub;
	++*(unsigned *)ctx;
	return true;
}

static bool last_event(void *ctx, const struct log_entry *e)
{
	snprintf(ctx, 64, "%.20s %.40s", e->event, e->evidence);
	return true;
}

static void test_added(void)
{
	const struct subscriber_batch batch = {
		.count = 2, .make = make_record, .evidence = "two of them", .now = 1000};
	struct operator_store *s = NULL;
	struct log_check check;
	unsigned rows_now = 0;
	char event[64] = "";
	size_t at = 0;

	CU_ASSERT_FATAL(operator_store_create(test_dir(), NULL, &s) == ERR_OK);
	load("imsi,k,opc\n001010000000007," K "," OPC "\n001010000000007," K "," OPC "\n");
	complete(NULL, NULL);
	ASSERT_ERR(subscriber_add_all(s, &batch, &at), ERR_EXISTS);
	CU_ASSERT_EQUAL(at, 1);
	ASSERT_ERR(subscriber_each(s, count_row, &rows_now), ERR_OK);
	CU_ASSERT_EQUAL(rows_now, 0);
	load("imsi,k,opc\n001010000000007," K "," OPC "\n001010000000008," K "," OPC "\n");
	complete(NULL, NULL);
	ASSERT_ERR(subscriber_add_all(s, &batch, &at), ERR_OK);
	ASSERT_ERR(subscriber_each(s, count_row, &rows_now), ERR_OK);
	CU_ASSERT_EQUAL(rows_now, 2);
	ASSERT_ERR(log_each(s, 0, last_event, event), ERR_OK);
	CU_ASSERT_STRING_EQUAL(event, "import two of them");
	ASSERT_ERR(subscriber_note_export(s, "out", 1001), ERR_OK);
	ASSERT_ERR(log_each(s, 0, last_event, event), ERR_OK);
	CU_ASSERT_STRING_EQUAL(event, "export out");
	ASSERT_ERR(log_verify(s, &check), ERR_OK);
	CU_ASSERT_EQUAL(check.good, 2);
	operator_store_close(&s);
	exchange_list_free(&list);
}

TEST_SUITE(exchange, {"each form of each program, as one record", test_forms},
	   {"what is wrong is told, without a value", test_wrong},
	   {"a text that was cut anywhere", test_cut}, {"what a file lacks is made", test_made},
	   {"one more than are taken at once", test_too_many},
	   {"what is written is read again", test_written},
	   {"to the store and back", test_converted},
	   {"databases of osmo-hlr and PyHSS", test_databases},
	   {"a database that was cut anywhere", test_cut_database},
	   {"all of many, or none", test_added})
