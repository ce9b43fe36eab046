#include "host/operator/keysource/token.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/keysource/credential.h"
#include "host/operator/keysource/module.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"
#include "tool/sys/trouble.h"

#define KEY_LEN	     32
#define PIN_MAX	     255
#define PROMPT_CAP   80
#define TICKET_GCM   1 /* the first octet: how the rest was made; nonce, ciphertext, tag follow */
#define TICKET_LABEL "twinkey: outer key"

/* Of the token's attributes and mechanisms, which take no const. */
static unsigned char label_text[] = TICKET_LABEL;

struct work {
	const struct pkcs11_uri *uri;
	const struct token_caller *by;
	struct token_session s;
	ck_object_handle_t key;
};

/* Where the PIN is from, for sentences. */
static const char *pin_place(const struct pkcs11_uri *uri)
{
	return uri->pin == URI_PIN_NONE ? "as it was typed" : uri->pin_source;
}

static enum err ask_pin(const struct work *w, struct wbuf *pin)
{
	char prompt[PROMPT_CAP];
	enum err e = ERR_NOT_FOUND;

	snprintf(prompt, sizeof(prompt), "PIN of the token '%s': ", w->s.label);
	if (w->by->ask)
		e = w->by->ask(prompt, pin);
	if (e == ERR_NOT_FOUND)
		return trouble_set(ERR_KEY_AWAY,
				   "the PIN of the token '%s' is not given, and there is no "
				   "terminal to ask at: add pin-source=file:PATH or "
				   "pin-source=credential:NAME to the URI",
				   w->s.label);
	return e;
}

static enum err read_pin(const struct work *w, struct wbuf *pin)
{
	const struct pkcs11_uri *uri = w->uri;
	enum err e;

	if (uri->pin == URI_PIN_NONE)
		return ask_pin(w, pin);
	e = uri->pin == URI_PIN_FILE ? key_text_file(uri->pin_source, w->by->cancel, pin)
				     : key_text_credential(uri->pin_source, w->by->cancel, pin);
	while (!e && pin->len && strchr("\r\n", pin->ptr[pin->len - 1]))
		wbuf_cut(pin, pin->len - 1);
	if (!e && !pin->len)
		e = trouble_set(ERR_KEY_AWAY, "there is no PIN in '%s'", uri->pin_source);
	return e;
}

static enum err say_locked(const struct work *w)
{
	return trouble_set(ERR_REFUSED,
			   "the PIN of the token '%s' is locked: unlock it with the token's SO "
			   "PIN (as by pkcs11-tool --login --login-type so --init-pin)",
			   w->s.label);
}

/* Before a PIN is given: what the token says of the tries that were wrong. */
static enum err check_tries(const struct work *w)
{
	if (w->s.info.flags & CKF_USER_PIN_LOCKED)
		return say_locked(w);
	if ((w->s.info.flags & CKF_USER_PIN_FINAL_TRY) && w->uri->pin != URI_PIN_NONE)
		return trouble_set(
			ERR_REFUSED,
			"the PIN of the token '%s' has one try left, which is not spent "
			"on the PIN in '%s': set that right, and log in once by hand (as "
			"by pkcs11-tool --login --list-objects)",
			w->s.label, w->uri->pin_source);
	return ERR_OK;
}

static enum err say_wrong(const struct work *w)
{
	struct ck_token_info t = {.flags = 0};

	if (w->s.f->C_GetTokenInfo(w->s.slot, &t) != CKR_OK)
		t.flags = 0;
	if (t.flags & CKF_USER_PIN_LOCKED)
		return say_locked(w);
	return trouble_set(ERR_REFUSED,
			   "the PIN of the token '%s' (%s) is wrong; it was tried once%s",
			   w->s.label, pin_place(w->uri),
			   t.flags & CKF_USER_PIN_FINAL_TRY ? ", and one try is left" : "");
}

