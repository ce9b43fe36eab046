#include "host/operator/auc/hlr_auc_gw.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/auc/auc.h"
#include "host/operator/db/values.h"
#include "lib/base/bytes.h"

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
static enum err sim_request(struct operator_store *s, char **words, int64_t now, struct answer *a)
{
	int n = words[2] && strlen(words[2]) == 1 ? words[2][0] - '0' : 0;

	(void)now;
	if (n < 1 || n > TRIPLETS_MAX)
		return ERR_VALUE;
	for (int i = 0; i < n; i++) {
		struct auc_triplet t;
		enum err e = auc_triplet(s, words[1], &t);

		if (e)
			return e;
		put(a, " ");
		put_hex(a, SLICE_OF(t.kc));
		put(a, ":");
		put_hex(a, SLICE_OF(t.sres));
		put(a, ":");
		put_hex(a, SLICE_OF(t.rand));
		secret_wipe(&t, sizeof(t));
	}
	return ERR_OK;
}

/* AKA-REQ-AUTH imsi -> AKA-RESP-AUTH imsi RAND AUTN IK CK RES */
static enum err aka_request(struct operator_store *s, char **words, int64_t now, struct answer *a)
{
	struct aka_vector v = {0};
	enum err e = auc_quintuplet(s, words[1], now, &v);

	if (e)
		return e;
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
	return ERR_OK;
}

/* AKA-AUTS imsi AUTS RAND: no answer; a forged one changes nothing. */
static enum err aka_auts(struct operator_store *s, char **words, int64_t now, struct answer *a)
{
	struct auc_auts auts;

	(void)a;
	if (!words[2] || !words[3] || hex_decode_exact(words[2], auts.auts, sizeof(auts.auts)) ||
	    hex_decode_exact(words[3], auts.rand, sizeof(auts.rand)))
		return ERR_VALUE;
	return auc_resync(s, words[1], &auts, now);
}

static const struct request {
	const char *name, *answer; /* answer: NULL where the protocol has none */
	enum err (*run)(struct operator_store *s, char **words, int64_t now, struct answer *a);
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

struct parsed {
	char copy[HLR_AUC_GW_MESSAGE_MAX], *words[WORDS_MAX];
	const struct request *r; /* NULL: none that is answered */
	bool good;		 /* it names an IMSI, and all of it is there */
};

static void parse_request(const char *request, struct parsed *p)
{
	char *save = NULL;
	size_t n = 0;

	memset(p->words, 0, sizeof(p->words));
	snprintf(p->copy, sizeof(p->copy), "%s", request);
	for (char *w = strtok_r(p->copy, " \r\n", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " \r\n", &save))
		p->words[n++] = w;
	p->r = find_request(p->words[0]);
	p->good = p->words[1] && is_imsi(p->words[1]) && strlen(request) < sizeof(p->copy);
}

enum err hlr_auc_gw_answer(struct operator_store *s, const char *request, int64_t now,
			   char answer[static HLR_AUC_GW_MESSAGE_MAX])
{
	struct answer a = {answer, 0};
	struct parsed p;
	enum err e = ERR_VALUE;

	answer[0] = 0;
	parse_request(request, &p);
	if (!p.r)
		return ERR_OK;
	if (p.good && p.r->answer) {
		put(&a, p.r->answer);
		put(&a, " ");
		put(&a, p.words[1]);
	}
	if (p.good)
		e = p.r->run(s, p.words, now, &a);
	if (e)
		hlr_auc_gw_refuse(request, answer);
	return db_is_busy(e) ? e : ERR_OK;
}

void hlr_auc_gw_refuse(const char *request, char answer[static HLR_AUC_GW_MESSAGE_MAX])
{
	struct answer a = {answer, 0};
	struct parsed p;

	answer[0] = 0;
	parse_request(request, &p);
	if (p.r && p.r->answer)
		refuse(p.r, p.words[1], &a);
}
