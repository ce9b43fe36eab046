/* the AuC: vectors, resynchronisation, one select and one unseal each */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/auth/aka.h"
#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "host/operator/auc/auc.h"
#include "host/operator/auc/hlr_auc_gw.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/cancel.h"
#include "tests/support/aka_key_of.h"

#define IMSI1 "001010000000001"
#define IMSI2 "001010000000002"

static struct subscriber sub;
static const char *store_dir;

/* shape and sqn: of the first subscription */
static struct operator_store *store_with(struct aka_shape shape, uint64_t sqn)
{
	struct operator_store *s = NULL;
	struct subscriber_keys keys = {.shape = {shape}, .sqn = {sqn}};

	store_dir = test_dir();
	sub = (struct subscriber){.name = "A",
				  .imsi = {IMSI1, IMSI2},
				  .key_id = 1,
				  .algorithm = {AKA_MILENAGE, AKA_MILENAGE}};
	for (int i = 0; i < 2; i++) {
		keys.k[i] = random_secret(16);
		keys.opc[i] = random_secret(16);
	}
	keys.s = random_secret(32);
	ASSERT_ERR(operator_store_create(store_dir, NULL, &s), ERR_OK);
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
	return s;
}

static struct operator_store *store_with_one(void)
{
	return store_with((struct aka_shape){0}, 0);
}

static void event(struct operator_store *s, enum subscriber_event_kind kind)
{
	ASSERT_ERR(subscriber_event(
			   s, sub.id,
			   &(struct subscriber_event){.kind = kind, .now = 2, .valid_s = 9}, NULL),
		   ERR_OK);
}

/* The card's answer, computed with the key that the AuC has. */
static enum err card_answer(struct operator_store *s, int which, const struct auc_challenge *c,
			    struct sqn_array *sqn, struct aka_result *r, uint8_t *auts)
{
	struct aka_key *key = NULL;
	enum err e = aka_key_of(s, sub.id, which, &key);

	if (!e)
		e = aka_usim_authenticate(key, sqn, &(struct aka_challenge){c->rand, c->autn}, r,
					  auts);
	aka_key_free(&key);
	return e;
}

static enum err auc_resync_of(struct operator_store *s, const uint8_t *rand, const uint8_t *auts,
			      int64_t now)
{
	struct auc_auts a;

	memcpy(a.rand, rand, sizeof(a.rand));
	memcpy(a.auts, auts, sizeof(a.auts));
	return auc_resync(s, IMSI1, &a, now);
}

static void test_two_keys(void)
{
	struct operator_store *s = store_with_one();
	struct sqn_array sqn[2] = {SQN_ARRAY_NEW, SQN_ARRAY_NEW};
	struct auc_challenge c;
	struct auc_verdict v;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	ASSERT_ERR(auc_challenge(s, IMSI2, false, 1, &c), ERR_WRONG_STATE);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn[0], &r, auts), ERR_OK);
	r.res[0] ^= 1;
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_REFUSED);
	r.res[0] ^= 1;
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_NOT_FOUND);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn[0], &r, auts), ERR_OK);
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_OK);
	CU_ASSERT_STRING_EQUAL(v.access, "limited");
	event(s, EVENT_FACTOR);
	ASSERT_ERR(auc_challenge(s, IMSI2, false, 1, &c), ERR_WRONG_STATE);
	event(s, EVENT_GRANT);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_WRONG_STATE);
	ASSERT_ERR(auc_challenge(s, IMSI2, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 2, &c, &sqn[1], &r, auts), ERR_OK);
	ASSERT_ERR(auc_verify(s, c.id, slice_make(r.res, 8), 2, &v), ERR_OK);
	CU_ASSERT_STRING_EQUAL(v.access, "full");
	CU_ASSERT_EQUAL(v.after.state, STATE_ACTIVE);
	operator_store_close(&s);
}