static enum err log_in(struct work *w)
{
	const bool at_token = w->s.info.flags & CKF_PROTECTED_AUTHENTICATION_PATH;
	uint8_t octets[PIN_MAX];
	struct wbuf pin = wbuf_init(octets, sizeof(octets));
	enum err e = ERR_OK;
	ck_rv_t rv = CKR_OK;

	if (!(w->s.info.flags & CKF_LOGIN_REQUIRED))
		return ERR_OK;
	e = check_tries(w);
	if (!e && !at_token)
		e = read_pin(w, &pin);
	if (!e)
		rv = w->s.f->C_Login(w->s.session, CKU_USER, at_token ? NULL : pin.ptr, pin.len);
	secret_wipe(octets, sizeof(octets));
	if (e || rv == CKR_USER_ALREADY_LOGGED_IN)
		return e;
	switch (rv) {
	case CKR_PIN_INCORRECT:
	case CKR_PIN_INVALID:
	case CKR_PIN_LEN_RANGE: return say_wrong(w);
	case CKR_PIN_LOCKED: return say_locked(w);
	default: return token_trouble(&w->s, "C_Login", rv);
	}
}

/* How many keys the URI fits, two at most; w->key is one of them. */
static enum err count_keys(struct work *w, unsigned long *count)
{
	ck_object_class_t class = CKO_SECRET_KEY;
	ck_key_type_t type = CKK_AES;
	char label[sizeof(w->uri->object)];
	uint8_t id[URI_ID_MAX];
	struct ck_attribute wanted[4] = {{CKA_CLASS, &class, sizeof(class)},
					 {CKA_KEY_TYPE, &type, sizeof(type)}};
	unsigned long n = 2;
	ck_object_handle_t keys[2];
	enum err e;

	memcpy(label, w->uri->object, sizeof(label));
	memcpy(id, w->uri->id, sizeof(id));
	if (*label)
		wanted[n++] = (struct ck_attribute){CKA_LABEL, label, strlen(label)};
	if (w->uri->id_len)
		wanted[n++] = (struct ck_attribute){CKA_ID, id, w->uri->id_len};
	*count = 0;
	e = token_trouble(&w->s, "C_FindObjectsInit",
			  w->s.f->C_FindObjectsInit(w->s.session, wanted, n));
	if (!e)
		e = token_trouble(&w->s, "C_FindObjects",
				  w->s.f->C_FindObjects(w->s.session, keys, 2, count));
	if (!e)
		e = token_trouble(&w->s, "C_FindObjectsFinal",
				  w->s.f->C_FindObjectsFinal(w->s.session));
	if (!e && *count)
		w->key = keys[0];
	return e;
}

static enum err find_token_key(struct work *w)
{
	const char *name = w->uri->object[0] ? w->uri->object : "of this id";
	unsigned long count;
	enum err e = count_keys(w, &count);

	if (!e && !count)
		e = trouble_set(ERR_KEY_AWAY,
				"the token '%s' has no AES key '%s': make one with: "
				"twinkey-operator key make",
				w->s.label, name);
	if (!e && count > 1)
		e = trouble_set(
			ERR_DUPLICATE,
			"the token '%s' has more than one AES key '%s': name one by its id=",
			w->s.label, name);
	return e;
}

/* Opens the session, and logs in. */
static enum err begin_work(struct work *w, bool write)
{
	enum err e = token_session_open(w->uri, write, w->by->cancel, &w->s);

	return e ? e : log_in(w);
}

/* Who could take it out of the token would need the token no more. */
static enum err check_confined(struct work *w)
{
	unsigned char extractable = 1, sensitive = 0;
	struct ck_attribute a[] = {{CKA_EXTRACTABLE, &extractable, sizeof(extractable)},
				   {CKA_SENSITIVE, &sensitive, sizeof(sensitive)}};
	enum err e =
		token_trouble(&w->s, "C_GetAttributeValue",
			      w->s.f->C_GetAttributeValue(w->s.session, w->key, a, ARRAY_LEN(a)));

	if (!e && (extractable || !sensitive))
		e = trouble_set(ERR_REFUSED,
				"the key can be taken out of the token '%s': make one that cannot, "
				"with: twinkey-operator key make",
				w->s.label);
	return e;
}

