/* secret: SEC, keys and codes that the trace has in clear, in whatever form */
#include <openssl/crypto.h>
#include <string.h>

#include "lib/trace/audit/rule.h"
#include "lib/trace/audit/secrets.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/open.h"
#include "lib/trace/decode/place.h"
#include "lib/trace/search/search.h"
#include "lib/uicc/fid.h"

#define CHANNELS     20
#define FILES	     8 /* of a card whose records are looked at as one stream, at a time */
#define TOLD_MAX     8
#define CK_LEN	     16 /* TS 33.102 6.3.7; IK likewise */
#define SRES_LEN     4	/* of 2G, TS 51.011 9.2.16 */
#define KC_LEN	     8
#define SESSION_KEYS 3 /* CK, IK, Kc */
#define FILLER	     0xFF
#define WINDOW	     16 /* octets that may be a key */

enum {
	SECRET_KEY,
	SECRET_CODE,
	SECRET_CODE_SENT,
	SECRET_PUBLISHED,
	SECRET_FILE,
	SECRET_SESSION_KEY,
	SECRET_RANDOM,
	SECRET_REMARK,
};

static const struct finding_rule rules[] = {
	[SECRET_KEY] = RULE("SEC-01", ERROR, "3GPP TS 33.102 6.3; SGP.22 2.6",
			    "no key that was named as a secret is in the trace",
			    "The octets of the key stand there in clear, as they are or in another "
			    "form: whoever "
			    "has the trace, or could listen to the interface, has the key.",
			    "Replace the key on card and server. Find who sent it: keys go to a "
			    "card only under "
			    "secure messaging, in a bound package or sealed."),
	[SECRET_CODE] = RULE(
		"SEC-02", ERROR, "ETSI TS 102 221 9.5.1, 11.1.9",
		"no PIN, PUK or ADM that was named as a secret is sent but to be verified",
		"A code stands in clear in a command or answer that is no VERIFY, CHANGE, ENABLE, "
		"DISABLE or UNBLOCK: it is kept or sent where nothing protects it.",
		"Change the code, and find who put it there."),
	[SECRET_CODE_SENT] = RULE(
		"SEC-03", WARNING, "ETSI TS 102 221 11.1.9",
		"a PIN, PUK or ADM that was named as a secret is masked in the trace",
		"It was sent to be verified, as it has to be, and the trace has it in clear: "
		"whoever "
		"gets the trace gets the code.",
		"Change the code, or redact the trace before it is given on ('trace redact')."),
	[SECRET_PUBLISHED] = RULE(
		"SEC-04", ERROR, "3GPP TS 35.208; GSMA TS.48; GlobalPlatform 2.3.1 D.4",
		"no key that is published for tests is sent where no test is",
		"Everybody has this key: a card that gets it can be cloned or managed by anybody.",
		"Personalise the card with keys of its own, and rotate what was in use."),
	[SECRET_FILE] = RULE(
		"SEC-05", WARNING, "3GPP TS 31.102 4.2.3, 4.2.4, 4.4.3.1",
		"files that hold keys are not in the trace in clear",
		"The session keys or codes of a file were read or written, and the trace has them: "
		"what was said over the air under them can be deciphered.",
		"Mask the trace ('trace redact'); let the network authenticate anew."),
	[SECRET_SESSION_KEY] =
		RULE("SEC-06", ERROR, "3GPP TS 33.102 6.3.3",
		     "a session key that AUTHENTICATE answered goes to no file but those for keys",
		     "CK, IK or Kc came back over the interface in a command or answer that has no "
		     "business "
		     "with it: a program on the host copies session keys.",
		     "Find which program sent the command; session keys are of the modem alone."),
	[SECRET_RANDOM] = RULE(
		"SEC-07", WARNING, "3GPP TS 31.102 4.2; ETSI TS 102 221 13",
		"what stands in a field for names, numbers and networks is no key",
		"Sixteen octets look drawn by chance where text or digits belong: a key or a "
		"ciphered "
		"value is hidden there, or the field is misused.",
		"Compare them with the keys of this card ('--secrets'), and find who wrote them."),
	[SECRET_REMARK] =
		RULE("SEC-08", ERROR, "docs/trace.md",
		     "no secret is in what the trace has beside its exchanges",
		     "A broken line, a remark, or what a program wrote into its log between "
		     "exchanges, has the secret in clear.",
		     "Replace the secret; keep this log from others."),
};