static void test_resync(void)
{
	struct operator_store *s = store_with_one();
	struct sqn_array sqn = SQN_ARRAY_NEW;
	struct auc_challenge c;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	sqn_accept(&sqn, 5000 << SQN_IND_BITS | 3); /* the card is ahead */
	for (unsigned i = 0; i < SQN_SLOTS; i++)
		sqn.seq[i] = 5000;
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_SYNC);
	auts[3] ^= 1;
	ASSERT_ERR(auc_resync_of(s, c.rand, auts, 2), ERR_MAC);
	auts[3] ^= 1;
	ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 2), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, true, 1, &c), ERR_OK); /* GSM has no synchronisation */
	ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 2), ERR_VALUE);
	operator_store_close(&s);
}

/* A card that has accepted everything up to sqn, with IND of so many bits */
static struct sqn_array card_at(uint64_t sqn, unsigned ind_bits)
{
	struct sqn_array a = SQN_ARRAY_NEW;

	a.ind_bits = ind_bits;
	sqn_accept_all(&a, sqn);
	return a;
}

#define FAR UINT64_C(0x123456789a40)

/* TS 33.102 6.3.5: one AUTS, and the card is served, wherever card and AuC were (adr 0014) */
static void test_resync_anywhere(void)
{
	static const uint64_t places[] = {0, 0x21, 40 << 5 | 8, FAR - 0x2000, FAR, SQN_MAX - 0x400};

	for (size_t i = 0; i < ARRAY_LEN(places) * ARRAY_LEN(places) * 3; i++) {
		uint64_t card = places[i % ARRAY_LEN(places)];
		uint64_t auc = places[i / ARRAY_LEN(places) % ARRAY_LEN(places)];
		unsigned bits = (unsigned[]){5, 0, 8}[i / ARRAY_LEN(places) / ARRAY_LEN(places)];
		struct operator_store *s =
			store_with((struct aka_shape){.has_ind_bits = true, .ind_bits = bits}, auc);
		struct sqn_array sqn = card_at(card, bits);
		struct auc_challenge c;
		struct aka_result r;
		uint8_t auts[AKA_AUTS_LEN];
		enum err e;

		ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
		e = card_answer(s, 1, &c, &sqn, &r, auts);
		CU_ASSERT(e == ERR_OK || e == ERR_SYNC);
		if (e == ERR_SYNC) {
			ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 2), ERR_OK);
			ASSERT_ERR(auc_challenge(s, IMSI1, false, 2, &c), ERR_OK);
			ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
			CU_ASSERT_EQUAL(sqn_seq(sqn_highest(&sqn), bits), sqn_seq(card, bits) + 1);
		}
		CU_ASSERT(sqn_highest(&sqn) > card);
		ASSERT_ERR(auc_challenge(s, IMSI1, false, 2, &c), ERR_OK);
		ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
		operator_store_close(&s);
	}
}

/* The end of the numbers: no wrap; a card there is told, and another card of the key is served. */
static void test_resync_at_the_end(void)
{
	struct operator_store *s = store_with((struct aka_shape){0}, SQN_MAX);
	struct sqn_array worn = card_at(SQN_MAX, 5), fresh = SQN_ARRAY_NEW;
	struct auc_challenge c;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	for (int i = 0; i < 2; i++) {
		ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
		ASSERT_ERR(card_answer(s, 1, &c, &worn, &r, auts), ERR_SYNC);
		ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 1), ERR_SYNC);
	}
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &fresh, &r, auts), ERR_SYNC);
	ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 1), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &fresh, &r, auts), ERR_OK);
	CU_ASSERT_EQUAL(sqn_highest(&fresh), 0x21);
	operator_store_close(&s);
}

