#include "lib/auth/tuak.h"

#include <string.h>

#include "lib/auth/keccak.h"
#include "lib/base/secret.h"

/* Where the fields lie in the input of Keccak, octets (TS 35.231 6.2); each is turned round. */
enum field {
	AT_TOP = 0,
	AT_INSTANCE = 32,
	AT_ALGONAME = 33,
	AT_RAND = 40,
	AT_AMF = 56,
	AT_SQN = 58,
	AT_KEY = 64,
	AT_PADDING = 96,
	AT_PADDING_END = 135,
};
/* ... and in its output */
enum result { AT_MAC = 0, AT_RES = 0, AT_CK = 32, AT_IK = 64, AT_AK = 96 };

enum instance {
	INSTANCE_F1 = 0x00,
	INSTANCE_F1_STAR = 0x80,
	INSTANCE_F2345 = 0x40,
	INSTANCE_F5_STAR = 0xC0,
	INSTANCE_K256 = 0x01,
	INSTANCE_IK256 = 0x02,
	INSTANCE_CK256 = 0x04,
};
#define INSTANCE_LENGTH(n) ((uint8_t)((n) / 8 << 3)) /* 64 bits: 1, 128: 2, 256: 4; 32: 0 */

static const uint8_t algoname[] = {'T', 'U', 'A', 'K', '1', '.', '0'};

static void put_turned(uint8_t *state, size_t at, const uint8_t *field, size_t len)
{
	for (size_t i = 0; i < len; i++)
		state[at + len - 1 - i] = field[i];
}

static void take_turned(const uint8_t *state, size_t at, uint8_t *field, size_t len)
{
	for (size_t i = 0; i < len; i++)
		field[i] = state[at + len - 1 - i];
}

static uint8_t instance_of(const struct tuak *t, uint8_t function)
{
	return (uint8_t)(function | (t->k_len == 32 ? INSTANCE_K256 : 0));
}

static void start(const struct tuak *t, uint8_t state[static KECCAK_LEN], const uint8_t *top,
		  uint8_t instance)
{
	memset(state, 0, KECCAK_LEN);
	put_turned(state, AT_TOP, top, TUAK_TOPC_LEN);
	state[AT_INSTANCE] = instance;
	put_turned(state, AT_ALGONAME, algoname, sizeof(algoname));
	put_turned(state, AT_KEY, t->k, t->k_len);
	state[AT_PADDING] = 0x1F;
	state[AT_PADDING_END] = 0x80;
}

static void permute(const struct tuak *t, uint8_t state[static KECCAK_LEN])
{
	for (unsigned i = 0; i < t->iterations; i++)
		keccak_f1600(state);
}

static bool one_of(size_t n, size_t a, size_t b, size_t c)
{
	return n == a || n == b || n == c;
}

enum err tuak_check(const struct tuak *t)
{
	bool good = one_of(t->k_len, 16, 32, 32) && one_of(t->mac_len, 8, 16, 32) &&
		    (t->res_len == 4 || one_of(t->res_len, 8, 16, 32)) &&
		    one_of(t->ck_len, 16, 32, 32) && one_of(t->ik_len, 16, 32, 32) &&
		    t->iterations >= 1 && t->iterations <= TUAK_ITERATIONS_MAX;

	return good ? ERR_OK : ERR_KEY;
}

void tuak_topc(const struct tuak *t, const uint8_t top[static TUAK_TOPC_LEN],
	       uint8_t topc[static TUAK_TOPC_LEN])
{
	uint8_t state[KECCAK_LEN];

	start(t, state, top, instance_of(t, 0));
	permute(t, state);
	take_turned(state, AT_TOP, topc, TUAK_TOPC_LEN);
	secret_wipe(state, sizeof(state));
}

void tuak_f1(const struct tuak *t, const uint8_t rand[static 16], const uint8_t sqn[static 6],
	     const uint8_t amf[static 2], struct tuak_output *out)
{
	const struct {
		enum instance instance;
		uint8_t *mac;
	} functions[] = {{INSTANCE_F1, out->mac_a}, {INSTANCE_F1_STAR, out->mac_s}};
	uint8_t state[KECCAK_LEN];

	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		uint8_t function = (uint8_t)(functions[i].instance | INSTANCE_LENGTH(t->mac_len));

		start(t, state, t->topc, instance_of(t, function));
		put_turned(state, AT_RAND, rand, 16);
		put_turned(state, AT_AMF, amf, 2);
		put_turned(state, AT_SQN, sqn, 6);
		permute(t, state);
		take_turned(state, AT_MAC, functions[i].mac, t->mac_len);
	}
	secret_wipe(state, sizeof(state));
}

void tuak_f2345(const struct tuak *t, const uint8_t rand[static 16], struct tuak_output *out)
{
	uint8_t state[KECCAK_LEN];
	uint8_t function = (uint8_t)(INSTANCE_F2345 | INSTANCE_LENGTH(t->res_len) |
				     (t->ck_len == 32 ? INSTANCE_CK256 : 0) |
				     (t->ik_len == 32 ? INSTANCE_IK256 : 0));

	start(t, state, t->topc, instance_of(t, function));
	put_turned(state, AT_RAND, rand, 16);
	permute(t, state);
	take_turned(state, AT_RES, out->res, t->res_len);
	take_turned(state, AT_CK, out->ck, t->ck_len);
	take_turned(state, AT_IK, out->ik, t->ik_len);
	take_turned(state, AT_AK, out->ak, sizeof(out->ak));
	start(t, state, t->topc, instance_of(t, INSTANCE_F5_STAR));
	put_turned(state, AT_RAND, rand, 16);
	permute(t, state);
	take_turned(state, AT_AK, out->ak_star, sizeof(out->ak_star));
	secret_wipe(state, sizeof(state));
}
