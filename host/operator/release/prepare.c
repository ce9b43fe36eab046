#include "host/operator/release/prepare.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/store/store.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/build.h"
#include "lib/profile/sealed.h"
#include "lib/rsp/es8p.h"
#include "lib/uicc/luhn.h"

#define ICCID_PREFIX	 "8900199"
#define PATCH_MAX	 4096
#define MNC_LENGTH	 2
#define SERVICE_PROVIDER "Twinkey"

/* NotificationEvent: install, enable, disable, delete (top bits first) */
#define EVENTS_ALL 0xF0000000u

char prepare_check_digit(const char *digits, size_t n)
{
	return (char)('0' + luhn_digit(digits, n));
}

enum err prepare_random_iccid(uint8_t iccid[static 10])
{
	uint8_t raw[11]; /* 18 digits without those of the prefix */
	char text[20];
	size_t n = strlen(ICCID_PREFIX);
	enum err e = random_bytes(raw, sizeof(raw));

	if (e)
		return e;
	memcpy(text, ICCID_PREFIX, n);
	for (size_t i = 0; n < 18; i++)
		text[n++] = (char)('0' + raw[i] % 10);
	text[18] = prepare_check_digit(text, 18);
	text[19] = 0;
	return profile_iccid(text, iccid);
}

static struct profile_spec spec_of(const struct subscriber *sub, int which,
				   const struct subscriber_keys *keys)
{
	struct profile_spec spec = {.mnc_length = MNC_LENGTH,
				    .algorithm = sub->algorithm[which],
				    .k = secret_slice(keys->k[which]),
				    .opc = secret_slice(keys->opc[which]),
				    .shape = keys->shape[which]};

	/* where one subscription says something, the other one's files are emptied of it */
	if (*sub->msisdn[0] || *sub->msisdn[1])
		spec.msisdn = sub->msisdn[which];
	if (!networks_are_none(&sub->networks[0]) || !networks_are_none(&sub->networks[1]))
		spec.networks = &sub->networks[which];
	profile_iccid_text(sub->iccid, spec.iccid);
	snprintf(spec.imsi, sizeof(spec.imsi), "%s", sub->imsi[which]);
	return spec;
}

enum err prepare_elements(const struct subscriber *sub, const struct subscriber_keys *keys,
			  struct wbuf *elements)
{
	struct profile_spec second = spec_of(sub, 1, keys);

	if (sub->modes.derived) { /* also where there is one by now */
		second.k = SLICE_EMPTY;
		second.derived_octets = sub->modes.derived;
	}
	return profile_build_patch(&second, elements);
}

enum err prepare_sealed(const struct subscriber *sub, uint32_t key_id,
			const struct subscriber_keys *keys, const struct ec_key *release_key,
			struct wbuf *sealed)
{
	struct sealed_fields fields = {.key_id = key_id,
				       .release_point = ec_key_point(release_key),
				       .in_memory_only = sub->modes.in_memory};
	struct wbuf patch;
	enum err e = slice_copy(SLICE_OF(sub->iccid), fields.iccid, sizeof(fields.iccid));

	if (e)
		return e;
	if (sub->modes.derived)
		return sealed_put_derived(&fields, sub->modes.derived, sealed);
	patch = wbuf_grow(PATCH_MAX);
	e = prepare_elements(sub, keys, &patch);
	if (!e)
		e = sealed_seal(&fields, secret_slice(keys->s), wbuf_slice(&patch), sealed);
	wbuf_free(&patch);
	return e;
}

enum err prepare_package(struct operator_store *s, const struct subscriber *sub,
			 const struct prepare_codes *codes, const struct ec_key *release_key,
			 struct wbuf *upp)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct subscriber_keys keys = {0};
	struct profile_spec first;
	enum err e = subscriber_keys_load(s, sub->id, &keys);

	if (!e)
		e = prepare_sealed(sub, sub->key_id, &keys, release_key, &sealed);
	if (!e) {
		first = spec_of(sub, 0, &keys);
		snprintf(first.pin, sizeof(first.pin), "%s", codes->pin);
		snprintf(first.puk, sizeof(first.puk), "%s", codes->puk);
		e = profile_build(&first, wbuf_slice(&sealed), upp);
	}
	subscriber_keys_free(&keys);
	wbuf_free(&sealed);
	return e;
}

enum err prepare_single(struct operator_store *s, const struct subscriber *sub,
			const struct prepare_choice *choice, struct wbuf *upp)
{
	struct subscriber_keys keys = {0};
	struct profile_spec spec;
	enum err e = choice->which == 1 || choice->which == 2
			     ? subscriber_keys_load(s, sub->id, &keys)
			     : ERR_VALUE;

	if (!e) {
		spec = spec_of(sub, choice->which - 1, &keys);
		profile_iccid_text(choice->iccid, spec.iccid);
		snprintf(spec.pin, sizeof(spec.pin), "%s", choice->codes->pin);
		snprintf(spec.puk, sizeof(spec.puk), "%s", choice->codes->puk);
		e = profile_build(&spec, SLICE_EMPTY, upp);
	}
	subscriber_keys_free(&keys);
	return e;
}

enum err prepare_metadata(const struct subscriber *sub, const uint8_t iccid[static 10],
			  const char *smdp_address, struct wbuf *out)
{
	uint8_t mem[256];
	struct wbuf config = wbuf_init(mem, sizeof(mem));
	struct es8p_metadata m = {
		.iccid = slice_make(iccid, 10),
		.service_provider = slice_str(SERVICE_PROVIDER),
		.profile_name = slice_str(*sub->name ? sub->name : "Two keys"),
	};

	es8p_put_notification_config(&config, EVENTS_ALL, slice_str(smdp_address));
	if (wbuf_done(&config))
		return wbuf_done(&config);
	m.notification_config = wbuf_slice(&config);
	es8p_put_metadata(out, &m);
	return wbuf_done(out);
}