/* An AUTS serves once, for the challenge that it answers, and takes the counter down once. */
static void test_resync_replayed(void)
{
	struct operator_store *s = store_with((struct aka_shape){0}, FAR);
	struct sqn_array sqn = SQN_ARRAY_NEW;
	struct auc_challenge a, b, c;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN], second[AKA_AUTS_LEN], foreign[AKA_RAND_LEN] = {9};
	struct aka_key *key = NULL;
	struct aka_vector v;

	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &a), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &b), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &a, &sqn, &r, auts), ERR_SYNC);
	ASSERT_ERR(card_answer(s, 1, &b, &sqn, &r, second), ERR_SYNC);
	ASSERT_ERR(auc_resync_of(s, b.rand, auts, 1), ERR_MAC); /* of another RAND */
	ASSERT_ERR(auc_resync_of(s, a.rand, auts, 1), ERR_OK);
	ASSERT_ERR(auc_resync_of(s, a.rand, auts, 1), ERR_NOT_FOUND);
	for (int i = 0; i < 3; i++) {
		ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
		ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
	}
	ASSERT_ERR(auc_resync_of(s, b.rand, second, 1), ERR_NOT_FOUND); /* of the count before */
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
	/* genuine, for a RAND that is none of ours: somebody has the key, or an older copy of us */
	ASSERT_ERR(aka_key_of(s, sub.id, 1, &key), ERR_OK);
	ASSERT_ERR(aka_auc_vector(key, foreign, 0, (const uint8_t[]){0x80, 0}, &v), ERR_OK);
	ASSERT_ERR(
		aka_usim_authenticate(key, &sqn, &(struct aka_challenge){v.rand, v.autn}, &r, auts),
		ERR_SYNC);
	ASSERT_ERR(auc_resync_of(s, foreign, auts, 1), ERR_NOT_FOUND);
	aka_key_free(&key);
	operator_store_close(&s);
}

/* The parameters of a key that are not the algorithm's defaults come back, sealed as they are. */
static void test_shapes(void)
{
	const struct aka_shape shape = {
		.res_len = 16, .iterations = 3, .has_ind_bits = true, .ind_bits = 0};
	struct operator_store *s = store_with(shape, 77);
	struct subscriber_keys keys = {0};

	operator_store_close(&s);
	ASSERT_ERR(operator_store_open(store_dir, NULL, &s), ERR_OK);
	ASSERT_ERR(subscriber_keys_load(s, sub.id, &keys), ERR_OK);
	CU_ASSERT_EQUAL(keys.shape[0].res_len, 16);
	CU_ASSERT_EQUAL(keys.shape[0].iterations, 3);
	CU_ASSERT_EQUAL(aka_ind_bits(&keys.shape[0]), 0);
	CU_ASSERT_EQUAL(aka_ind_bits(&keys.shape[1]), 5);
	subscriber_keys_free(&keys);
	operator_store_close(&s);
}

/* Every request, malformed in each field: what can be answered is. */
static const struct {
	const char *request, *answer;
} malformed[] = {
	{"AKA-REQ-AUTH 0010100000000011", "AKA-RESP-AUTH 0010100000000011 FAILURE"},
	{"AKA-REQ-AUTH 00101", "AKA-RESP-AUTH 00101 FAILURE"},
	{"AKA-REQ-AUTH 00101000000000a", "AKA-RESP-AUTH 00101000000000a FAILURE"},
	{"AKA-REQ-AUTH letters", "AKA-RESP-AUTH letters FAILURE"},
	{"AKA-REQ-AUTH ../../etc", "AKA-RESP-AUTH ../../etc FAILURE"},
	{"AKA-REQ-AUTH 001010000000099", "AKA-RESP-AUTH 001010000000099 FAILURE"},
	{"AKA-REQ-AUTH " IMSI2, "AKA-RESP-AUTH " IMSI2 " FAILURE"}, /* sealed still */
	{"AKA-REQ-AUTH", "AKA-RESP-AUTH FAILURE"},
	{"AKA-REQ-AUTH ", "AKA-RESP-AUTH FAILURE"},
	{"AKA-REQ-AUTH \x1b[2J", "AKA-RESP-AUTH FAILURE"},
	{"SIM-REQ-AUTH 0010100000000011 3", "SIM-RESP-AUTH 0010100000000011 FAILURE"},
	{"SIM-REQ-AUTH letters 3", "SIM-RESP-AUTH letters FAILURE"},
	{"SIM-REQ-AUTH", "SIM-RESP-AUTH FAILURE"},
	{"SIM-REQ-AUTH " IMSI1, "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"SIM-REQ-AUTH " IMSI1 " 0", "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"SIM-REQ-AUTH " IMSI1 " 6", "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"SIM-REQ-AUTH " IMSI1 " -1", "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"SIM-REQ-AUTH " IMSI1 " x", "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"SIM-REQ-AUTH " IMSI1 " 33", "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"SIM-REQ-AUTH " IMSI1 " 99999999999999999999", "SIM-RESP-AUTH " IMSI1 " FAILURE"},
	{"AKA-AUTS", ""},
	{"AKA-AUTS " IMSI1, ""},
	{"AKA-AUTS " IMSI1 " zz zz", ""},
	{"AKA-AUTS " IMSI1 " 0000000000000000000000000000", ""},
	{"AKA-AUTS " IMSI1 " 0000000000000000000000000000 00000000000000000000000000000000", ""},
	{"AKA-AUTS letters 0000000000000000000000000000 00000000000000000000000000000000", ""},
	{"aka-req-auth " IMSI1, ""},
	{"HELLO " IMSI1, ""},
	{"  ", ""},
};