/* What is searched at the moment, for whom a match is told. */
struct looking {
	struct audit_run *run;
	const struct audit_step *step; /* NULL: beside the exchanges */
	struct audit_spot at;
	struct slice piece;	 /* of the stream */
	unsigned told[TOLD_MAX]; /* needles that were told of this place already */
	unsigned told_count;
};

struct secret {
	struct looking look;
	struct search_stream *sent[CHANNELS], *answered[CHANNELS], *beside, *words;
	struct secret_file {
		struct search_stream *stream;
		uint16_t fid, directory;
	} files[FILES];
	unsigned next_file;
	struct session_key {
		uint8_t octets[CK_LEN];
		uint8_t len;
	} session[SESSION_KEYS];
};

/* Given and published secrets */

static bool names_code(const struct audit_secrets *s, unsigned needle)
{
	switch (needles_at(s->given, needle)->kind) {
	case NEEDLE_PIN:
	case NEEDLE_PUK:
	case NEEDLE_ADM: return true;
	default: return false;
	}
}

/* VERIFY and its kin, for which codes are made. */
static bool verifies(const struct audit_step *s)
{
	return s && s->item->command && s->item->command->secret == COMMAND_HIDES_DATA;
}

static void find_given(const struct looking *l, const struct audit_secrets *secrets,
		       const struct search_match *m)
{
	const struct needle *n = needles_at(secrets->given, m->needle);
	bool code = names_code(secrets, m->needle);
	const struct finding_rule *rule = &rules[code ? SECRET_CODE : SECRET_KEY];
	char form[SEARCH_FORM_TEXT_MAX];

	search_form_text(m->form, form);
	if (!l->step)
		rule = &rules[SECRET_REMARK];
	else if (code && verifies(l->step))
		rule = &rules[SECRET_CODE_SENT];
	audit_find(l->run, rule, &l->at, "%s %s, as %s, %s", needle_kind_name(n->kind), n->name,
		   form, l->step ? l->step->item->name : "beside the exchanges");
}

/* Some published keys count up, as the numbers of records do: what goes on counting is no key. */
static bool only_counts(const struct looking *l, const struct search_match *m)
{
	uint8_t first = slice_at(l->piece, m->from.at), last = slice_at(l->piece, m->to.at);

	if (l->step && l->step->id == COMMAND_SEARCH_RECORD)
		return true;
	if ((uint8_t)(last - first) != m->to.at - m->from.at)
		return false;
	return (m->from.at && slice_at(l->piece, m->from.at - 1) == (uint8_t)(first - 1)) ||
	       (m->to.at + 1 < l->piece.len &&
		slice_at(l->piece, m->to.at + 1) == (uint8_t)(last + 1));
}

static void take_match(void *ctx, const struct search_match *m)
{
	struct looking *l = ctx;
	const struct audit_secrets *secrets = audit_given(l->run)->secrets;
	const char *published = audit_secrets_published(m->needle);

	if (published && only_counts(l, m))
		return;
	for (unsigned i = 0; i < l->told_count; i++) {
		if (l->told[i] == m->needle)
			return;
	}
	if (l->told_count < TOLD_MAX)
		l->told[l->told_count++] = m->needle;
	if (!published)
		find_given(l, secrets, m);
	else if (l->step && audit_claims_production(l->run, l->step->card))
		audit_find(l->run, &rules[SECRET_PUBLISHED], &l->at, "%s, %s", published,
			   l->step->item->name);
}

/* Published keys are of interest in what claims to be no test alone. */
static bool is_asked_for(const struct looking *l, const struct audit_secrets *secrets)
{
	return secrets &&
	       (secrets->given || (l->step && audit_claims_production(l->run, l->step->card)));
}

static void look_into(struct secret *s, struct search_stream **stream, struct slice octets)
{
	const struct audit_secrets *secrets = audit_given(s->look.run)->secrets;
	const struct search_sink sink = {take_match, &s->look};

	enum err e = ERR_OK;

	if (!octets.len || !is_asked_for(&s->look, secrets))
		return;
	if (!*stream)
		e = search_stream_open(secrets->search, &sink, stream);
	if (e) {
		audit_trouble(s->look.run, e);
		return;
	}
	s->look.piece = octets;
	search_feed(*stream, octets, &s->look.at.place);
}

/* What a file holds comes with these alone: SELECT and STATUS answer something else of it. */
static bool is_content(enum command_id id)
{
	switch (id) {
	case COMMAND_READ_BINARY:
	case COMMAND_UPDATE_BINARY:
	case COMMAND_READ_RECORD:
	case COMMAND_UPDATE_RECORD:
	case COMMAND_GSM_READ_BINARY:
	case COMMAND_GSM_UPDATE_BINARY:
	case COMMAND_GSM_READ_RECORD:
	case COMMAND_GSM_UPDATE_RECORD: return true;
	default: return false;
	}
}

