#include "host/operator/exchange/convert.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/exchange/record.h"
#include "host/operator/store/store.h"
#include "lib/auth/sqn.h"
#include "lib/auth/tuak.h"

static struct secret *copy_or_random(const struct exchange_key *k, size_t octets)
{
	return k->len ? secret_copy(exchange_key_slice(k)) : random_secret(octets);
}

static size_t opc_len(enum aka_algorithm a)
{
	return a == AKA_TUAK ? TUAK_TOPC_LEN : 16;
}

/* The test algorithm has no OPc, and the store wants one: a random one, which is never used. */
static enum err take_keys(const struct exchange_record *r, struct subscriber_keys *keys)
{
	const struct exchange_half *first = &r->half[0], *second = &r->half[1];
	size_t k2_len = second->algorithm == AKA_TUAK ? first->k.len : 16;

	keys->k[0] = secret_copy(exchange_key_slice(&first->k));
	if (!r->modes.derived)
		keys->k[1] = copy_or_random(&second->k, k2_len);
	keys->s = copy_or_random(&r->s, SEALING_KEY_LEN);
	for (int i = 0; i < 2; i++) {
		const struct exchange_half *h = &r->half[i];

		keys->opc[i] = copy_or_random(&h->opc, opc_len(h->algorithm));
		keys->shape[i] = h->shape;
		keys->sqn[i] = h->sqn;
	}
	return keys->k[0] && (keys->k[1] || r->modes.derived) && keys->opc[0] && keys->opc[1] &&
			       keys->s
		       ? ERR_OK
		       : ERR_MEMORY;
}

enum err exchange_to_store(const struct exchange_record *r, struct subscriber *sub,
			   struct subscriber_keys *keys)
{
	struct subscriber_keys k = {0};
	enum err e;

	*sub = (struct subscriber){.key_id = r->key_id, .modes = r->modes};
	memcpy(sub->name, r->name, sizeof(sub->name));
	for (int i = 0; i < 2; i++) {
		memcpy(sub->imsi[i], r->half[i].imsi, sizeof(sub->imsi[i]));
		memcpy(sub->msisdn[i], r->half[i].msisdn, sizeof(sub->msisdn[i]));
		sub->algorithm[i] = r->half[i].algorithm;
	}
	e = profile_iccid(r->iccid, sub->iccid);
	if (!e)
		e = take_keys(r, &k);
	if (e)
		subscriber_keys_free(&k);
	else
		*keys = k;
	return e;
}

static void copy_secret(struct exchange_key *to, const struct secret *from)
{
	struct slice octets = secret_slice(from);

	to->len = octets.len <= sizeof(to->octets) ? octets.len : 0;
	if (to->len)
		memcpy(to->octets, octets.ptr, to->len);
}

static void fill_half(struct exchange_half *h, const struct exchange_source *from, int i)
{
	const struct subscriber *sub = from->subscriber;
	const struct subscriber_keys *keys = from->keys;

	memcpy(h->imsi, sub->imsi[i], sizeof(h->imsi));
	memcpy(h->msisdn, sub->msisdn[i], sizeof(h->msisdn));
	h->algorithm = sub->algorithm[i];
	h->shape = keys->shape[i];
	h->sqn = keys->sqn[i];
	h->has_sqn = true;
	copy_secret(&h->k, keys->k[i]);
	if (h->algorithm != AKA_XOR)
		copy_secret(&h->opc, keys->opc[i]);
}

static void check_one_key(struct exchange_list *l, const struct exchange_format *f,
			  const struct exchange_record *r)
{
	const struct exchange_half *h = &r->half[0];

	if (!h->k.len)
		exchange_fault(l, r->number, "k2",
			       "is not there: it is derived at the release (--subscription 1)");
	if (h->algorithm == AKA_TUAK && !f->has_tuak)
		exchange_fault(l, r->number, "algorithm", "is TUAK: that program has none");
	if (h->algorithm == AKA_XOR && !f->has_xor)
		exchange_fault(l, r->number, "algorithm", "is XOR: that program has none");
}

/* Who keeps the next number gets one that was not given out. */
static void step_over(struct exchange_half *h)
{
	uint64_t next;

	if (!sqn_take(h->sqn, aka_ind_bits(&h->shape), &next))
		h->sqn = next;
}

enum err exchange_from_store(struct exchange_list *l, const struct exchange_format *format,
			     const struct exchange_source *from)
{
	const struct subscriber *sub = from->subscriber;
	struct exchange_record *r = exchange_add(l, (unsigned)sub->id);

	if (!r)
		return l->err;
	memcpy(r->name, sub->name, sizeof(r->name));
	profile_iccid_text(sub->iccid, r->iccid);
	r->key_id = sub->key_id;
	if (format->has_one_key) {
		fill_half(&r->half[0], from, from->which - 1);
		check_one_key(l, format, r);
		if (format->wants_next)
			step_over(&r->half[0]);
		return l->err;
	}
	r->modes = sub->modes;
	fill_half(&r->half[0], from, 0);
	fill_half(&r->half[1], from, 1);
	if (r->modes.derived)
		r->half[1].k.len = 0;
	copy_secret(&r->s, from->keys->s);
	return l->err;
}