static void test_hlr_auc_gw(void)
{
	struct operator_store *s = store_with_one();
	char answer[HLR_AUC_GW_MESSAGE_MAX], words[6][64];

	hlr_auc_gw_answer(s, "AKA-REQ-AUTH " IMSI1, 1, answer);
	CU_ASSERT_EQUAL(sscanf(answer, "AKA-RESP-AUTH %63s %63s %63s %63s %63s %63s", words[0],
			       words[1], words[2], words[3], words[4], words[5]),
			6);
	CU_ASSERT_STRING_EQUAL(words[0], IMSI1);
	CU_ASSERT_EQUAL(strlen(words[1]), 32);
	CU_ASSERT_EQUAL(strlen(words[5]), 16);
	hlr_auc_gw_answer(s, "AKA-REQ-AUTH " IMSI2, 1, answer);
	CU_ASSERT_STRING_EQUAL(answer, "AKA-RESP-AUTH " IMSI2 " FAILURE");
	hlr_auc_gw_answer(s, "SIM-REQ-AUTH " IMSI1 " 3", 1, answer);
	CU_ASSERT_EQUAL(sscanf(answer, "SIM-RESP-AUTH %63s %63s %63s %63s", words[0], words[1],
			       words[2], words[3]),
			4);
	CU_ASSERT_EQUAL(strlen(words[3]), 16 + 1 + 8 + 1 + 32);
	CU_ASSERT_NSTRING_EQUAL(answer, "SIM-RESP-AUTH ", 14);
	hlr_auc_gw_answer(s, "SIM-REQ-AUTH " IMSI1 " 5", 1, answer);
	CU_ASSERT_PTR_NULL(strstr(answer, "FAILURE"));
	CU_ASSERT_EQUAL(strlen(answer), 14 + 15 + 5 * (1 + 16 + 1 + 8 + 1 + 32));
	operator_store_close(&s);
}

/* A file that is no socket stays, whatever path is asked for. */
static void test_socket_path(void)
{
	struct operator_store *s = store_with_one();
	char path[128];
	struct stat st;
	FILE *f;

	snprintf(path, sizeof(path), "%s/precious", test_dir());
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fclose(f);
	ASSERT_ERR(hlr_auc_gw_serve(s, path, NULL, NULL), ERR_EXISTS);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	operator_store_close(&s);
}

static pid_t start_server(const char *dir, const char *path, struct cancel *stop)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct operator_store *s = NULL;
		enum err e = operator_store_open(dir, NULL, &s);

		if (!e)
			e = hlr_auc_gw_serve(s, path, stop, NULL);
		operator_store_close(&s);
		_exit((int)e);
	}
	return pid;
}

static void ask(int fd, const struct sockaddr_un *to, struct slice request)
{
	ssize_t n = -1;

	for (int i = 0; i < 500 && n < 0; i++) { /* until the server is up */
		n = sendto(fd, request.ptr, request.len, 0, (const struct sockaddr *)to,
			   sizeof(*to));
		if (n < 0)
			usleep(10000);
	}
	CU_ASSERT_EQUAL(n, (ssize_t)request.len);
}

