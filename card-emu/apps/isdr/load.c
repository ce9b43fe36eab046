#include "card-emu/apps/isdr/load.h"

#include "card-emu/apps/isdr/info.h"
#include "card-emu/apps/isdr/notify.h"
#include "card-emu/apps/isdr/otkey.h"
#include "card-emu/apps/isdr/policy.h"
#include "card-emu/apps/isdr/state.h"
#include "card-emu/apps/isdr/stored.h"
#include "card-emu/core/signer.h"
#include "card-emu/profile/install.h"
#include "card-emu/profile/record.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/ec.h"
#include "lib/profile/interpret/interpret.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/es8p.h"

/* What a segment came to: 0, or the error that ends the installation. */
struct outcome {
	enum es10b_bpp_command command;
	uint32_t error; /* enum es10b_bpp_error, 0: none */
	bool installed;
	struct slice aid, report;
};

static void refuse_package(struct outcome *o, enum es10b_bpp_error error)
{
	o->error = error;
}

/* What the eUICC could not do is told apart from what is wrong with the package: that is error. */
static void refuse_package_for(struct outcome *o, enum err e, enum es10b_bpp_error error)
{
	switch (e) {
	case ERR_MEMORY:
	case ERR_SPACE:
	case ERR_FULL: refuse_package(o, ES10B_BPP_INSUFFICIENT_MEMORY); break;
	case ERR_CRYPTO:
	case ERR_IO: refuse_package(o, ES10B_BPP_UNKNOWN); break;
	default: refuse_package(o, error);
	}
}

/* SGP.22 2.5.6, table of error reasons: form against security. */
static void refuse_segment(struct outcome *o, enum err e)
{
	refuse_package_for(o, e,
			   e == ERR_MAC ? ES10B_BPP_SCP03T_SECURITY : ES10B_BPP_SCP03T_STRUCTURE);
}

/* The signed answer: built, and stored by the transaction that it belongs to. */
static enum err put_result(struct app_call *call, struct isdr *s, struct store_txn *t,
			   const struct outcome *o, uint32_t seq)
{
	struct wbuf data = wbuf_grow(STORE_VALUE_MAX);
	uint8_t signature[EC_SIGNATURE_LEN];
	struct es10b_installation_result m = {
		.transaction_id = isdr_transaction(s),
		.notification = {.seq = seq,
				 .event = RSP_EVENT_INSTALL,
				 .address = slice_str(s->server_address),
				 .iccid = s->has_iccid ? SLICE_OF(s->iccid) : SLICE_EMPTY},
		.smdp_oid = cert_rid(&s->dp_pb),
		.success = o->installed,
		.aid = o->aid,
		.sima_response = o->report,
		.command = o->command,
		.reason = (enum es10b_bpp_error)o->error,
	};
	enum err e;

	es10b_put_installation_data(&data, &m);
	m.data_raw = wbuf_slice(&data);
	e = wbuf_done(&data);
	if (!e)
		e = signer_sign(card_store(call->card), s->signer, &m.data_raw, 1, signature);
	if (!e) {
		m.signature = SLICE_OF(signature);
		es10b_put_installation_result(call->out, &m);
		e = wbuf_done(call->out);
	}
	/* failures without end must not fill what other profiles may need */
	if (!e && (o->installed || call->out->len <= isdr_free_octets(call->card)))
		isdr_put_note(t, seq, wbuf_slice(call->out));
	wbuf_free(&data);
	return e;
}

/* The failure is told and kept as a notification; the session is over. */
static uint16_t end_failed(struct app_call *call, struct isdr *s, const struct outcome *o)
{
	struct store_txn *t = store_begin(card_store(call->card));
	uint32_t seq = isdr_first_seq(call->card);
	enum err e;

	wbuf_cut(call->out, 0);
	e = put_result(call, s, t, o, seq);
	if (e)
		store_rollback(t);
	else
		isdr_put_next_seq(t, seq + 1);
	/* SGP.22 5.7.5: the same package may come again after a cause that passes */
	if (!e && o->error != ES10B_BPP_INTERRUPTION && o->error != ES10B_BPP_INSUFFICIENT_MEMORY)
		isdr_otkey_drop(t, s);
	isdr_end_session(s);
	if (e)
		return SW_TECHNICAL;
	return store_commit(t) ? SW_MEMORY_PROBLEM : SW_OK;
}