static struct ck_gcm_params gcm_params(uint8_t nonce[static GCM_NONCE_LEN])
{
	return (struct ck_gcm_params){.iv_ptr = nonce,
				      .iv_len = GCM_NONCE_LEN,
				      .iv_bits = GCM_NONCE_LEN * 8,
				      .aad_ptr = label_text,
				      .aad_len = sizeof(label_text) - 1,
				      .tag_bits = GCM_TAG_LEN * 8};
}

static enum err encrypt_ticket(struct work *w, const struct secret *outer,
			       struct key_ticket *ticket)
{
	uint8_t nonce[GCM_NONCE_LEN], sealed[KEY_LEN + GCM_TAG_LEN];
	struct ck_gcm_params params = gcm_params(nonce);
	struct ck_mechanism m = {CKM_AES_GCM, &params, sizeof(params)};
	struct wbuf out = wbuf_init(ticket->octets, sizeof(ticket->octets));
	struct secret *plain = secret_copy(secret_slice(outer));
	unsigned long len = sizeof(sealed);
	enum err e = plain ? random_bytes(nonce, sizeof(nonce)) : ERR_MEMORY;

	if (!e)
		e = token_trouble(&w->s, "C_EncryptInit",
				  w->s.f->C_EncryptInit(w->s.session, &m, w->key));
	if (!e)
		e = token_trouble(
			&w->s, "C_Encrypt",
			w->s.f->C_Encrypt(w->s.session, plain->bytes, plain->len, sealed, &len));
	secret_free(&plain);
	if (e)
		return e;
	wbuf_u8(&out, TICKET_GCM);
	wbuf_put(&out, SLICE_OF(nonce)); /* after: some tokens choose it themselves */
	wbuf_put(&out, slice_make(sealed, len));
	ticket->len = out.len;
	return wbuf_done(&out);
}

/* Answers of tokens to what was not encrypted by this key; CKR_GENERAL_ERROR is SoftHSM's. */
static bool says_not_its(ck_rv_t rv)
{
	return rv == CKR_ENCRYPTED_DATA_INVALID || rv == CKR_ENCRYPTED_DATA_LEN_RANGE ||
	       rv == CKR_GENERAL_ERROR || rv == CKR_DATA_INVALID || rv == CKR_FUNCTION_FAILED;
}

static enum err decrypt_ticket(struct work *w, const struct key_ticket *ticket,
			       struct secret **outer)
{
	uint8_t nonce[GCM_NONCE_LEN], sealed[KEY_LEN + GCM_TAG_LEN];
	struct ck_gcm_params params = gcm_params(nonce);
	struct ck_mechanism m = {CKM_AES_GCM, &params, sizeof(params)};
	struct cursor c = cursor_of(slice_make(ticket->octets, ticket->len));
	uint8_t how = cursor_u8(&c);
	/* SoftHSM writes the tag's place, too, before it knows its length */
	struct secret *plain = secret_new(sizeof(sealed)), *key = NULL;
	unsigned long len = sizeof(sealed);
	ck_rv_t rv = CKR_OK;
	enum err e;

	cursor_copy(&c, nonce, sizeof(nonce));
	cursor_copy(&c, sealed, sizeof(sealed));
	e = cursor_done(&c) || how != TICKET_GCM ? ERR_CORRUPT : plain ? ERR_OK : ERR_MEMORY;
	if (!e)
		e = token_trouble(&w->s, "C_DecryptInit",
				  w->s.f->C_DecryptInit(w->s.session, &m, w->key));
	if (!e)
		rv = w->s.f->C_Decrypt(w->s.session, sealed, sizeof(sealed), plain->bytes, &len);
	if (!e)
		e = says_not_its(rv) ? ERR_KEY : token_trouble(&w->s, "C_Decrypt", rv);
	if (!e) {
		key = len == KEY_LEN ? secret_copy(slice_sub(secret_slice(plain), 0, KEY_LEN))
				     : NULL;
		e = key ? ERR_OK : ERR_KEY;
	}
	secret_free(&plain);
	if (!e)
		*outer = key;
	return e;
}

