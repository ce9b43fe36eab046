/*
 * osmo_hlr: the SQLite database of osmo-hlr, schemas 0 to 7. Its SQN is the last one that was given
 * out, as ours is.
 */
#include <stdio.h>

#include "host/operator/exchange/field.h"
#include "host/operator/exchange/format.h"
#include "host/operator/exchange/sqlite.h"
#include "lib/auth/sqn.h"
#include "lib/base/secret.h"

#define SCHEMA_NEWEST 7
#define SCHEMA_TUAK   7 /* from which on it has keys of 256 bits */
#define SCHEMA_MADE   6

/* enum osmo_auth_algo of libosmocore */
enum {
	OSMO_NONE,
	OSMO_COMP128V1,
	OSMO_COMP128V2,
	OSMO_COMP128V3,
	OSMO_XOR,
	OSMO_MILENAGE,
	OSMO_XOR_2G,
	OSMO_TUAK,
};

enum {
	COLUMN_IMSI = 1,
	COLUMN_MSISDN,
	COLUMN_ALGO_2G,
	COLUMN_ALGO_3G,
	COLUMN_K,
	COLUMN_OP,
	COLUMN_OPC,
	COLUMN_SQN,
	COLUMN_IND,
};

static const char rows[] =
	"SELECT s.id, s.imsi, s.msisdn, g.algo_id_2g, u.algo_id_3g, u.k, u.op, u.opc, u.sqn,"
	" u.ind_bitlen FROM subscriber s LEFT JOIN auc_2g g ON g.subscriber_id = s.id"
	" LEFT JOIN auc_3g u ON u.subscriber_id = s.id ORDER BY s.id";
/* The first ones had no length of IND. */
static const char rows_first[] =
	"SELECT s.id, s.imsi, s.msisdn, g.algo_id_2g, u.algo_id_3g, u.k, u.op, u.opc, u.sqn,"
	" 5 FROM subscriber s LEFT JOIN auc_2g g ON g.subscriber_id = s.id"
	" LEFT JOIN auc_3g u ON u.subscriber_id = s.id ORDER BY s.id";

static bool is_osmo_hlr(const struct exchange_input *in)
{
	return exchange_sqlite_is(in, "auc_3g");
}

static void read_algorithm(const struct exchange_row *row, struct exchange_half *h)
{
	switch (sqlite3_column_int(row->st, COLUMN_ALGO_3G)) {
	case OSMO_XOR: h->algorithm = AKA_XOR; break;
	case OSMO_MILENAGE: h->algorithm = AKA_MILENAGE; break;
	case OSMO_TUAK: h->algorithm = AKA_TUAK; break;
	default:
		exchange_fault(row->list, row->number, "algo_id_3g",
			       "is none of XOR (4), MILENAGE (5) and TUAK (7)");
	}
}

/* A subscriber without a key (they come by "subscriber-create-on-demand") is nobody who could be
 * served; one of COMP128 alone is somebody whom Twinkey cannot serve. */
static bool has_key(const struct exchange_row *row)
{
	int algo_2g = sqlite3_column_int(row->st, COLUMN_ALGO_2G);
	bool has = sqlite3_column_int(row->st, COLUMN_ALGO_3G) != OSMO_NONE;

	if (has && algo_2g != OSMO_NONE)
		exchange_warn(row->list, row->number, "auc_2g",
			      "is not carried: 2G is served with the key of 3G");
	else if (algo_2g != OSMO_NONE)
		exchange_fault(row->list, row->number, "algo_id_2g",
			       "it has a key for 2G alone (COMP128, XOR): give the card one for "
			       "MILENAGE or TUAK, or import a copy without this subscriber");
	else if (!has)
		exchange_warn(row->list, row->number, "", "it has no key, and is left out");
	return has;
}