/* SGP.22 5.5.1: ES8+.InitialiseSecureChannel */
static void initialise(struct app_call *call, struct isdr *s, struct slice segment,
		       struct outcome *o)
{
	struct es8p_secure_channel m;
	struct wbuf tbs = wbuf_grow(512);
	struct secret *shared = NULL;
	struct slice signed_part;
	enum err e;

	if (es8p_parse_secure_channel(segment, &m)) {
		refuse_package(o, ES10B_BPP_INCORRECT_INPUT);
		return;
	}
	es8p_put_secure_channel_signed(&tbs, &m, ec_key_point(s->otsk));
	signed_part = wbuf_slice(&tbs);
	e = wbuf_done(&tbs);
	if (!e)
		e = ec_verify(s->dp_pb.curve, cert_point(&s->dp_pb), &signed_part, 1, m.signature);
	if (e)
		refuse_package_for(o, e, ES10B_BPP_INVALID_SIGNATURE);
	else if (m.remote_op != ES8P_INSTALL_BPP)
		refuse_package(o, ES10B_BPP_UNSUPPORTED_OPERATION);
	else if (!slice_equal(m.transaction_id, isdr_transaction(s)))
		refuse_package(o, ES10B_BPP_INVALID_TRANSACTION);
	else if (slice_at(m.key_type, 0) != ES8P_KEY_TYPE_AES ||
		 slice_at(m.key_len, 0) != ES8P_KEY_LEN)
		refuse_package(o, ES10B_BPP_UNSUPPORTED_CRT);
	if (!o->error) {
		e = ec_agree(s->otsk, m.smdp_otpk, &shared);
		if (!e)
			e = bsp_derive(secret_slice(shared),
				       &(struct bsp_shared_info){
					       ES8P_KEY_TYPE_AES, ES8P_KEY_LEN, m.host_id,
					       isdr_stored(call->card, STORE_KEY_EID)},
				       &s->bsp);
		if (e)
			refuse_package_for(o, e, ES10B_BPP_INCORRECT_INPUT);
	}
	secret_free(&shared);
	wbuf_free(&tbs);
	ec_key_free(&s->otsk); /* it served once in this session; the store has it for a retry */
	s->isdp = wbuf_grow(ISDR_METADATA_MAX);
	s->keys = wbuf_grow(ISDR_METADATA_MAX);
	s->metadata = wbuf_grow(ISDR_METADATA_MAX);
	s->package = wbuf_grow(ISDR_PACKAGE_MAX);
	s->stage = ISDR_KEYED;
}

static void open_package(struct app_call *call, struct isdr *s, struct slice header,
			 struct outcome *o)
{
	struct cursor c = cursor_of(header);
	uint32_t tag;

	(void)call;
	if (!tlv_header(&c, &tag, &s->package_left))
		refuse_package(o, ES10B_BPP_INCORRECT_INPUT);
	s->stage = ISDR_OPENED;
}

/* The header of A0, A1, A2 or A3. */
static void begin_sequence(struct app_call *call, struct isdr *s, struct slice header,
			   struct outcome *o)
{
	static const enum isdr_stage next[ISDR_STAGES] = {[ISDR_KEYED] = ISDR_ISDP,
							  [ISDR_CONFIGURED] = ISDR_METADATA,
							  [ISDR_DESCRIBED] = ISDR_KEYS,
							  [ISDR_REPLACED] = ISDR_ELEMENTS};
	struct cursor c = cursor_of(header);
	uint32_t tag;

	(void)call;
	if (!tlv_header(&c, &tag, &s->sequence_left) || !s->sequence_left ||
	    s->sequence_left > s->package_left)
		refuse_package(o, ES10B_BPP_SCP03T_STRUCTURE);
	s->stage = tag == RSP_BoundProfilePackage_sequenceOf86 ? ISDR_ELEMENTS : next[s->stage];
}

/* SGP.22 5.5.2: ES8+.ConfigureISDP, when it is complete */
static void configure(struct isdr *s, struct outcome *o)
{
	struct slice data = SLICE_EMPTY, oid = SLICE_EMPTY;
	enum err e = es8p_parse_configure_isdp(wbuf_slice(&s->isdp), &data);

	if (!e && data.ptr)
		e = es8p_parse_dp_proprietary(data, &oid);
	if (e || (data.ptr && !slice_equal(oid, cert_rid(&s->dp_pb))))
		refuse_package(o, ES10B_BPP_INCORRECT_INPUT);
	s->stage = ISDR_CONFIGURED;
}

