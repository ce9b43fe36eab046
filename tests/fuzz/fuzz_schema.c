/*
 * Any bytes as a profile package: to JSON and back gives the same octets, or it is refused; the
 * text and the judgement of it end.
 */
#include <stdlib.h>

#include "host/package/json.h"
#include "host/package/text.h"
#include "lib/profile/lint/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct slice input)
{
	struct wbuf der = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json = NULL;

	if (package_to_json(input, true, &json, &error)) {
		if (!*error.why)
			abort();
		return;
	}
	if (package_from_json(json, &der, &error) || !slice_equal(wbuf_slice(&der), input))
		abort();
	json_decref(json);
	wbuf_free(&der);
}

static void masked(struct slice input)
{
	struct wbuf der = wbuf_grow(PACKAGE_MAX);
	struct package_error error;
	json_t *json = NULL;

	if (!package_to_json(input, false, &json, &error) &&
	    !package_from_json(json, &der, &error) && !slice_equal(wbuf_slice(&der), input))
		abort(); /* nothing was masked, so nothing may be lost */
	json_decref(json);
	wbuf_free(&der);
}

static void on_finding(void *ctx, const struct finding *f)
{
	if (*f->where != '/' || !*f->detail)
		abort();
	++*(size_t *)ctx;
}

static void read_it(struct slice input)
{
	static FILE *nowhere;
	struct package_error error;
	size_t findings = 0;
	const struct finding_sink sink = {on_finding, &findings};

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	if (!nowhere)
		abort();
	if (package_check(input, &error))
		return;
	package_print(input, true, nowhere);
	package_print(input, false, nowhere);
	if (lint_package(input, &sink) == ERR_MEMORY)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make(data, size);

	round_trip(input);
	masked(input);
	read_it(input);
	return 0;
}