static void read_joined(const struct exchange_row *row)
{
	struct exchange_record *r = has_key(row) ? exchange_add(row->list, row->number) : NULL;
	struct exchange_half *h = r ? &r->half[0] : NULL;
	struct field f;

	if (!r)
		return;
	read_algorithm(row, h);
	f = exchange_sqlite_field(row, COLUMN_IMSI, "imsi");
	field_imsi(&f, h->imsi);
	f = exchange_sqlite_field(row, COLUMN_MSISDN, "msisdn");
	field_msisdn(&f, h->msisdn);
	f = exchange_sqlite_field(row, COLUMN_K, "k");
	field_key(&f, &h->k);
	f = exchange_sqlite_field(row, COLUMN_OP, "op");
	field_key(&f, &h->op);
	f = exchange_sqlite_field(row, COLUMN_OPC, "opc");
	field_key(&f, &h->opc);
	f = exchange_sqlite_field(row, COLUMN_SQN, "sqn");
	field_sqn(&f, FIELD_DECIMAL, h);
	f = exchange_sqlite_field(row, COLUMN_IND, "ind_bitlen");
	field_uint(&f, SQN_IND_BITS_MAX, &h->shape.ind_bits);
	h->shape.has_ind_bits = true;
}

static enum err read_osmo_hlr(const struct exchange_input *in, struct exchange_list *out)
{
	sqlite3 *db = NULL;
	enum err e = exchange_sqlite_open(in->path, &db);

	if (!e && exchange_sqlite_version(db) > SCHEMA_NEWEST)
		exchange_warn(out, 0, "",
			      "it has a newer schema than 7, the last one that is known");
	if (!e)
		e = exchange_sqlite_each(
			db, exchange_sqlite_has(db, "auc_3g", "ind_bitlen") ? rows : rows_first,
			out, read_joined);
	exchange_sqlite_close(&db);
	if (!e && out->count)
		exchange_warn(out, 0, "",
			      "APNs, where a subscriber is, and which services it may use are not "
			      "carried");
	return e;
}

/* osmo-hlr's own tables (hlr.sql), which it would make with this schema. */
static const char schema[] =
	"CREATE TABLE subscriber (id INTEGER PRIMARY KEY, imsi VARCHAR(15) UNIQUE NOT NULL,"
	" msisdn VARCHAR(15) UNIQUE, imeisv VARCHAR, imei VARCHAR(14), vlr_number VARCHAR(15),"
	" msc_number VARCHAR(15), sgsn_number VARCHAR(15), sgsn_address VARCHAR,"
	" ggsn_number VARCHAR(15), gmlc_number VARCHAR(15), smsc_number VARCHAR(15),"
	" periodic_lu_tmr INTEGER, periodic_rau_tau_tmr INTEGER,"
	" nam_cs BOOLEAN NOT NULL DEFAULT 1, nam_ps BOOLEAN NOT NULL DEFAULT 1, lmsi INTEGER,"
	" ms_purged_cs BOOLEAN NOT NULL DEFAULT 0, ms_purged_ps BOOLEAN NOT NULL DEFAULT 0,"
	" last_lu_seen TIMESTAMP default NULL, last_lu_seen_ps TIMESTAMP default NULL,"
	" vlr_via_proxy VARCHAR, sgsn_via_proxy VARCHAR);"
	"CREATE TABLE subscriber_apn (subscriber_id INTEGER, apn VARCHAR(256) NOT NULL);"
	"CREATE TABLE subscriber_multi_msisdn (subscriber_id INTEGER, msisdn VARCHAR(15) NOT"
	" NULL);"
	"CREATE TABLE auc_2g (subscriber_id INTEGER PRIMARY KEY, algo_id_2g INTEGER NOT NULL,"
	" ki VARCHAR(32) NOT NULL);"
	"CREATE TABLE auc_3g (subscriber_id INTEGER PRIMARY KEY, algo_id_3g INTEGER NOT NULL,"
	" k VARCHAR(64) NOT NULL, op VARCHAR(64), opc VARCHAR(64), sqn INTEGER NOT NULL DEFAULT 0,"
	" ind_bitlen INTEGER NOT NULL DEFAULT 5);"
	"CREATE TABLE ind (ind INTEGER PRIMARY KEY, vlr TEXT NOT NULL, UNIQUE (vlr));"
	"CREATE UNIQUE INDEX idx_subscr_imsi ON subscriber (imsi);";

static int osmo_algorithm(enum aka_algorithm a)
{
	return a == AKA_TUAK ? OSMO_TUAK : a == AKA_XOR ? OSMO_XOR : OSMO_MILENAGE;
}