/* The stream of a file, on whatever channel it comes, so that a value is found whose parts are in
 * records. */
static struct search_stream **stream_of(struct secret *s, const struct audit_step *step)
{
	const struct place *p = step->item->view.place;
	uint16_t directory = p->path[p->depth - 1];
	struct secret_file *f;

	for (unsigned i = 0; i < FILES; i++) {
		f = &s->files[i];
		if (f->stream && f->fid == p->ef && f->directory == directory)
			return &f->stream;
	}
	f = &s->files[s->next_file++ % FILES];
	if (f->stream)
		search_break(f->stream);
	f->fid = p->ef;
	f->directory = directory;
	return &f->stream;
}

/* A length that does not fit hides nothing from who listens. */
static struct slice secret_sent(const struct exchange *x)
{
	return x->malformed ? x->raw : x->apdu.data;
}

static struct slice secret_content(const struct audit_step *s)
{
	return s->x->apdu.data.len ? s->x->apdu.data : s->x->answer;
}

/* Records are filled up with FF: what is parted by that belongs together. */
static struct slice without_filler(struct slice record)
{
	while (record.len && slice_at(record, record.len - 1) == FILLER)
		record.len--;
	return record;
}

static void look_for_given(struct secret *s, const struct audit_step *step)
{
	const struct exchange *x = step->x;

	s->look.told_count = 0;
	look_into(s, &s->sent[x->channel % CHANNELS], secret_sent(x));
	look_into(s, &s->answered[x->channel % CHANNELS], x->answer);
	if (step->item->view.place->has_ef && is_content(step->id) &&
	    audit_given(s->look.run)->secrets->given)
		look_into(s, stream_of(s, step), without_filler(secret_content(step)));
}

/* Session keys, TS 31.102 7.1.2.1: what AUTHENTICATE answered */

static void keep_key(struct secret *s, unsigned at, struct slice key)
{
	s->session[at].len = 0;
	if (key.len && key.len <= CK_LEN && !open_is_masked(key) && !slice_is_zero(key) &&
	    !slice_copy(key, s->session[at].octets, key.len))
		s->session[at].len = (uint8_t)key.len;
}

static void learn_keys(struct secret *s, const struct audit_step *step)
{
	struct cursor c = cursor_of(step->x->answer);

	if (step->id == COMMAND_GSM_RUN_ALGORITHM && step->x->answer.len == SRES_LEN + KC_LEN) {
		keep_key(s, 0, slice_sub(step->x->answer, SRES_LEN, KC_LEN));
		return;
	}
	if (step->id != COMMAND_AUTHENTICATE || cursor_u8(&c) != AUTHENTICATE_SUCCESS)
		return;
	(void)cursor_take(&c, cursor_u8(&c)); /* RES */
	for (unsigned i = 0; i < SESSION_KEYS; i++) {
		size_t len = cursor_u8(&c);

		keep_key(s, i, cursor_take(&c, len));
	}
}

static bool has_octets(struct slice in, const struct session_key *k)
{
	return k->len && in.len && memmem(in.ptr, in.len, k->octets, k->len) != NULL;
}

static void look_for_session_keys(struct secret *s, const struct audit_step *step)
{
	static const char *const names[] = {"CK or Kc", "IK", "Kc"};
	const struct exchange *x = step->x;

	if (step->item->command && step->item->command->secret == COMMAND_HIDES_ANSWER)
		return;
	if (ef_has_secret(step->item->view.ef))
		return; /* EF.Keys and its kin are for them */
	for (unsigned i = 0; i < SESSION_KEYS; i++) {
		if (has_octets(secret_sent(x), &s->session[i]) ||
		    has_octets(x->answer, &s->session[i]))
			audit_find(s->look.run, &rules[SECRET_SESSION_KEY], &step->spot, "%s, %s",
				   names[i], step->item->name);
	}
}

/* Files of keys, and keys in other files */

/* Key files are FF when there is nothing in them, and in a masked trace; the first octet of EF.Keys
 * is the identifier of the set. */
static void look_at_file(struct audit_run *r, const struct audit_step *s)
{
	struct slice v = secret_content(s), behind = slice_sub(v, 1, v.len);

	if (ef_has_secret(s->item->view.ef) && v.len > 1 && !open_is_masked(behind) &&
	    !slice_is_zero(behind))
		audit_find(r, &rules[SECRET_FILE], &s->spot, "%s, %s", s->item->name,
			   s->item->view.ef->name);
}

