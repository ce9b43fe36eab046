#include "tests/property/net/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/operator/auc/auc.h"
#include "host/operator/factor/factor.h"
#include "host/operator/pki/release_key.h"
#include "host/operator/policy/decide.h"
#include "host/operator/release/prepare.h"
#include "host/operator/release/release.h"
#include "lib/auth/sqn.h"
#include "tests/support/aka_key_of.h"
#include "tests/support/scratch.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"

#define CERT_MAX   8192
#define LEASES_CAP 512
#define LATE_MS	   1200 /* the gateway asks hostapd once a second */

struct world w;

int64_t world_now(void)
{
	return w.drive->real ? (int64_t)time(NULL) : w.first_s + w.now_ms / 1000 + w.skew_s;
}

static struct air_run again(unsigned station)
{
	bool known = w.at[station].subscriber >= 0;
	unsigned kind = known ? world_kind(station) : 1;
	const struct world_claim claim = {known ? (unsigned)w.at[station].subscriber : 0, kind - 1};

	dice_note("station %u is asked again", station);
	return world_run(station, claim);
}

static void load_pki(void)
{
	w.euicc_cert = wbuf_grow(CERT_MAX);
	w.eum_cert = wbuf_grow(CERT_MAX);
	memcpy(w.eid[1], w.eid[0], sizeof(w.eid[1]));
	w.eid[1][8] ^= 1;
	CHECK(pki_cert(w.dir, PKI_EUICC, EC_P256, &w.euicc_cert) == ERR_OK, "CERT.EUICC");
	CHECK(pki_cert(w.dir, PKI_EUM, EC_P256, &w.eum_cert) == ERR_OK, "CERT.EUM");
	CHECK(pki_key(w.dir, PKI_EUICC, EC_P256, &w.euicc_key) == ERR_OK, "SK.EUICC");
	CHECK(ec_key_generate(EC_P256, &w.one_time) == ERR_OK, "a one-time key");
	CHECK(release_authority_open(w.dir, &w.authority) == ERR_OK, "an authority");
}

static void begin_world(const struct drive *drive)
{
	w = (struct world){.drive = drive,
			   .now_ms = 1000000,
			   .first_s = (int64_t)time(NULL),
			   .wants = FACTOR_WANTS_ONE};
	scratch_make(NULL, "net", w.dir, sizeof(w.dir));
	snprintf(w.leases, sizeof(w.leases), "%s/leases", w.dir);
	CHECK(pki_parse_eid(PKI_EID_TEST, w.eid[0]) == ERR_OK, "an EID");
	memset(&air, 0, sizeof(air));
	air.again = again;
	air.now_ms = w.now_ms;
}

void world_open(const struct drive *drive)
{
	begin_world(drive);
	CHECK(pki_create(w.dir, EC_P256, w.eid[0], "localhost") == ERR_OK, "a PKI");
	CHECK(release_key_create(w.dir) == ERR_OK, "a release key");
	CHECK(operator_store_create(w.dir, NULL, &w.store) == ERR_OK, "a store");
	load_pki();
}

void world_open_by(const struct drive *drive, const char *bin)
{
	char command[5000];

	begin_world(drive);
	snprintf(command, sizeof(command),
		 "rmdir %s && %s init --dir %s --smdp-address " WORLD_NAME " >/dev/null", w.dir,
		 bin, w.dir);
	CHECK(system(command) == 0, "an operator");
	CHECK(operator_store_open(w.dir, NULL, &w.store) == ERR_OK, "its store");
	load_pki();
}

void world_close(void)
{
	struct log_check check;

	CHECK(log_verify(w.store, &check) == ERR_OK, "the log is what was written");
	release_authority_close(&w.authority);
	operator_store_close(&w.store);
	ec_key_free(&w.euicc_key);
	ec_key_free(&w.one_time);
	wbuf_free(&w.euicc_cert);
	wbuf_free(&w.eum_cert);
	file_remove_tree(w.dir);
}

void world_drop(void)
{
	if (*w.dir)
		file_remove_tree(w.dir);
}

static struct subscriber_modes pick_modes(void)
{
	static const struct subscriber_modes kinds[] = {{.derived = 0},
							{.derived = 0},
							{.derived = 16},
							{.in_memory = true},
							{.derived = 16, .in_memory = true},
							{.keep_first = true}};

	return kinds[dice(ARRAY_LEN(kinds))];
}