/* SGP.22 5.5.3: ES8+.StoreMetadata, when it is complete */
static void check_metadata(struct card *card, struct isdr *s, struct outcome *o)
{
	struct es8p_metadata m;

	s->stage = ISDR_DESCRIBED;
	if (es8p_parse_metadata(wbuf_slice(&s->metadata), &m)) {
		refuse_package(o, ES10B_BPP_INCORRECT_INPUT);
		return;
	}
	s->has_iccid = slice_copy(m.iccid, s->iccid, sizeof(s->iccid)) == ERR_OK;
	if (profile_find(card_store(card), m.iccid, SLICE_EMPTY))
		refuse_package(o, ES10B_BPP_ICCID_EXISTS);
	else if (m.profile_class > ES10C_OPERATIONAL)
		refuse_package(o, ES10B_BPP_UNSUPPORTED_CLASS);
	else if (!isdr_policy_allows(card, &m))
		refuse_package(o, ES10B_BPP_PPR_NOT_ALLOWED);
	s->profile_class = m.profile_class;
}

/* SGP.22 5.5.4: ES8+.ReplaceSessionKeys, when it is complete */
static void replace_keys(struct isdr *s, struct outcome *o)
{
	struct es8p_session_keys m;

	if (es8p_parse_session_keys(wbuf_slice(&s->keys), &m) ||
	    bsp_replace_keys(s->bsp, m.ppk_enc, m.ppk_cmac, m.mac_chain))
		refuse_package(o, ES10B_BPP_INCORRECT_INPUT);
	wbuf_free(&s->keys);
	s->stage = ISDR_REPLACED;
}

/* One 86, 87 or 88 of its sequence: length accounted for, opened. True when it was the last. */
static bool next_of_sequence(struct isdr *s, struct slice segment, bool encrypted, struct wbuf *out,
			     struct outcome *o)
{
	struct cursor c = cursor_of(segment);
	uint32_t tag = tlv_peek(&c);
	enum err e = ERR_LENGTH;

	if (segment.len <= ES8P_SEGMENT_MAX && segment.len <= s->sequence_left)
		e = encrypted ? bsp_open(s->bsp, (uint8_t)tag, segment, out)
			      : bsp_open_mac_only(s->bsp, (uint8_t)tag, segment, out);
	if (e) {
		refuse_segment(o, e);
		return false;
	}
	s->sequence_left -= segment.len;
	return s->sequence_left == 0;
}

static void take_encrypted(struct app_call *call, struct isdr *s, struct slice segment,
			   struct outcome *o)
{
	bool keys = s->stage == ISDR_KEYS;

	(void)call;
	if (!next_of_sequence(s, segment, true, keys ? &s->keys : &s->isdp, o))
		return;
	if (keys)
		replace_keys(s, o);
	else
		configure(s, o);
}

static void take_metadata(struct app_call *call, struct isdr *s, struct slice segment,
			  struct outcome *o)
{
	if (next_of_sequence(s, segment, false, &s->metadata, o))
		check_metadata(call->card, s, o);
}

/* Everything that the profile is, into t. */
static enum err put_profile(struct isdr *s, struct store_txn *t, unsigned n,
			    const struct profile_record *r)
{
	char key[STORE_KEY_MAX + 1];
	struct slice dp = SLICE_EMPTY;
	enum err e = es8p_parse_configure_isdp(wbuf_slice(&s->isdp), &dp);

	if (e)
		return e;
	profile_put(t, n, r);
	isdr_key(key, STORE_KEY_META, n);
	store_put(t, key, wbuf_slice(&s->metadata));
	if (s->signer) {
		uint8_t signer = (uint8_t)s->signer;

		isdr_key(key, STORE_KEY_SIGNER, n);
		store_put(t, key, slice_make(&signer, 1));
	}
	if (dp.ptr) {
		isdr_key(key, STORE_KEY_DP, n);
		store_put(t, key, dp);
	}
	return ERR_OK;
}

/* The package interpreted into its place; o says why not. */
static void interpret(struct isdr *s, const struct install_place *place, struct profile_record *r,
		      struct outcome *o)
{
	enum err e;

