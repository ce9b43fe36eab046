#include "host/operator/policy/attempts.h"

#include "host/operator/policy/moment.h"

bool attempts_is_weak(size_t res_len)
{
	return res_len < ANSWERS_WEAK_LEN;
}

unsigned attempts_count(const struct attempts *a, int64_t now)
{
	return moment_lasts(now, a->at, ANSWERS_FORGET_S) ? a->wrong : 0;
}

/* 0 0 0 1 2 4 8 16 32, then the long one */
static int64_t wait_after(unsigned wrong)
{
	if (wrong >= ANSWERS_MAX)
		return ANSWERS_LOCK_S;
	return wrong > ANSWERS_FREE ? INT64_C(1) << (wrong - ANSWERS_FREE - 1) : 0;
}

int64_t attempts_wait_s(const struct attempts *a, int64_t now)
{
	int64_t wait = wait_after(attempts_count(a, now));

	return moment_lasts(now, a->at, wait) ? a->at + wait - now : 0;
}

bool attempts_fail(struct attempts *a, int64_t now)
{
	if (attempts_wait_s(a, now))
		return false;
	a->wrong = attempts_count(a, now);
	if (a->wrong < ANSWERS_MAX)
		a->wrong++;
	a->at = now;
	return true;
}
