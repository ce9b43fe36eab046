#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/operator/auc.h"
#include "host/operator/hlr_auc_gw.h"
#include "lib/crypto/symmetric.h"

#define IMSI1 "001010000000001"
#define IMSI2 "001010000000002"

static struct subscriber sub;
static const char *store_dir;

static struct operator_store *store_with_one(void)
{
	struct operator_store *s = NULL;
	struct subscriber_keys keys;

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
	ASSERT_ERR(operator_store_create(store_dir, &s), ERR_OK);
	ASSERT_ERR(subscriber_add(s, &sub, &keys), ERR_OK);
	subscriber_keys_free(&keys);
	return s;
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
	enum err e = subscriber_aka_key(s, sub.id, which, &key);

	if (!e)
		e = aka_usim_authenticate(key, sqn, c->rand, c->autn, r, auts);
	aka_key_free(&key);
	return e;
}

static void test_two_keys(void)
{
	struct operator_store *s = store_with_one();
	struct sqn_array sqn[2] = {{.delta = 0}, {.delta = 0}};
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
	struct sqn_array sqn = {.delta = 0};
	struct auc_challenge c;
	struct aka_result r;
	uint8_t auts[AKA_AUTS_LEN];

	sqn_accept(&sqn, 5000 << SQN_IND_BITS | 3); /* the card is ahead */
	for (unsigned i = 0; i < SQN_SLOTS; i++)
		sqn.seq[i] = 5000;
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_SYNC);
	auts[3] ^= 1;
	ASSERT_ERR(auc_resync(s, IMSI1, c.rand, auts), ERR_MAC);
	auts[3] ^= 1;
	ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 2), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &c), ERR_OK);
	ASSERT_ERR(card_answer(s, 1, &c, &sqn, &r, auts), ERR_OK);
	ASSERT_ERR(auc_challenge(s, IMSI1, true, 1, &c), ERR_OK); /* GSM has no synchronisation */
	ASSERT_ERR(auc_resync_challenge(s, c.id, SLICE_OF(auts), 2), ERR_VALUE);
	operator_store_close(&s);
}

static void test_hlr_auc_gw(void)
{
	static const char *const garbage[] = {"",
					      "AKA-REQ-AUTH",
					      "AKA-REQ-AUTH ../../etc",
					      "HELLO 001010000000001",
					      "AKA-AUTS " IMSI1 " 00 11",
					      "AKA-REQ-AUTH 0010100000000011111"};
	static const char *const counts[] = {" 9", " 0", " 33", " x", ""}; /* 1 to 5 are asked */
	struct operator_store *s = store_with_one();
	char answer[HLR_AUC_GW_MESSAGE_MAX], words[6][64];

	hlr_auc_gw_answer(s, "AKA-REQ-AUTH " IMSI1, answer);
	CU_ASSERT_EQUAL(sscanf(answer, "AKA-RESP-AUTH %63s %63s %63s %63s %63s %63s", words[0],
			       words[1], words[2], words[3], words[4], words[5]),
			6);
	CU_ASSERT_STRING_EQUAL(words[0], IMSI1);
	CU_ASSERT_EQUAL(strlen(words[1]), 32);
	CU_ASSERT_EQUAL(strlen(words[5]), 16);
	hlr_auc_gw_answer(s, "AKA-REQ-AUTH " IMSI2, answer);
	CU_ASSERT_STRING_EQUAL(answer, "AKA-RESP-AUTH " IMSI2 " FAILURE");
	hlr_auc_gw_answer(s, "SIM-REQ-AUTH " IMSI1 " 3", answer);
	CU_ASSERT_EQUAL(sscanf(answer, "SIM-RESP-AUTH %63s %63s %63s %63s", words[0], words[1],
			       words[2], words[3]),
			4);
	CU_ASSERT_EQUAL(strlen(words[3]), 16 + 1 + 8 + 1 + 32);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		char request[64];

		snprintf(request, sizeof(request), "SIM-REQ-AUTH " IMSI1 "%s", counts[i]);
		hlr_auc_gw_answer(s, request, answer);
		CU_ASSERT_STRING_EQUAL(answer, "SIM-RESP-AUTH " IMSI1 " FAILURE");
	}
	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		hlr_auc_gw_answer(s, garbage[i], answer);
		CU_ASSERT_STRING_EQUAL(answer, "");
	}
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
	ASSERT_ERR(hlr_auc_gw_serve(s, path, STDIN_FILENO, NULL), ERR_EXISTS);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	operator_store_close(&s);
}

static pid_t start_server(const char *dir, const char *path, int stop_fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct operator_store *s = NULL;
		enum err e = operator_store_open(dir, &s);

		if (!e)
			e = hlr_auc_gw_serve(s, path, stop_fd, NULL);
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
	int stop[2], status = -1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;
	pid_t pid;

	operator_store_close(&s);
	snprintf(server.sun_path, sizeof(server.sun_path), "%s/auc", folder);
	snprintf(own.sun_path, sizeof(own.sun_path), "%s/client", folder);
	CU_ASSERT_EQUAL_FATAL(pipe(stop), 0);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	pid = start_server(store_dir, server.sun_path, stop[0]);
	ask(fd, &server, SLICE_OF(noise));
	ask(fd, &server, slice_make((const uint8_t *)request, sizeof(request) - 1));
	CU_ASSERT(recv(fd, answer, sizeof(answer) - 1, 0) > 0);
	CU_ASSERT_EQUAL(strncmp(answer, "AKA-RESP-AUTH " IMSI1 " ", 30), 0);
	CU_ASSERT_EQUAL(stat(server.sun_path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	CU_ASSERT_EQUAL(write(stop[1], "", 1), 1);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == ERR_OK);
	CU_ASSERT_NOT_EQUAL(stat(server.sun_path, &st), 0);
	close(fd);
	close(stop[0]);
	close(stop[1]);
}

/* I6: with losses, replays and resynchronisations in any order, no number serves the card twice. */
static void test_sqn_any_order(void)
{
	enum { ROUNDS = 400, KEPT = 16 };
	struct operator_store *s = store_with_one();
	static struct {
		struct auc_challenge c;
		bool used;
	} kept[KEPT];
	struct sqn_array sqn = {.delta = 0};
	uint64_t highest = 0;

	srand(6);
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = (size_t)rand() % KEPT;
		uint8_t auts[AKA_AUTS_LEN];
		struct aka_result r;
		enum err e;

		if (!kept[at].c.id[0] || rand() % 2) {
			kept[at].used = false;
			ASSERT_ERR(auc_challenge(s, IMSI1, false, 1, &kept[at].c), ERR_OK);
		}
		e = card_answer(s, 1, &kept[at].c, &sqn, &r, auts);
		CU_ASSERT(e == ERR_SYNC || (e == ERR_OK && !kept[at].used));
		if (e == ERR_OK)
			kept[at].used = true;
		else if (rand() % 2)
			ASSERT_ERR(auc_resync(s, IMSI1, kept[at].c.rand, auts), ERR_OK);
		CU_ASSERT(sqn_highest(&sqn) >= highest);
		highest = sqn_highest(&sqn);
	}
	operator_store_close(&s);
}

TEST_SUITE(auc, {"K1, then K2, never both", test_two_keys}, {"resynchronisation", test_resync},
	   {"the hlr_auc_gw protocol", test_hlr_auc_gw},
	   {"a file that is no socket", test_socket_path}, {"vectors by socket", test_served},
	   {"SQN never goes back, card and AuC", test_sqn_any_order})