static bool is_text(uint8_t octet)
{
	return octet >= ' ' && octet < 0x7F;
}

static bool is_digits(uint8_t octet)
{
	return ((octet & 15) <= 9 || (octet & 15) == 15) && (octet >> 4 <= 9 || octet >> 4 == 15);
}

/*
 * Octets that were drawn by chance: of 16 at most two are there already (in all but 2 of 100 keys),
 * about half of their bits are 1, and they are no text, digits, or steps of a counter.
 */
static bool looks_random(const uint8_t w[static WINDOW])
{
	unsigned seen[8] = {0}, distinct = 0, ones = 0, text = 0, digits = 0, steps = 0;

	for (unsigned i = 0; i < WINDOW; i++) {
		unsigned bit = 1u << (w[i] & 31);

		distinct += !(seen[w[i] >> 5] & bit);
		seen[w[i] >> 5] |= bit;
		ones += (unsigned)__builtin_popcount(w[i]);
		text += is_text(w[i]);
		digits += is_digits(w[i]);
		steps += i && (uint8_t)(w[i] - w[i - 1]) == (uint8_t)(w[1] - w[0]);
	}
	return distinct >= 14 && ones >= 46 && ones <= 82 && text <= 12 && digits <= 12 &&
	       steps < 5;
}

/* Files of text, digits, networks and numbers. */
static bool is_plain(const struct audit_step *s)
{
	switch (s->item->view.place->ef) {
	case FID_ICCID:
	case FID_IMSI:
	case FID_MSISDN:
	case FID_FDN:
	case FID_SDN:
	case FID_SPN:
	case FID_PNN:
	case FID_OPL:
	case FID_SMSP:
	case FID_ECC:
	case FID_LI:
	case FID_PL:
	case FID_FPLMN:
	case FID_EHPLMN:
	case FID_PLMN_USER:
	case FID_PLMN_OPERATOR:
	case FID_PLMN_HOME: return s->item->view.ef != NULL;
	default: return false;
	}
}

static void look_for_random(struct audit_run *r, const struct audit_step *s)
{
	struct slice v = secret_content(s);

	if (!is_plain(s))
		return;
	for (size_t at = 0; at + WINDOW <= v.len; at++) {
		if (looks_random(v.ptr + at)) {
			audit_find(r, &rules[SECRET_RANDOM], &s->spot, "%s, %s, from octet %zu on",
				   s->item->name, s->item->view.ef->name, at);
			return;
		}
	}
}

static void secret_step(struct audit_run *r, void *state, const struct audit_step *step)
{
	struct secret *s = state;

	s->look.run = r;
	s->look.step = step;
	s->look.at = step->spot;
	look_for_given(s, step);
	look_for_session_keys(s, step);
	learn_keys(s, step);
	if (step->good && is_content(step->id)) {
		look_at_file(r, step);
		look_for_random(r, step);
	}
	s->look.step = NULL;
}

/* What is beside the exchanges: octets of a broken frame, remarks. */
static void secret_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct secret *s = state;

	s->look.run = r;
	s->look.at = audit_spot_of(e);
	s->look.told_count = 0;
	look_into(s, &s->beside, e->command);
	look_into(s, &s->beside, e->response);
}

/* Lines, each by itself. A broken one comes as an event, too, as far as it has octets. */
static void secret_words(struct audit_run *r, void *state, struct slice words,
			 const struct audit_spot *at)
{
	struct secret *s = state;

	if (!audit_given(r)->secrets->given)
		return;
	s->look.run = r;
	if (at->place.number != s->look.at.place.number)
		s->look.told_count = 0;
	s->look.at = *at;
	look_into(s, &s->words, words);
	if (s->words)
		search_break(s->words);
}

static void secret_close(void *state)
{
	struct secret *s = state;

	for (unsigned i = 0; i < CHANNELS; i++) {
		search_stream_close(&s->sent[i]);
		search_stream_close(&s->answered[i]);
	}
	for (unsigned i = 0; i < FILES; i++)
		search_stream_close(&s->files[i].stream);
	search_stream_close(&s->beside);
	search_stream_close(&s->words);
	OPENSSL_cleanse(s->session, sizeof(s->session));
}

const struct audit_family audit_secret = {
	.about = "Secrets in clear",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct secret),
	.step = secret_step,
	.event = secret_event,
	.words = secret_words,
	.close = secret_close,
};
