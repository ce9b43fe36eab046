#include "host/operator/keysource/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/sys/errno.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

/* p11-kit's own has all modules that this machine is configured for. */
#define MODULE_DEFAULT "libp11-kit.so.0"
#define SLOTS_MAX      64
#define LABELS_CAP     200
#define LOCK_MS	       10000 /* so long a process may have a module, at most */
#define LOCK_PAUSE_MS  10

static const struct {
	ck_rv_t rv;
	enum err e;
	const char *says;
} answers[] = {
	{CKR_HOST_MEMORY, ERR_MEMORY, "out of memory"},
	{CKR_DEVICE_MEMORY, ERR_FULL, "the token is full: delete objects that are not needed"},
	{CKR_DEVICE_ERROR, ERR_IO, "the token reports an error of its own"},
	{CKR_DEVICE_REMOVED, ERR_KEY_AWAY, "the token was pulled out: put it back"},
	{CKR_TOKEN_NOT_PRESENT, ERR_KEY_AWAY, "the token is not there: put it in"},
	{CKR_TOKEN_NOT_RECOGNIZED, ERR_KEY_AWAY, "the module does not know this token"},
	{CKR_TOKEN_WRITE_PROTECTED, ERR_PERMISSION, "the token cannot be written to"},
	{CKR_SESSION_COUNT, ERR_LOCKED, "the token has no free session: end another program"},
	{CKR_PIN_EXPIRED, ERR_REFUSED, "its PIN has run out: set a new one"},
	{CKR_USER_PIN_NOT_INITIALIZED, ERR_REFUSED, "the token has no user PIN yet: set one"},
	{CKR_MECHANISM_INVALID, ERR_UNSUPPORTED, "the token has no AES-GCM (CKM_AES_GCM)"},
	{CKR_KEY_FUNCTION_NOT_PERMITTED, ERR_REFUSED,
	 "the key is not made for this: it has to encrypt and decrypt"},
	{CKR_KEY_TYPE_INCONSISTENT, ERR_REFUSED, "the key is not made for AES-GCM"},
	{CKR_TEMPLATE_INCONSISTENT, ERR_UNSUPPORTED, "the token makes no AES key of this kind"},
};

enum err token_trouble(const struct token_session *s, const char *function, ck_rv_t rv)
{
	if (rv == CKR_OK)
		return ERR_OK;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		if (answers[i].rv == rv)
			return trouble_set(answers[i].e, "the token '%s': %s", s->label,
					   answers[i].says);
	}
	return trouble_set(ERR_IO, "the token '%s': %s failed (CKR 0x%lX)", s->label, function, rv);
}

