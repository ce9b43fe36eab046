#include "host/operator/auc/hlr_auc_gw.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "host/operator/auc/auc.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/local.h"

#define WORDS_MAX     4
#define TRIPLETS_MAX  5
#define IMSI_WORD_MAX 256

struct answer {
	char *text;
	size_t len;
};

static void put(struct answer *a, const char *text)
{
	size_t n = strlen(text);

	if (n >= HLR_AUC_GW_MESSAGE_MAX - a->len)
		return;
	memcpy(a->text + a->len, text, n + 1);
	a->len += n;
}

static void put_hex(struct answer *a, struct slice s)
{
	hex_encode(s, a->text + a->len, HLR_AUC_GW_MESSAGE_MAX - a->len);
	a->len += strlen(a->text + a->len);
}

/* SIM-REQ-AUTH imsi n -> SIM-RESP-AUTH imsi Kc:SRES:RAND ... */
static bool sim_request(struct operator_store *s, char **words, int64_t now, struct answer *a)
{
	int n = words[2] && strlen(words[2]) == 1 ? words[2][0] - '0' : 0;

	(void)now;
	if (n < 1 || n > TRIPLETS_MAX)
		return false;
	for (int i = 0; i < n; i++) {
		struct auc_triplet t;

		if (auc_triplet(s, words[1], &t) != ERR_OK)
			return false;
		put(a, " ");
		put_hex(a, SLICE_OF(t.kc));
		put(a, ":");
		put_hex(a, SLICE_OF(t.sres));
		put(a, ":");
		put_hex(a, SLICE_OF(t.rand));
		secret_wipe(&t, sizeof(t));
	}
	return true;
}

/* AKA-REQ-AUTH imsi -> AKA-RESP-AUTH imsi RAND AUTN IK CK RES */
static bool aka_request(struct operator_store *s, char **words, int64_t now, struct answer *a)
{
	struct aka_vector v = {0};

	if (auc_quintuplet(s, words[1], now, &v) != ERR_OK)
		return false;
	put(a, " ");
	put_hex(a, SLICE_OF(v.rand));
	put(a, " ");
	put_hex(a, SLICE_OF(v.autn));
	put(a, " ");
	put_hex(a, SLICE_OF(v.expected.ik));
	put(a, " ");
	put_hex(a, SLICE_OF(v.expected.ck));
	put(a, " ");
	put_hex(a, slice_make(v.expected.res, v.expected.res_len));
	secret_wipe(&v, sizeof(v));
	return true;
}

/* AKA-AUTS imsi AUTS RAND: no answer; a forged one changes nothing. */
static bool aka_auts(struct operator_store *s, char **words, int64_t now, struct answer *a)
{
	struct auc_auts auts;

	(void)a;
	if (!words[2] || !words[3] || hex_decode_exact(words[2], auts.auts, sizeof(auts.auts)) ||
	    hex_decode_exact(words[3], auts.rand, sizeof(auts.rand)))
		return false;
	return auc_resync(s, words[1], &auts, now) == ERR_OK;
}

static const struct request {
	const char *name, *answer; /* answer: NULL where the protocol has none */
	bool (*run)(struct operator_store *s, char **words, int64_t now, struct answer *a);
} requests[] = {
	{"SIM-REQ-AUTH", "SIM-RESP-AUTH", sim_request},
	{"AKA-REQ-AUTH", "AKA-RESP-AUTH", aka_request},
	{"AKA-AUTS", NULL, aka_auts},
};

static const struct request *find_request(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(requests); i++) {
		if (strcmp(name, requests[i].name) == 0)
			return &requests[i];
	}
	return NULL;
}

static bool is_imsi(const char *word)
{
	size_t n = strspn(word, "0123456789");

	return n >= 6 && n <= IMSI_MAX && !word[n];
}

/* The client finds its question by what it called the IMSI, whether that is one or not. */
static bool can_be_repeated(const char *word)
{
	size_t n = 0;

	while (word && word[n] > ' ' && word[n] < 0x7F)
		n++;
	return n && n <= IMSI_WORD_MAX && !word[n];
}

static void refuse(const struct request *r, const char *imsi, struct answer *a)
{
	a->len = 0;
	put(a, r->answer);
	if (can_be_repeated(imsi)) {
		put(a, " ");
		put(a, imsi);
	}
	put(a, " FAILURE");
}

void hlr_auc_gw_answer(struct operator_store *s, const char *request, int64_t now,
		       char answer[static HLR_AUC_GW_MESSAGE_MAX])
{
	char copy[HLR_AUC_GW_MESSAGE_MAX], *words[WORDS_MAX] = {NULL}, *save = NULL;
	bool whole = strlen(request) < sizeof(copy);
	const struct request *r;
	struct answer a = {answer, 0};
	size_t n = 0;

	answer[0] = 0;
	snprintf(copy, sizeof(copy), "%s", request);
	for (char *w = strtok_r(copy, " \r\n", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " \r\n", &save))
		words[n++] = w;
	r = find_request(words[0]);
	if (!r)
		return;
	if (r->answer) {
		put(&a, r->answer);
		put(&a, " ");
	}
	if (words[1] && is_imsi(words[1]) && whole) {
		if (r->answer)
			put(&a, words[1]);
		if (r->run(s, words, now, &a))
			return;
	}
	if (r->answer)
		refuse(r, words[1], &a);
}

static void serve_one(struct operator_store *s, int fd)
{
	char request[HLR_AUC_GW_MESSAGE_MAX + 1], answer[HLR_AUC_GW_MESSAGE_MAX];
	struct sockaddr_un from;
	socklen_t from_len = sizeof(from);
	ssize_t n =
		recvfrom(fd, request, sizeof(request) - 1, 0, (struct sockaddr *)&from, &from_len);

	if (n <= 0)
		return;
	request[n] = 0;
	hlr_auc_gw_answer(s, request, time(NULL), answer);
	/* a client that is gone, or has no name to answer to, has no use for the answer */
	if (*answer && from_len > sizeof(sa_family_t))
		(void)!sendto(fd, answer, strlen(answer), MSG_DONTWAIT, (struct sockaddr *)&from,
			      from_len);
	secret_wipe(answer, sizeof(answer));
}

enum err hlr_auc_gw_serve(struct operator_store *s, const char *path, struct cancel *cancel,
			  void (*ready)(void))
{
	struct pollfd p[2] = {{.events = POLLIN}, {.fd = cancel_fd(cancel), .events = POLLIN}};
	struct local_socket own;
	enum err e = local_listen(path, SOCK_DGRAM, cancel, &own);

	if (e)
		return e;
	p[0].fd = own.fd;
	if (ready)
		ready();
	while (!e && !p[1].revents && !cancel_is_wished(cancel)) {
		int n = poll(p, ARRAY_LEN(p), -1);

		if (n < 0 && errno != EINTR)
			e = errno_err(errno);
		else if (n > 0 && p[0].revents)
			serve_one(s, p[0].fd);
	}
	local_remove(&own);
	close(own.fd);
	return e;
}