	s->report = wbuf_grow(PROFILE_REPORT_MAX);
	if (s->profile_class == ES10C_TEST && !isdr_policy_test_keys(wbuf_slice(&s->package))) {
		refuse_package(o, ES10B_BPP_TEST_NAA_KEY);
		return;
	}
	e = install_profile(place, wbuf_slice(&s->package), r->iccid, &s->report);
	o->report = wbuf_slice(&s->report);
	if (e)
		refuse_package_for(o, e, ES10B_BPP_PE_PROCESSING);
	else if (!slice_equal(SLICE_OF(r->iccid), SLICE_OF(s->iccid)))
		refuse_package(o, ES10B_BPP_ICCID_MISMATCH);
}

/*
 * Interprets the package and commits profile, result and notifications in one transaction. On
 * failure nothing is in the store and o says why.
 */
static void install(struct app_call *call, struct isdr *s, struct outcome *o)
{
	struct profile_record r = {.state = PROFILE_DISABLED};
	struct isdr_event event = {wbuf_slice(&s->metadata), SLICE_OF(s->iccid), RSP_EVENT_INSTALL,
				   s->signer, s->server_address};
	uint32_t first = isdr_first_seq(call->card), seq = first + 1;
	unsigned n = profile_free_number(card_store(call->card));
	struct store_txn *t;
	enum err e;

	if (!n) {
		refuse_package(o, ES10B_BPP_INSUFFICIENT_MEMORY);
		return;
	}
	t = store_begin(card_store(call->card));
	interpret(s, &(struct install_place){t, n, card_without(call->card)}, &r, o);
	/* a small package may have large files */
	if (!o->error && store_txn_octets(t) > isdr_free_octets(call->card))
		refuse_package(o, ES10B_BPP_INSUFFICIENT_MEMORY);
	if (o->error) {
		store_rollback(t);
		return;
	}
	profile_make_aid(n, r.isdp_aid);
	o->aid = SLICE_OF(r.isdp_aid);
	o->installed = true;
	e = put_profile(s, t, n, &r);
	if (!e)
		e = put_result(call, s, t, o, first);
	if (!e)
		e = isdr_notify(call->card, t, &event, &seq);
	o->aid = SLICE_EMPTY;
	if (e) {
		store_rollback(t);
		refuse_package_for(o, e, ES10B_BPP_UNKNOWN);
	} else {
		isdr_put_next_seq(t, seq);
		isdr_otkey_drop(t, s);
		if (store_commit(t))
			refuse_package(o, ES10B_BPP_INSUFFICIENT_MEMORY);
	}
	o->installed = o->error == 0;
}

static void take_elements(struct app_call *call, struct isdr *s, struct slice segment,
			  struct outcome *o)
{
	(void)call;
	if (next_of_sequence(s, segment, true, &s->package, o))
		s->stage = ISDR_COMPLETE;
}

/* A member of a later version of BoundProfilePackage: EXTENSIBILITY IMPLIED. */
static void ignore(struct app_call *call, struct isdr *s, struct slice piece, struct outcome *o)
{
	(void)call, (void)s, (void)piece, (void)o;
}

#define IN(stage) (1u << (stage))

/*
 * A package as a stream of headers and of whole data objects. SGP.22 5.7.6 says which of them come
 * in one command; here any number of them may.
 */
static const struct row {
	uint32_t tag;
	bool header;	 /* tag and length only: what is in it follows */
	unsigned stages; /* in which it may come */
	void (*take)(struct app_call *call, struct isdr *s, struct slice piece, struct outcome *o);
} rows[] = {
	{SGP22_TAG_BOUND_PROFILE_PACKAGE, true, IN(ISDR_PREPARED), open_package},
	{SGP22_TAG_INITIALISE_SECURE_CHANNEL, false, IN(ISDR_OPENED), initialise},
	{RSP_BoundProfilePackage_firstSequenceOf87, true, IN(ISDR_KEYED), begin_sequence},
	{ES8P_TAG_ENCRYPTED, false, IN(ISDR_ISDP) | IN(ISDR_KEYS), take_encrypted},
	{RSP_BoundProfilePackage_sequenceOf88, true, IN(ISDR_CONFIGURED), begin_sequence},
	{ES8P_TAG_METADATA, false, IN(ISDR_METADATA), take_metadata},
	{RSP_BoundProfilePackage_secondSequenceOf87, true, IN(ISDR_DESCRIBED), begin_sequence},
	{RSP_BoundProfilePackage_sequenceOf86, true, IN(ISDR_DESCRIBED) | IN(ISDR_REPLACED),
	 begin_sequence},
	{ES8P_TAG_PROFILE, false, IN(ISDR_ELEMENTS), take_elements},
};

