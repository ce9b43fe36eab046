#include "tests/support/aka_key_of.h"

#include "host/operator/store/store.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"

enum err aka_key_of(struct operator_store *s, int64_t id, int sub, struct aka_key **out)
{
	struct subscriber_keys keys = {0};
	struct aka_parameters p;
	struct subscriber row;
	enum err e = subscriber_by_id(s, id, &row);

	if (!e)
		e = subscriber_keys_load(s, id, &keys);
	if (e)
		return e;
	p = aka_parameters_of(row.algorithm[sub - 1], secret_slice(keys.k[sub - 1]),
			      secret_slice(keys.opc[sub - 1]), &keys.shape[sub - 1]);
	e = aka_key_make(&p, out);
	subscriber_keys_free(&keys);
	return e;
}