enum err token_close_ticket(const struct pkcs11_uri *uri, const struct token_caller *by,
			    const struct secret *outer, struct key_ticket *ticket)
{
	struct work w = {.uri = uri, .by = by, .s = {.lock = -1}};
	struct key_ticket t = {.len = 0};
	struct secret *again = NULL;
	enum err e = begin_work(&w, false);

	if (!e)
		e = find_token_key(&w);
	if (!e)
		e = check_confined(&w);
	if (!e)
		e = encrypt_ticket(&w, outer, &t);
	if (!e) /* what the token could not open again would be lost with the folder */
		e = decrypt_ticket(&w, &t, &again);
	if (!e && !secret_equal(secret_slice(again), secret_slice(outer)))
		e = ERR_KEY;
	if (e == ERR_KEY)
		e = trouble_set(ERR_UNSUPPORTED,
				"the token '%s' does not open what it has encrypted by AES-GCM",
				w.s.label);
	secret_free(&again);
	token_session_close(&w.s);
	if (!e)
		*ticket = t;
	return e;
}

enum err token_open_ticket(const struct pkcs11_uri *uri, const struct token_caller *by,
			   const struct key_ticket *ticket, struct secret **outer)
{
	struct work w = {.uri = uri, .by = by, .s = {.lock = -1}};
	enum err e = begin_work(&w, false);

	if (!e)
		e = find_token_key(&w);
	if (!e)
		e = decrypt_ticket(&w, ticket, outer);
	token_session_close(&w.s);
	return e;
}

static enum err generate(struct work *w)
{
	unsigned char yes = 1, no = 0;
	unsigned long len = KEY_LEN;
	ck_object_class_t class = CKO_SECRET_KEY;
	ck_key_type_t type = CKK_AES;
	char label[sizeof(w->uri->object)];
	uint8_t id[URI_ID_MAX];
	struct ck_attribute key[13] = {
		{CKA_CLASS, &class, sizeof(class)}, {CKA_KEY_TYPE, &type, sizeof(type)},
		{CKA_VALUE_LEN, &len, sizeof(len)}, {CKA_TOKEN, &yes, sizeof(yes)},
		{CKA_PRIVATE, &yes, sizeof(yes)},   {CKA_SENSITIVE, &yes, sizeof(yes)},
		{CKA_EXTRACTABLE, &no, sizeof(no)}, {CKA_ENCRYPT, &yes, sizeof(yes)},
		{CKA_DECRYPT, &yes, sizeof(yes)},   {CKA_WRAP, &no, sizeof(no)},
		{CKA_UNWRAP, &no, sizeof(no)},
	};
	struct ck_mechanism m = {CKM_AES_KEY_GEN, NULL, 0};
	unsigned long n = 11;

	memcpy(label, w->uri->object, sizeof(label));
	memcpy(id, w->uri->id, sizeof(id));
	if (*label)
		key[n++] = (struct ck_attribute){CKA_LABEL, label, strlen(label)};
	if (w->uri->id_len)
		key[n++] = (struct ck_attribute){CKA_ID, id, w->uri->id_len};
	return token_trouble(&w->s, "C_GenerateKey",
			     w->s.f->C_GenerateKey(w->s.session, &m, key, n, &w->key));
}

enum err token_make_key(const struct pkcs11_uri *uri, const struct token_caller *by)
{
	struct work w = {.uri = uri, .by = by, .s = {.lock = -1}};
	unsigned long count = 0;
	enum err e = begin_work(&w, true);

	if (!e)
		e = count_keys(&w, &count);
	if (!e && count)
		e = trouble_set(ERR_EXISTS,
				"the token '%s' has such a key already: use it, or choose another "
				"object= or id=",
				w.s.label);
	if (!e)
		e = generate(&w);
	token_session_close(&w.s);
	return e;
}
