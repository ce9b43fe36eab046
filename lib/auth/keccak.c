#include "lib/auth/keccak.h"

#include "lib/base/secret.h"

#define LANES  25
#define ROUNDS 24

/* FIPS 202 3.2.5: iota */
static const uint64_t round_constants[ROUNDS] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
	0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
	0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
	0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
	0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
	0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* 3.2.2 and 3.2.3: rho and pi along the path of one lane through all others */
static const uint8_t rotations[LANES - 1] = {1,	 3,  6,	 10, 15, 21, 28, 36, 45, 55, 2,	 14,
					     27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
static const uint8_t positions[LANES - 1] = {10, 7,  11, 17, 18, 3, 5,	16, 8,	21, 24, 4,
					     15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,	1};

static uint64_t rotate(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static void theta(uint64_t a[static LANES])
{
	uint64_t column[5];

	for (unsigned x = 0; x < 5; x++)
		column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
	for (unsigned x = 0; x < 5; x++) {
		uint64_t d = column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1);

		for (unsigned y = 0; y < LANES; y += 5)
			a[y + x] ^= d;
	}
}

static void rho_pi(uint64_t a[static LANES])
{
	uint64_t moved = a[1];

	for (unsigned i = 0; i < LANES - 1; i++) {
		uint64_t next = a[positions[i]];

		a[positions[i]] = rotate(moved, rotations[i]);
		moved = next;
	}
}

static void chi(uint64_t a[static LANES])
{
	for (unsigned y = 0; y < LANES; y += 5) {
		uint64_t row[5];

		for (unsigned x = 0; x < 5; x++)
			row[x] = a[y + x];
		for (unsigned x = 0; x < 5; x++)
			a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
	}
}

void keccak_f1600(uint8_t state[static KECCAK_LEN])
{
	uint64_t a[LANES];

	for (size_t i = 0; i < LANES; i++) {
		a[i] = 0;
		for (unsigned b = 0; b < 8; b++)
			a[i] |= (uint64_t)state[8 * i + b] << 8 * b;
	}
	for (unsigned r = 0; r < ROUNDS; r++) {
		theta(a);
		rho_pi(a);
		chi(a);
		a[0] ^= round_constants[r];
	}
	for (size_t i = 0; i < KECCAK_LEN; i++)
		state[i] = (uint8_t)(a[i / 8] >> 8 * (i % 8));
	secret_wipe(a, sizeof(a));
}