/* Between the members, not inside the sequences. */
static const struct row unknown = {0, false,
				   IN(ISDR_OPENED) | IN(ISDR_KEYED) | IN(ISDR_CONFIGURED) |
					   IN(ISDR_DESCRIBED) | IN(ISDR_REPLACED) |
					   IN(ISDR_COMPLETE),
				   ignore};

/* The command that the card waits for in each stage: an error names it. */
static const enum es10b_bpp_command commands[ISDR_STAGES] = {
	[ISDR_PREPARED] = ES10B_BPP_INITIALISE_SECURE_CHANNEL,
	[ISDR_OPENED] = ES10B_BPP_INITIALISE_SECURE_CHANNEL,
	[ISDR_KEYED] = ES10B_BPP_CONFIGURE_ISDP,
	[ISDR_ISDP] = ES10B_BPP_CONFIGURE_ISDP,
	[ISDR_CONFIGURED] = ES10B_BPP_STORE_METADATA,
	[ISDR_METADATA] = ES10B_BPP_STORE_METADATA,
	[ISDR_DESCRIBED] = ES10B_BPP_REPLACE_SESSION_KEYS,
	[ISDR_KEYS] = ES10B_BPP_REPLACE_SESSION_KEYS,
	[ISDR_REPLACED] = ES10B_BPP_LOAD_PROFILE_ELEMENTS,
	[ISDR_ELEMENTS] = ES10B_BPP_LOAD_PROFILE_ELEMENTS,
	[ISDR_COMPLETE] = ES10B_BPP_LOAD_PROFILE_ELEMENTS,
};

static const struct row *find_row(uint32_t tag, enum isdr_stage stage)
{
	bool known = !tag;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].tag == tag && rows[i].stages & IN(stage))
			return &rows[i];
		known = known || rows[i].tag == tag;
	}
	return !known && unknown.stages & IN(stage) ? &unknown : NULL;
}

/* The next header or data object of the command, accounted for in the package's length. */
static bool next_piece(struct isdr *s, struct cursor *c, const struct row *row, struct slice *piece)
{
	struct slice all = c->rest;
	uint32_t tag;
	size_t len;
	struct tlv t;
	bool good = false;

	if (row == &unknown)
		tlv_skip(c);
	else
		good = row->header ? tlv_header(c, &tag, &len) : tlv_next(c, &t);
	good = good || (row == &unknown && !c->err);
	*piece = slice_sub(all, 0, all.len - cursor_left(c));
	if (!good || row->tag == SGP22_TAG_BOUND_PROFILE_PACKAGE)
		return good;
	if (piece->len > s->package_left)
		return false;
	s->package_left -= piece->len;
	return s->package_left || !cursor_left(c);
}

static void take_next(struct app_call *call, struct isdr *s, struct cursor *c, struct outcome *o)
{
	uint32_t tag = tlv_peek(c);
	const struct row *row = find_row(tag, s->stage);
	struct slice piece;

	o->command = commands[s->stage];
	if (!row && tag == SGP22_TAG_BOUND_PROFILE_PACKAGE) /* the load begins anew */
		refuse_package(o, ES10B_BPP_INTERRUPTION);
	else if (!row)
		refuse_package(o, ES10B_BPP_INCORRECT_INPUT);
	else if (!next_piece(s, c, row, &piece))
		refuse_package(o, s->stage == ISDR_PREPARED || s->stage == ISDR_OPENED
					  ? ES10B_BPP_INCORRECT_INPUT
					  : ES10B_BPP_SCP03T_STRUCTURE);
	else
		row->take(call, s, piece, o);
}

bool isdr_load_ignores(const struct isdr *s)
{
	return unknown.stages & IN(s->stage);
}

/* SGP.22 5.7.6: one command of LoadBoundProfilePackage */
uint16_t isdr_load_segment(struct app_call *call, struct isdr *s, struct slice request)
{
	struct cursor c = cursor_of(request);
	struct outcome o = {0};

	if (s->stage < ISDR_PREPARED)
		return SW_CONDITIONS;
	while (!o.error && cursor_left(&c))
		take_next(call, s, &c, &o);
	/* SGP.22 5.7.6 ends with the last 86: what a later version adds may never be sent */
	if (!o.error && s->stage == ISDR_COMPLETE)
		install(call, s, &o);
	if (o.error)
		return end_failed(call, s, &o);
	if (o.installed)
		isdr_end_session(s);
	return wbuf_done(call->out) ? SW_MEMORY_PROBLEM : SW_OK;
}