static void add_subscriber(struct world_subscriber *s, const struct subscriber_modes *modes)
{
	struct subscriber sub = {.key_id = 1, .algorithm = {AKA_MILENAGE, AKA_MILENAGE}};
	struct subscriber_keys keys = {.s = random_secret(SEALING_KEY_LEN)};
	uint64_t n = ++w.made;

	*s = (struct world_subscriber){.modes = *modes};
	s->one_identity = !s->modes.in_memory && !s->modes.keep_first && dice(4) == 0;
	sub.modes = s->modes;
	for (unsigned i = 0; i < 2; i++) {
		keys.k[i] = i && sub.modes.derived ? NULL : random_secret(16);
		keys.opc[i] = random_secret(16);
		snprintf(sub.imsi[i], sizeof(sub.imsi[i]), "00101%u%09u", s->one_identity ? 0 : i,
			 (unsigned)n);
	}
	CHECK(prepare_random_iccid(sub.iccid) == ERR_OK, "an ICCID");
	CHECK(subscriber_add(w.store, &sub, &keys) == ERR_OK, "a subscriber");
	subscriber_keys_free(&keys);
	s->id = sub.id;
	CHECK(aka_key_of(w.store, s->id, 1, &s->k1) == ERR_OK, "K1");
	s->generation_of[1] = sub.modes.derived ? 0 : ++w.generations;
	dice_note("subscriber %d: derived %u, in memory %d, keep first %d, one identity %d",
		  (int)(s - w.sub), s->modes.derived, s->modes.in_memory, s->modes.keep_first,
		  s->one_identity);
}

static void nobody_is_there(void)
{
	for (unsigned i = 0; i < WORLD_STATIONS; i++) {
		w.at[i].subscriber = -1;
		w.lease[i] = (struct lease_of){.last_octet = 10 + i};
	}
	for (unsigned i = 0; i < AIR_STATIONS; i++)
		air.station[i] = (struct air_station){.last.subscriber = -1, .lost.subscriber = -1};
	world_write_leases();
	w.changed = true;
	world_look();
}

void world_begin_order(void)
{
	const struct operator_policy off = {.first_asks = false};

	w.skew_s = 0;
	if (w.gsm_factor)
		CHECK(operator_policy_set(w.store, &off, "chaos", world_now()) == ERR_OK, "off");
	w.gsm_factor = false;
	w.wants = FACTOR_WANTS_ONE;
	CHECK(factor_wants_set(w.store, &w.wants, "chaos", world_now()) == ERR_OK, "any factor");
	w.keeps_factors = true;
	air.wireless = dice(2);
	w.subscribers = 1 + dice(WORLD_SUBSCRIBERS);
	for (unsigned i = 0; i < w.subscribers; i++) {
		struct subscriber_modes modes = pick_modes();

		add_subscriber(&w.sub[i], &modes);
	}
	nobody_is_there();
}

void world_begin_one(const struct subscriber_modes *modes)
{
	struct subscriber_event named = {
		.kind = EVENT_BIND, .actor = "chaos", .now = world_now(), .eid = w.eid[0]};

	air.wireless = dice(2);
	w.subscribers = 1;
	add_subscriber(&w.sub[0], modes);
	CHECK(subscriber_event(w.store, w.sub[0].id, &named, NULL) == ERR_OK, "whose eUICC it is");
	nobody_is_there();
}

void world_end_order(void)
{
	for (unsigned i = 0; i < w.subscribers; i++) {
		struct world_subscriber *s = &w.sub[i];

		aka_key_free(&s->k1);
		aka_key_free(&s->card.k2);
		aka_key_free(&s->grant.k2);
		secret_free(&s->seed);
	}
}

unsigned world_kind(unsigned station)
{
	const struct world_card *c = &w.sub[w.at[station].subscriber].card;

	return c->on_second && !w.at[station].clone ? 2 : 1;
}

static bool answers(struct aka_key *key, const char *imsi, enum hostapd_method method)
{
	uint8_t sres[GSM_SRES_LEN], kc[GSM_KC_LEN], auts[AKA_AUTS_LEN];
	struct sqn_array sqn = {.delta = 0};
	struct aka_result r = {.res_len = 0};
	struct aka_vector v;
	struct auc_triplet t;

	if (method == HOSTAPD_SIM)
		return auc_triplet(w.store, imsi, &t) == ERR_OK && key &&
		       aka_gsm_authenticate(key, t.rand, sres, kc) == ERR_OK &&
		       memcmp(sres, t.sres, sizeof(sres)) == 0;
	return auc_quintuplet(w.store, imsi, world_now(), &v) == ERR_OK && key &&
	       aka_usim_authenticate(key, &sqn, &(struct aka_challenge){v.rand, v.autn}, &r,
				     auts) == ERR_OK &&
	       slice_equal(slice_make(r.res, r.res_len),
			   slice_make(v.expected.res, v.expected.res_len));
}