/* Over the socket: each request is followed by a good one, whose answer comes next. */
static void ask_malformed(int fd, const struct sockaddr_un *server)
{
	static const char good[] = "AKA-REQ-AUTH " IMSI1;
	char answer[HLR_AUC_GW_MESSAGE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
		ssize_t n;

		ask(fd, server, slice_str(malformed[i].request));
		ask(fd, server, slice_str(good));
		for (int k = *malformed[i].answer ? 0 : 1; k < 2; k++) {
			n = recv(fd, answer, sizeof(answer) - 1, 0);
			CU_ASSERT_FATAL(n > 0);
			answer[n] = 0;
			if (k == 0) {
				CU_ASSERT_STRING_EQUAL(answer, malformed[i].answer);
			} else {
				CU_ASSERT_NSTRING_EQUAL(answer, "AKA-RESP-AUTH " IMSI1 " ", 30);
			}
		}
	}
}

/* Datagrams at and over the length of a message: an IMSI that is too long is not repeated. */
static void ask_overlong(int fd, const struct sockaddr_un *server)
{
	static const size_t lens[] = {256, 257, 1000, 1010, 1011, 1012, 3000};
	static char request[4096], answer[HLR_AUC_GW_MESSAGE_MAX], want[HLR_AUC_GW_MESSAGE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		int n = snprintf(request, sizeof(request), "AKA-REQ-AUTH %0*d", (int)lens[i], 1);
		ssize_t got;

		snprintf(want, sizeof(want),
			 lens[i] <= 256 ? "AKA-RESP-AUTH %.*s FAILURE" : "AKA-RESP-AUTH FAILURE",
			 (int)lens[i], request + 13);
		ask(fd, server, slice_make(request, (size_t)n));
		got = recv(fd, answer, sizeof(answer) - 1, 0);
		CU_ASSERT_FATAL(got > 0);
		answer[got] = 0;
		CU_ASSERT_STRING_EQUAL(answer, want);
	}
	/* a good request with so much behind it that it does not fit was cut: it is none */
	snprintf(request, sizeof(request), "AKA-REQ-AUTH " IMSI1 "%2000d", 1);
	ask(fd, server, slice_str(request));
	memset(answer, 0, sizeof(answer));
	CU_ASSERT_FATAL(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
	CU_ASSERT_STRING_EQUAL(answer, "AKA-RESP-AUTH " IMSI1 " FAILURE");
}

/* One client over the real socket: nonsense is passed over, the next request is answered. */
static void test_served(void)
{
	static const uint8_t noise[2000] = {0xFF, 0x00, 0x20};
	static const char request[] = "AKA-REQ-AUTH " IMSI1;
	struct operator_store *s = store_with_one();
	struct sockaddr_un server = {.sun_family = AF_UNIX}, own = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = 10};
	char answer[HLR_AUC_GW_MESSAGE_MAX] = "";
	const char *folder = test_dir();
	int status = -1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct cancel stop;
	struct stat st;
	pid_t pid;

	operator_store_close(&s);
	snprintf(server.sun_path, sizeof(server.sun_path), "%s/auc", folder);
	snprintf(own.sun_path, sizeof(own.sun_path), "%s/client", folder);
	CU_ASSERT_FATAL(cancel_open(&stop) == ERR_OK);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	pid = start_server(store_dir, server.sun_path, &stop);
	ask(fd, &server, SLICE_OF(noise));
	ask(fd, &server, slice_make((const uint8_t *)request, sizeof(request) - 1));
	CU_ASSERT(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
	CU_ASSERT_EQUAL(strncmp(answer, "AKA-RESP-AUTH " IMSI1 " ", 30), 0);
	ask_malformed(fd, &server);
	ask_overlong(fd, &server);
	CU_ASSERT_EQUAL(stat(server.sun_path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	cancel_wish(&stop); /* its pipe reaches the other process */
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == ERR_OK);
	CU_ASSERT_NOT_EQUAL(stat(server.sun_path, &st), 0);
	close(fd);
	cancel_close(&stop);
}

/* A challenge that is too old, or that was answered by AUTS before, is not known any more. */
static void resync_once(struct operator_store *s, const struct auc_challenge *c,
			const uint8_t *auts, bool *told)
{
	enum err e = auc_resync_of(s, c->rand, auts, 1);

	CU_ASSERT(e == ERR_NOT_FOUND || (e == ERR_OK && !*told));
	*told = true;
}

/* I6: with losses, replays and resynchronisations in any order, no number serves the card twice. */
static void test_sqn_any_order(void)
{
	enum { ROUNDS = 400, KEPT = 16 };
	struct operator_store *s = store_with_one();
	static struct {
		struct auc_challenge c;
		bool used, told;
	} kept[KEPT];
	struct sqn_array sqn = SQN_ARRAY_NEW;
	uint64_t highest = 0;

	srand(6);
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = (size_t)rand() % KEPT;
		uint8_t auts[AKA_AUTS_LEN];
		struct aka_result r;
		enum err e;

		if (!kept[at].c.id[0] || rand() % 2) {
			kept[at].used = kept[at].told = false;
			ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &kept[at].c), ERR_OK);
		}
		e = card_answer(s, 1, &kept[at].c, &sqn, &r, auts);
		CU_ASSERT(e == ERR_SYNC || (e == ERR_OK && !kept[at].used));
		if (e == ERR_OK)
			kept[at].used = true;
		else if (rand() % 2)
			resync_once(s, &kept[at].c, auts, &kept[at].told);
		CU_ASSERT(sqn_highest(&sqn) >= highest);
		highest = sqn_highest(&sqn);
	}
	operator_store_close(&s);
}

