#include "host/operator/web/key_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/factor/passkey.h"
#include "host/operator/http/form.h"
#include "host/operator/http/page.h"
#include "host/operator/web/ask.h"
#include "host/operator/web/html.h"
#include "host/operator/web/view.h"
#include "lib/base/base64.h"
#include "lib/crypto/symmetric.h"

#define USER_LEN 8
#define HASH_CAP 48

/* What is asked of the browser stands in the form's attributes; what it gives goes into its fields.
 */
static const char script[] =
	"(()=>{const f=document.querySelector('form[data-use]');"
	"if(!f||!window.PublicKeyCredential)return;"
	"const b=f.querySelector('button'),s=f.querySelector('[role=status]'),a=f.dataset;"
	"const d=t=>Uint8Array.from(atob(t),c=>c.charCodeAt(0));"
	"const e=o=>btoa(String.fromCharCode(...new Uint8Array(o)));"
	"const ids=a.keys?a.keys.split(' ').map(i=>({type:'public-key',id:d(i)})):[];"
	"b.disabled=false;"
	"f.addEventListener('submit',async v=>{v.preventDefault();b.disabled=true;s.hidden=true;"
	"try{const c=a.use==='new'?await navigator.credentials.create({publicKey:{"
	"challenge:d(a.challenge),rp:{id:a.name,name:a.name},"
	"user:{id:d(a.user),name:a.name,displayName:a.name},"
	"pubKeyCredParams:[{type:'public-key',alg:-7}],excludeCredentials:ids,"
	"authenticatorSelection:{userVerification:'preferred'},attestation:'none',timeout:60000}})"
	":await navigator.credentials.get({publicKey:{challenge:d(a.challenge),rpId:a.name,"
	"allowCredentials:ids,userVerification:'preferred',timeout:60000}});"
	"const r=c.response,g=f.elements;g.key.value=e(c.rawId);"
	"g.client.value=e(r.clientDataJSON);"
	"g.data.value=e(r.authenticatorData||r.getAuthenticatorData());"
	"g.signature.value=r.signature?e(r.signature):'';f.submit()}"
	"catch{b.disabled=false;s.hidden=false}})})()";

bool key_form_is_new(const struct pages_ask *ask)
{
	return ask->passkeys && ask->view->stage == VIEW_APPROVED && !ask->view->book.locked &&
	       !ask->view->book.passkey[BOOK_PASSKEYS_MAX - 1].id_len;
}

bool key_form_is_there(const struct pages_ask *ask)
{
	return key_form_is_new(ask) ||
	       (ask->passkeys && (ask->view->offered & FACTOR_BIT(FACTOR_PASSKEY)) &&
		(ask->view->stage == VIEW_PROVE || ask->view->stage == VIEW_EXPIRED));
}

static void put_attribute(struct wbuf *w, const char *begin, const char *value)
{
	html_put(w, begin);
	html_text(w, value);
	html_put(w, "\"");
}

/* Those that there are, parted by blanks; base64 needs no escape. */
static void put_keys(struct wbuf *w, const struct book *b)
{
	html_put(w, " data-keys=\"");
	for (size_t i = 0; i < BOOK_PASSKEYS_MAX; i++) {
		if (!b->passkey[i].id_len)
			continue;
		html_put(w, i ? " " : "");
		base64_put(w, slice_make(b->passkey[i].id, b->passkey[i].id_len));
	}
	html_put(w, "\"");
}

/* To a browser a user is a number of ours, and tells nobody who it is. */
static void put_user(struct wbuf *w, int64_t id)
{
	uint8_t octets[USER_LEN];
	struct wbuf number = wbuf_init(octets, sizeof(octets));

	wbuf_uint(&number, (uint64_t)id, USER_LEN);
	html_put(w, " data-user=\"");
	base64_put(w, wbuf_slice(&number));
	html_put(w, "\"");
}

void key_form_put(struct wbuf *w, const struct pages_ask *ask, bool is_new)
{
	const struct language *l = ask->language;

	html_put(w, "<section aria-labelledby=\"key-head\">\n<h2 id=\"key-head\">");
	html_text(w, l->word[is_new ? WORD_PASSKEY_ADD_HEAD : WORD_PASSKEY_HEAD]);
	html_put(w, "</h2>\n<p class=\"hint\">");
	html_text(w, l->word[is_new ? WORD_PASSKEY_ADD_HINT : WORD_PASSKEY_HINT]);
	html_put(w, "</p>\n<form method=\"post\" action=\"");
	html_put(w, is_new ? PAGES_PATH_NEW_KEY "\" data-use=\"new\""
			   : PAGES_PATH_PASSKEY "\" data-use=\"get\"");
	put_attribute(w, " data-name=\"", ask->passkeys);
	put_attribute(w, " data-challenge=\"", ask->challenge);
	put_user(w, ask->view->sub.id);
	put_keys(w, &ask->view->book);
	put_attribute(w, ">\n<input type=\"hidden\" name=\"token\" value=\"", ask->token);
	html_put(w, ">\n<input type=\"hidden\" name=\"key\"><input type=\"hidden\" name=\"client\">"
		    "<input type=\"hidden\" name=\"data\"><input type=\"hidden\" "
		    "name=\"signature\">\n<button type=\"submit\" disabled>");
	html_text(w, l->word[is_new ? WORD_PASSKEY_ADD : WORD_PASSKEY_USE]);
	html_put(w, "</button>\n<p role=\"status\" hidden>");
	html_text(w, l->word[WORD_PASSKEY_FAILED]);
	html_put(w, "</p>\n</form>\n</section>\n");
}

void key_form_script(struct wbuf *w)
{
	html_put(w, "<script>");
	html_put(w, script);
	html_put(w, "</script>\n");
}

enum err key_form_policy(char policy[static KEY_FORM_POLICY_CAP])
{
	struct slice text = slice_str(script);
	uint8_t hash[SHA256_LEN];
	char base64[HASH_CAP];
	struct wbuf w = wbuf_init((uint8_t *)base64, sizeof(base64));
	enum err e = sha256(&text, 1, hash);

	if (e)
		return e;
	base64_put(&w, SLICE_OF(hash));
	wbuf_u8(&w, 0);
	if (wbuf_done(&w))
		return ERR_SPACE;
	return snprintf(policy, KEY_FORM_POLICY_CAP, HTTP_PAGE_POLICY "; script-src 'sha256-%s'",
			base64) < KEY_FORM_POLICY_CAP
		       ? ERR_OK
		       : ERR_SPACE;
}

enum err key_form_read(const struct http_form *form, struct wbuf *memory,
		       struct passkey_answer *out)
{
	const struct {
		const char *name;
		struct slice *to;
	} fields[] = {
		{"key", &out->id},
		{"client", &out->client},
		{"data", &out->data},
		{"signature", &out->signature},
	};
	size_t at[ARRAY_LEN(fields) + 1] = {memory->len};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const char *text = http_form_get(form, fields[i].name);
		enum err e = text ? base64_decode(slice_str(text), memory) : ERR_TAG;

		if (e)
			return e;
		at[i + 1] = memory->len;
	}
	if (wbuf_done(memory))
		return ERR_SPACE;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		*fields[i].to = slice_sub(wbuf_slice(memory), at[i], at[i + 1] - at[i]);
	return ERR_OK;
}
