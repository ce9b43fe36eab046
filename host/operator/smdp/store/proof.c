#include "host/operator/smdp/store/proof.h"

#include "host/operator/audit/row.h"
#include "host/operator/smdp/store/own.h"

enum err smdp_proof_write(struct smdp_store *s, const struct smdp_proof *p, int64_t id, int64_t seq)
{
	uint8_t mac[SHA256_LEN];
	struct db_statement *st;
	enum err e = db_prepare(s->db, p->select, &st);

	if (e)
		return e;
	db_bind_int(st, 1, id);
	if (p->logged)
		db_bind_int(st, 2, seq);
	e = db_row(st);
	if (!e)
		e = row_mac(keyring_rows(s->keyring), p->label, st, p->columns, mac);
	db_done(st);
	if (!e)
		e = db_prepare(s->db, p->update, &st);
	if (e)
		return e;
	db_bind_int(st, 1, id);
	db_bind_bytes(st, 2, SLICE_OF(mac));
	if (p->logged)
		db_bind_int(st, 3, seq);
	return db_run(st);
}

enum err smdp_proof_check(struct smdp_store *s, const struct smdp_proof *p,
			  const struct db_statement *st)
{
	return row_check(keyring_rows(s->keyring), p->label, st, p->columns);
}
