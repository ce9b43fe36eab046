/* challenge: RANDs that tell which number went with them (docs/adr/0062) */
#include <string.h>

#include "host/operator/store/own.h"
#include "lib/auth/sqn.h"

#define SQN_LEN	   6
#define AT_LEN	   4
#define ID_LEN	   2
#define RANDOM_LEN 2
_Static_assert(SQN_LEN + AT_LEN + 2 + ID_LEN + RANDOM_LEN == AKA_RAND_LEN, "one block of AES");

#define EPOCH_SHIFT SQN_BITS

/* Some octets at a time: the generator's own way to each piece of chance is longer than the rest of
 * a challenge. */
static enum err take_chance(struct operator_store *s, uint8_t out[static RANDOM_LEN])
{
	enum err e = ERR_OK;

	if (s->chance.left < RANDOM_LEN) {
		e = random_bytes(s->chance.octets, sizeof(s->chance.octets));
		s->chance.left = e ? 0 : sizeof(s->chance.octets);
	}
	if (e)
		return e;
	s->chance.left -= RANDOM_LEN;
	memcpy(out, s->chance.octets + s->chance.left, RANDOM_LEN);
	secret_wipe(s->chance.octets + s->chance.left, RANDOM_LEN);
	return ERR_OK;
}

/* What RAND hides: the number, when it was made, the epoch, whose it is, and chance. */
enum err challenge_make(struct operator_store *s, const struct subscription *sn,
			struct sqn_challenge *c)
{
	uint8_t plain[AKA_RAND_LEN], chance[RANDOM_LEN];
	struct wbuf w = wbuf_init(plain, sizeof(plain));
	enum err e = take_chance(s, chance);

	wbuf_uint(&w, sn->sqn, SQN_LEN);
	wbuf_uint(&w, (uint64_t)c->now & UINT32_MAX, AT_LEN);
	wbuf_u8(&w, (uint8_t)(sn->heard >> EPOCH_SHIFT));
	wbuf_u8(&w, (uint8_t)sn->sub);
	wbuf_uint(&w, (uint64_t)sn->subscriber.id & UINT16_MAX, ID_LEN);
	wbuf_put(&w, SLICE_OF(chance));
	if (!e)
		e = wbuf_done(&w);
	return e ? e : keyring_hide(s->keyring, plain, c->rand);
}

enum err challenge_read(struct operator_store *s, const struct subscription *sn,
			const struct sqn_challenge *c, uint64_t *sqn)
{
	uint8_t plain[AKA_RAND_LEN];
	struct cursor r = cursor_of(SLICE_OF(plain));
	uint64_t number;
	uint32_t age;
	bool is_ours;
	enum err e = keyring_show(s->keyring, c->rand, plain);

	if (e)
		return e;
	number = cursor_uint(&r, SQN_LEN);
	age = (uint32_t)c->now - cursor_u32(&r);
	is_ours = cursor_u8(&r) == (uint8_t)(sn->heard >> EPOCH_SHIFT);
	is_ours &= cursor_u8(&r) == sn->sub;
	is_ours &= cursor_u16(&r) == (uint16_t)sn->subscriber.id;
	if (!is_ours || number > sn->sqn || number <= (sn->heard & SQN_MAX))
		return ERR_NOT_FOUND;
	*sqn = number;
	return age <= SQN_CHALLENGE_VALID_S ? ERR_OK : ERR_EXPIRED;
}

uint64_t challenge_heard(const struct subscription *sn, uint64_t refused, uint64_t last)
{
	uint64_t epoch = sn->heard >> EPOCH_SHIFT;

	if (last < sn->sqn)
		return ((epoch + 1) & UINT8_MAX) << EPOCH_SHIFT; /* those before it are dead */
	return epoch << EPOCH_SHIFT | refused;
}