struct air_run world_run(unsigned station, struct world_claim claim)
{
	const char *imsi = w.sub[claim.subscriber].row.imsi[claim.which];
	enum hostapd_method method = w.at[station].method ? w.at[station].method : HOSTAPD_AKA;
	struct air_run r = {.subscriber = w.at[station].subscriber, .method = method};
	unsigned kind = r.subscriber >= 0 ? world_kind(station) : 0;

	snprintf(r.identity, sizeof(r.identity), "%c%s@wlan.mnc001.mcc001.3gppnetwork.org",
		 method == HOSTAPD_SIM	 ? '1'
		 : method == HOSTAPD_AKA ? '0'
					 : '6',
		 imsi);
	if (r.subscriber >= 0) {
		struct world_subscriber *s = &w.sub[r.subscriber];

		r.kind = kind;
		r.generation = kind == 2 ? s->card.generation : 0;
		r.right = answers(kind == 2 ? s->card.k2 : s->k1, imsi, method);
		w.changed = true;
	}
	dice_note("  run at %u: K%u (%u) of %d as IMSI %u of %u, %s", station, r.kind, r.generation,
		  r.subscriber, claim.which + 1, claim.subscriber, r.right ? "right" : "wrong");
	return r;
}

void world_write_leases(void)
{
	static char written[LEASES_CAP];
	char text[LEASES_CAP] = "", other[160];
	size_t n = 0;

	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		if (w.lease[i].last_octet)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "%lld 02:00:00:00:00:%02x 10.45.0.%u * *\n",
					      (long long)w.lease[i].until, i + 1,
					      w.lease[i].last_octet);
	if (strcmp(text, written) == 0 && access(w.leases, R_OK) == 0)
		return;
	memcpy(written, text, sizeof(written));
	snprintf(other, sizeof(other), "%s.new", w.leases);
	CHECK(file_write(other, slice_make(text, n), 0644, NULL) == ERR_OK, "leases");
	CHECK(rename(other, w.leases) == 0, "leases");
}

uint32_t world_address(unsigned station)
{
	const struct lease_of *l = &w.lease[station];

	for (unsigned i = 0; i < WORLD_STATIONS; i++)
		if (i != station && w.lease[i].last_octet == l->last_octet)
			return 0;
	if (!l->last_octet || (l->until && world_now() >= l->until))
		return 0;
	return WORLD_NETWORK | l->last_octet;
}

void world_forget_factors(struct world_subscriber *s)
{
	s->first_at = 0;
	memset(s->passed, 0, sizeof(s->passed));
	s->approved = (struct factor_passed){0, 0};
	s->agent[0] = 0;
}

void world_passed(struct world_subscriber *s, enum factor_kind kind)
{
	int64_t now = world_now(), until = now + FACTOR_VALID_S;

	CHECK(!s->locked, "who is locked passes nothing");
	CHECK(w.wants.kinds & FACTOR_BIT(kind), "what is not wanted counts for nothing");
	s->passed[kind] = (struct factor_passed){now, until};
	for (unsigned k = 0; k < FACTOR_KINDS; k++) {
		const struct factor_passed *p = &s->passed[k];

		if (!w.wants.all || !(w.wants.kinds & FACTOR_BIT(k)))
			continue;
		if (now < p->from || now >= p->until)
			return; /* a part */
		if (p->until < until)
			until = p->until;
	}
	/* of one of them: as long as the one that holds longest */
	for (unsigned k = 0; k < FACTOR_KINDS && !w.wants.all; k++)
		if ((w.wants.kinds & FACTOR_BIT(k)) && s->passed[k].from <= now &&
		    s->passed[k].until > until)
			until = s->passed[k].until;
	s->approved = (struct factor_passed){now, until};
}

bool world_both_factors(const struct world_subscriber *s)
{
	int64_t now = world_now();

	return s->first_at && s->first_at <= now && now - s->first_at < FIRST_FACTOR_S &&
	       s->approved.from <= now && now < s->approved.until;
}

