/*
 * odd-token.so: a PKCS#11 module that is SoftHSM2 (or the module that ODD_TOKEN_MODULE names), but
 * for what ODD_TOKEN says:
 *
 *   locked       the PIN is locked, which C_Login tells
 *   known-locked the token tells it before
 *   final        one try is left
 *   wrong        the PIN is wrong, and one try is left then
 *   pulled       the token is pulled out after the login
 *   full         there is no room for a key
 *   no-gcm       the token has no AES-GCM
 *   liar         what was encrypted is decrypted to something else
 *   mute         the module does not start
 *
 * Each C_Login is a line in the file that ODD_TOKEN_LOG names, without the PIN.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"

static struct ck_function_list *real, odd;
static int logins;

static int is(const char *what)
{
	const char *wanted = getenv("ODD_TOKEN");

	return wanted && strcmp(wanted, what) == 0;
}

static ck_rv_t initialize(void *args)
{
	return is("mute") ? CKR_GENERAL_ERROR : real->C_Initialize(args);
}

static ck_rv_t get_token_info(ck_slot_id_t slot, struct ck_token_info *info)
{
	ck_rv_t rv = real->C_GetTokenInfo(slot, info);

	if (is("known-locked"))
		info->flags |= CKF_USER_PIN_LOCKED;
	if (is("final") || (is("wrong") && logins))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	return rv;
}

static ck_rv_t login(ck_session_handle_t session, ck_user_type_t user, unsigned char *pin,
		     unsigned long len)
{
	const char *log = getenv("ODD_TOKEN_LOG");
	FILE *f = log ? fopen(log, "a") : NULL;

	logins++;
	if (f) {
		fprintf(f, "login\n");
		fclose(f);
	}
	if (is("locked"))
		return CKR_PIN_LOCKED;
	return is("wrong") ? CKR_PIN_INCORRECT : real->C_Login(session, user, pin, len);
}

static ck_rv_t find_objects_init(ck_session_handle_t session, struct ck_attribute *wanted,
				 unsigned long n)
{
	return is("pulled") ? CKR_DEVICE_REMOVED : real->C_FindObjectsInit(session, wanted, n);
}

static ck_rv_t generate_key(ck_session_handle_t session, struct ck_mechanism *m,
			    struct ck_attribute *key, unsigned long n, ck_object_handle_t *out)
{
	return is("full") ? CKR_DEVICE_MEMORY : real->C_GenerateKey(session, m, key, n, out);
}

static ck_rv_t encrypt_init(ck_session_handle_t session, struct ck_mechanism *m,
			    ck_object_handle_t key)
{
	return is("no-gcm") ? CKR_MECHANISM_INVALID : real->C_EncryptInit(session, m, key);
}

static ck_rv_t decrypt(ck_session_handle_t session, unsigned char *in, unsigned long in_len,
		       unsigned char *out, unsigned long *out_len)
{
	ck_rv_t rv = real->C_Decrypt(session, in, in_len, out, out_len);

	if (rv == CKR_OK && is("liar"))
		out[0] ^= 1;
	return rv;
}

ck_rv_t C_GetFunctionList(struct ck_function_list **list)
{
	const char *path = getenv("ODD_TOKEN_MODULE");
	union {
		void *symbol;
		CK_C_GetFunctionList get;
	} f;
	void *module = dlopen(path ? path : SOFTHSM, RTLD_NOW | RTLD_LOCAL);

	f.symbol = module ? dlsym(module, "C_GetFunctionList") : NULL;
	if (!f.symbol || f.get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	odd = *real;
	odd.C_Initialize = initialize;
	odd.C_GetTokenInfo = get_token_info;
	odd.C_Login = login;
	odd.C_FindObjectsInit = find_objects_init;
	odd.C_GenerateKey = generate_key;
	odd.C_EncryptInit = encrypt_init;
	odd.C_Decrypt = decrypt;
	*list = &odd;
	return CKR_OK;
}