/* One statement reads for a vector, one value is unsealed, and one transaction is written. */
static void test_cost_of_a_vector(void)
{
	struct operator_store *s = store_with((struct aka_shape){0}, 0);
	struct operator_tally before, after;
	struct auc_challenge c;
	struct auc_triplet t;
	struct aka_vector v;

	ASSERT_ERR(auc_quintuplet(s, IMSI1, 1, &v), ERR_OK); /* the settings, once a second */
	for (int i = 0; i < 2; i++) { /* also when its statements are prepared */
		before = operator_store_tally(s);
		ASSERT_ERR(auc_quintuplet(s, IMSI1, 1, &v), ERR_OK);
		after = operator_store_tally(s);
		CU_ASSERT_EQUAL(after.selects - before.selects, 1);
		CU_ASSERT_EQUAL(after.unsealed - before.unsealed, 1);
		CU_ASSERT_EQUAL(after.transactions - before.transactions, 1);
		before = after;
		ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
		after = operator_store_tally(s);
		CU_ASSERT_EQUAL(after.selects - before.selects, 1);
		CU_ASSERT_EQUAL(after.unsealed - before.unsealed, 1);
		CU_ASSERT_EQUAL(after.transactions - before.transactions, 1);
		before = after;
		ASSERT_ERR(auc_triplet(s, IMSI1, &t), ERR_OK);
		after = operator_store_tally(s);
		CU_ASSERT_EQUAL(after.selects - before.selects, 1);
		CU_ASSERT_EQUAL(after.unsealed - before.unsealed, 1);
		CU_ASSERT_EQUAL(after.transactions - before.transactions, 0);
		before = after; /* K2 is not to be had yet, and is not unsealed */
		ASSERT_ERR(auc_quintuplet(s, IMSI2, 1, &v), ERR_WRONG_STATE);
		after = operator_store_tally(s);
		CU_ASSERT_EQUAL(after.unsealed - before.unsealed, 0);
	}
	operator_store_close(&s);
}

TEST_SUITE(auc, {"what a vector costs", test_cost_of_a_vector},
	   {"K1, then K2, never both", test_two_keys}, {"resynchronisation", test_resync},
	   {"resynchronisation, wherever card and AuC are", test_resync_anywhere},
	   {"resynchronisation at the end of the numbers", test_resync_at_the_end},
	   {"an AUTS that is replayed", test_resync_replayed},
	   {"the parameters of a key", test_shapes}, {"the hlr_auc_gw protocol", test_hlr_auc_gw},
	   {"a file that is no socket", test_socket_path}, {"vectors by socket", test_served},
	   {"SQN never goes back, card and AuC", test_sqn_any_order})