static enum err check_module(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return trouble_set(ERR_KEY_AWAY,
				   "the PKCS#11 module '%s': %s: install it, or name "
				   "another by module-path",
				   path, err_text(errno_err(errno)));
	if (!S_ISREG(st.st_mode) || (st.st_uid && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return trouble_set(ERR_PERMISSION,
				   "permission denied: the PKCS#11 module '%s' is not a file of "
				   "root or of this user that nobody else can write to",
				   path);
	return ERR_OK;
}

/* Waits until no other process of ours has the module whose function this is; or goes on. */
static enum err lock_module(void *function, struct cancel *cancel, int *lock)
{
	struct wait w = wait_begin(cancel, "another process, which uses the token");
	enum err e = ERR_OK;
	Dl_info at;

	*lock = dladdr(function, &at) ? open(at.dli_fname, O_RDONLY | O_CLOEXEC) : -1;
	while (!e && *lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) &&
	       wait_now_ms() - w.since_ms < LOCK_MS)
		e = wait_pause(&w, LOCK_PAUSE_MS);
	return e;
}

static enum err load(const char *path, struct cancel *cancel, struct token_session *s)
{
	struct ck_c_initialize_args args = {.flags = CKF_OS_LOCKING_OK};
	union {
		void *symbol;
		CK_C_GetFunctionList get;
	} list;
	struct ck_function_list *functions = NULL;
	enum err e = *path ? check_module(path) : ERR_OK;
	void *module;
	ck_rv_t rv;

	if (e)
		return e;
	path = *path ? path : MODULE_DEFAULT;
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	list.symbol = module ? dlsym(module, "C_GetFunctionList") : NULL;
	if (!module)
		return trouble_set(ERR_KEY_AWAY, "the PKCS#11 module cannot be loaded: %s",
				   dlerror());
	if (!list.symbol || list.get(&functions) != CKR_OK || !functions)
		return trouble_set(ERR_KEY_AWAY, "'%s' is no PKCS#11 module", path);
	e = lock_module(list.symbol, cancel, &s->lock);
	if (e)
		return e;
	s->f = functions;
	rv = s->f->C_Initialize(&args);
	s->began = rv == CKR_OK;
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return trouble_set(ERR_KEY_AWAY,
				   "the PKCS#11 module '%s' does not start (CKR 0x%lX): check its "
				   "configuration, and that this user may read it",
				   path, rv);
	return ERR_OK;
}

/* A field is filled up with blanks. */
static void field_text(const unsigned char *field, size_t cap, char *text)
{
	size_t n = cap;

	while (n && (field[n - 1] == ' ' || !field[n - 1]))
		n--;
	memcpy(text, field, n);
	text[n] = 0;
}

static bool field_fits(const unsigned char *field, size_t cap, const char *wanted)
{
	char text[65];

	field_text(field, cap, text);
	return !*wanted || strcmp(text, wanted) == 0;
}

static bool token_fits(const struct ck_token_info *t, const struct pkcs11_uri *uri)
{
	return field_fits(t->label, sizeof(t->label), uri->token) &&
	       field_fits(t->manufacturer_id, sizeof(t->manufacturer_id), uri->manufacturer) &&
	       field_fits(t->model, sizeof(t->model), uri->model) &&
	       field_fits(t->serial_number, sizeof(t->serial_number), uri->serial);
}

static void add_label(char labels[static LABELS_CAP], const struct ck_token_info *t)
{
	char label[33];
	size_t n = strlen(labels);

	field_text(t->label, sizeof(t->label), label);
	snprintf(labels + n, LABELS_CAP - n, "%s'%s'", n ? ", " : "", label);
}

static enum err find_token(const struct pkcs11_uri *uri, struct token_session *s)
{
	const char *wanted = uri->token[0] ? uri->token : uri->serial;
	char labels[LABELS_CAP] = "";
	ck_slot_id_t slots[SLOTS_MAX];
	unsigned long count = SLOTS_MAX, found = 0;
	ck_rv_t rv = s->f->C_GetSlotList(1, slots, &count);

	for (unsigned long i = 0; rv == CKR_OK && i < count && i < SLOTS_MAX; i++) {
		struct ck_token_info t;

		if (s->f->C_GetTokenInfo(slots[i], &t) != CKR_OK ||
		    !(t.flags & CKF_TOKEN_INITIALIZED))
			continue;
		add_label(labels, &t);
		if (!token_fits(&t, uri))
			continue;
		s->slot = slots[i];
		s->info = t;
		field_text(t.label, sizeof(t.label), s->label);
		found++;
	}
	if (rv != CKR_OK)
		return trouble_set(ERR_KEY_AWAY, "the PKCS#11 module lists no tokens (CKR 0x%lX)",
				   rv);
	if (!found)
		return trouble_set(ERR_KEY_AWAY,
				   "there is no token '%s' (there are: %s): put it in, and see "
				   "that this user may use it",
				   wanted, *labels ? labels : "none");
	if (found > 1)
		return trouble_set(ERR_DUPLICATE,
				   "more than one token is '%s': name one by its serial=", wanted);
	return ERR_OK;
}

enum err token_session_open(const struct pkcs11_uri *uri, bool write, struct cancel *cancel,
			    struct token_session *out)
{
	struct token_session s = {.lock = -1};
	ck_flags_t flags = CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0);
	enum err e = load(uri->module, cancel, &s);

	if (!e)
		e = find_token(uri, &s);
	if (!e)
		e = token_trouble(&s, "C_OpenSession",
				  s.f->C_OpenSession(s.slot, flags, NULL, NULL, &s.session));
	s.is_open = !e;
	if (e)
		token_session_close(&s);
	else
		*out = s;
	return e;
}

void token_session_close(struct token_session *s)
{
	if (s->is_open)
		s->f->C_CloseSession(s->session);
	if (s->began)
		s->f->C_Finalize(NULL);
	if (s->lock >= 0)
		close(s->lock);
	*s = (struct token_session){.lock = -1};
}