static void bind_hex(sqlite3_stmt *st, int at, const struct exchange_key *k)
{
	char text[2 * EXCHANGE_KEY_MAX + 1];

	hex_encode(exchange_key_slice(k), text, sizeof(text));
	if (k->len)
		sqlite3_bind_text(st, at, text, -1, SQLITE_TRANSIENT);
	secret_wipe(text, sizeof(text));
}

static int run_insert(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	sqlite3_clear_bindings(st);
	sqlite3_reset(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int write_subscriber(sqlite3_stmt *st, const struct exchange_half *h, int64_t id)
{
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_text(st, 2, h->imsi, -1, SQLITE_STATIC);
	if (*h->msisdn) /* of digits alone there */
		sqlite3_bind_text(st, 3, h->msisdn + (*h->msisdn == '+'), -1, SQLITE_STATIC);
	return run_insert(st);
}

/* osmo-hlr wants an OPc with XOR as well, which has none. */
static const struct exchange_key no_opc = {.len = 16};

static int write_keys(sqlite3_stmt *st, const struct exchange_half *h, int64_t id)
{
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int(st, 2, osmo_algorithm(h->algorithm));
	bind_hex(st, 3, &h->k);
	bind_hex(st, 4, h->algorithm == AKA_XOR ? &no_opc : &h->opc);
	sqlite3_bind_int64(st, 5, (int64_t)h->sqn);
	sqlite3_bind_int(st, 6, (int)aka_ind_bits(&h->shape));
	return run_insert(st);
}

static int write_rows(sqlite3 *db, struct exchange_list *l)
{
	sqlite3_stmt *subscriber = NULL, *keys = NULL;
	int code =
		sqlite3_prepare_v2(db, "INSERT INTO subscriber (id, imsi, msisdn) VALUES (?, ?, ?)",
				   -1, &subscriber, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(
			db,
			"INSERT INTO auc_3g (subscriber_id, algo_id_3g, k, opc, sqn, ind_bitlen)"
			" VALUES (?, ?, ?, ?, ?, ?)",
			-1, &keys, NULL);
	for (size_t i = 0; code == SQLITE_OK && i < l->count; i++) {
		const struct exchange_record *r = &l->records[i];

		code = write_subscriber(subscriber, &r->half[0], (int64_t)i + 1);
		if (code == SQLITE_CONSTRAINT) {
			exchange_fault(l, r->number, "msisdn",
				       "is another subscriber's too: osmo-hlr has a number once");
			code = SQLITE_OK;
		}
		if (code == SQLITE_OK)
			code = write_keys(keys, &r->half[0], (int64_t)i + 1);
	}
	sqlite3_finalize(subscriber);
	sqlite3_finalize(keys);
	return code;
}

static bool has_tuak(const struct exchange_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->records[i].half[0].algorithm == AKA_TUAK)
			return true;
	return false;
}

/* Made in memory: the file comes into being as a whole. */
static enum err write_osmo_hlr(struct exchange_list *l, const struct exchange_wish *wish,
			       struct wbuf *out)
{
	sqlite3 *db = NULL;
	sqlite3_int64 len = 0;
	unsigned char *image;
	char version[40];
	int code = sqlite3_open(":memory:", &db);

	(void)wish;
	snprintf(version, sizeof(version), "PRAGMA user_version = %d",
		 has_tuak(l) ? SCHEMA_TUAK : SCHEMA_MADE);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, version, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = write_rows(db, l);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	image = code == SQLITE_OK ? sqlite3_serialize(db, "main", &len, 0) : NULL;
	if (image) {
		wbuf_put(out, slice_make(image, (size_t)len));
		secret_wipe(image, (size_t)len);
	}
	sqlite3_free(image);
	sqlite3_close(db);
	return image					   ? wbuf_done(out)
	       : code == SQLITE_OK || code == SQLITE_NOMEM ? ERR_MEMORY
							   : ERR_IO;
}

const struct exchange_format exchange_osmo_hlr = {
	.name = "osmo-hlr",
	.title = "osmo-hlr",
	.place = "row",
	.needs_keys = true,
	.has_one_key = true,
	.has_tuak = true,
	.has_xor = true,
	.is_it = is_osmo_hlr,
	.read = read_osmo_hlr,
	.write = write_osmo_hlr,
};