/* An entry of the gateway's: was it so? */
static void see_attach(struct world_subscriber *s, const struct log_entry *e)
{
	bool second = strcmp(e->event, event_name(EVENT_RES2)) == 0;
	bool fallback = strcmp(e->event, event_name(EVENT_FALLBACK)) == 0;
	bool rotation = strcmp(e->to, state_name(STATE_ROTATING)) == 0 ||
			strcmp(e->to, state_name(STATE_RECALLED)) == 0;
	char mac[HOSTAPD_MAC_CAP] = "", evidence[64];
	const struct air_run *r;
	unsigned station;

	CHECK(sscanf(e->evidence, "hostapd, %17[0-9a-f:],", mac) == 1, "whose attach it is");
	station = air_station_of(mac);
	CHECK(station < WORLD_STATIONS, "a station that there is");
	r = &air.station[station].last;
	CHECK(air_evidence(station, r, evidence) && strcmp(e->evidence, evidence) == 0,
	      "by the name that hostapd tells");
	CHECK(r->subscriber == (int)(s - w.sub), "the subscriber whose key it was");
	CHECK(r->kind == (second ? 2u : 1u), "the key that it was");
	s->of_key_in_force = second && r->generation == s->generation_of[s->row.key_id];
	CHECK(!second || s->of_key_in_force, "the second key in force, not one before it");
	s->attached = true;
	s->in_recalled = strcmp(e->to, state_name(STATE_RECALLED)) == 0;
	memcpy(s->evidence, evidence, sizeof(s->evidence));
	if ((second ? rotation : !fallback) && (r->method != HOSTAPD_SIM || w.gsm_factor))
		s->first_at = e->at;
}

static bool see_entry(void *ctx, const struct log_entry *e)
{
	static const enum subscriber_event_kind ends[] = {EVENT_SUSPEND, EVENT_RESUME, EVENT_RECALL,
							  EVENT_ROLL_BACK, EVENT_MOVE};
	static const enum subscriber_event_kind attaches[] = {EVENT_RES1, EVENT_RES2, EVENT_RETURN,
							      EVENT_FALLBACK};
	struct world_subscriber *s = ctx;

	if (e->seq <= s->seen_seq)
		return true;
	s->seen_seq = e->seq;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (strcmp(e->event, event_name(ends[i])) == 0)
			s->attached = false;
	for (size_t i = 0; i < ARRAY_LEN(attaches); i++)
		if (strcmp(e->event, event_name(attaches[i])) == 0 &&
		    strcmp(e->actor, ACCESS_ACTOR) == 0) {
			dice_note("  the log: %s %s -> %s, %s", e->event, e->from, e->to,
				  e->evidence);
			see_attach(s, e);
		}
	return true;
}

/* What the row says was passed was. */
static void check_factors(const struct world_subscriber *s)
{
	const struct subscriber *row = &s->row;

	CHECK(!row->second_factor_until || (s->approved.until >= row->second_factor_until - 1 &&
					    s->approved.from <= row->second_factor_from + 1),
	      "no approval without the factors that are wanted");
	CHECK(!row->first_factor_at || (s->first_at && row->first_factor_at <= s->first_at + 1 &&
					row->first_factor_at >= s->first_at - 1),
	      "no first factor without the key that is asked for");
}

void world_look(void)
{
	if (!w.drive->news() && !w.changed)
		return;
	w.changed = false;
	for (unsigned i = 0; i < w.subscribers; i++) {
		struct world_subscriber *s = &w.sub[i];

		CHECK(subscriber_by_id(w.store, s->id, &s->row) == ERR_OK,
		      "the row is what was written");
		if (s->row.log_seq != s->seen_seq)
			CHECK(log_each(w.store, s->id, see_entry, s) == ERR_OK, "the log");
		if (w.keeps_factors)
			check_factors(s);
	}
}

/* By this run, which nothing has ended. */
static enum access run_opens(unsigned station, const struct air_run *r)
{
	const struct world_subscriber *s = r->subscriber >= 0 ? &w.sub[r->subscriber] : NULL;
	char evidence[64];

	if (!s || !air_evidence(station, r, evidence) || !s->attached ||
	    strcmp(evidence, s->evidence) != 0)
		return ACCESS_NONE;
	switch (s->row.state) {
	case STATE_PROVISIONED:
	case STATE_LIMITED:
	case STATE_VERIFIED: return r->kind == 1 ? ACCESS_LIMITED : ACCESS_NONE;
	case STATE_RELEASED:
		if (r->kind == 1)
			return ACCESS_LIMITED;
		break;
	case STATE_ACTIVE:
	case STATE_ROTATING:
	case STATE_RECALLED:
		if (r->kind == 1)
			return s->modes.in_memory || s->modes.keep_first ? ACCESS_LIMITED
									 : ACCESS_NONE;
		break;
	case STATE_SUSPENDED: return ACCESS_NONE;
	}
	return s->of_key_in_force && !s->in_recalled && s->row.state != STATE_RECALLED
		       ? ACCESS_FULL
		       : ACCESS_LIMITED;
}

enum access world_may(unsigned station, bool late)
{
	const struct air_station *st = &air.station[station];
	enum access now = air.up && st->authorized ? run_opens(station, &st->last) : ACCESS_NONE;
	enum access lost = late && air.now_ms - st->lost_ms <= LATE_MS
				   ? run_opens(station, &st->lost)
				   : ACCESS_NONE;

	return now > lost ? now : lost;
}
