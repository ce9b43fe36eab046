#include "host/terminal/second.h"

#include <stdio.h>
#include <string.h>

#include "host/net/client.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/uicc.h"
#include "lib/base/base64.h"
#include "lib/release/interface.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10c.h"
#include "tool/sys/file.h"
#include "tool/cli/json.h"

#define TEXT_MAX (2 * SECOND_CODE_LEN_MAX)

enum err second_read(const char *path, struct cancel *cancel, struct second *p)
{
	struct wbuf text = wbuf_grow(TEXT_MAX);
	struct second_code c;
	enum err e = file_read(path, cancel, &text);

	*p = (struct second){.der = wbuf_grow(SECOND_CODE_LEN_MAX)};
	while (!e && text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
		wbuf_cut(&text, text.len - 1);
	if (!e)
		e = base64_decode(wbuf_slice(&text), &p->der);
	if (!e)
		e = second_code_parse(wbuf_slice(&p->der), &c);
	if (!e) {
		memcpy(p->first_iccid, c.iccid, sizeof(p->first_iccid));
		memcpy(p->iccid, c.second_iccid, sizeof(p->iccid));
	}
	wbuf_free(&text);
	return e;
}

enum err second_find(struct lpa *l, const uint8_t iccid[static SECOND_CODE_ICCID_LEN],
		     enum second_state *is)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct slice items = SLICE_EMPTY;
	struct es10c_profile_info info = {.has_state = false};
	enum err e = lpa_profiles(l, &der, &items), found = ERR_NOT_FOUND;

	*is = SECOND_ABSENT;
	if (!e)
		found = es10c_find_profile(items, slice_make(iccid, SECOND_CODE_ICCID_LEN), &info);
	if (!found)
		*is = info.has_state && info.state == ES10C_ENABLED ? SECOND_ENABLED
								    : SECOND_DISABLED;
	else if (!e && found != ERR_NOT_FOUND)
		e = found;
	wbuf_free(&der);
	return e;
}

static enum err ask_operator(struct http_client *op, const char *imsi, struct second *p,
			     struct activation *a)
{
	json_t *answer = NULL;
	const char *code, *state;
	enum err e = http_client_call(
		op, LAB_PATH_RELEASE_ACTIVATION,
		json_pack("{s:s, s:o}", "imsi", imsi, "sealed", json_base64(wbuf_slice(&p->der))),
		&answer);

	code = json_string_value(json_object_get(answer, "activationCode"));
	state = json_string_value(json_object_get(answer, "state"));
	if (!e)
		e = code && state ? activation_parse(code, a, NULL) : ERR_PROTOCOL;
	if (!e)
		snprintf(p->state, sizeof(p->state), "%s", state);
	json_decref(answer);
	return e;
}

enum err second_take(struct lpa *l, struct http_client *op, const char *imsi,
		     const struct lpa_download *d, struct second *p)
{
	struct activation a = {.address = ""};
	struct lpa_download download = *d;
	struct lpa_loaded loaded;
	enum second_state is;
	enum err e = second_find(l, p->iccid, &is);

	download.activation = &a;
	if (!e && is == SECOND_ABSENT) {
		e = ask_operator(op, imsi, p, &a);
		if (e) {
			p->failure = failure_of_operator(op, e, "release");
			return e;
		}
		e = lpa_download(l, &download, &loaded);
		if (!e && memcmp(loaded.iccid, p->iccid, sizeof(p->iccid)) != 0)
			e = ERR_PROTOCOL;
	}
	if (!e && is != SECOND_ENABLED)
		e = lpa_profile_command(l, SGP22_TAG_ENABLE_PROFILE, SLICE_OF(p->iccid));
	if (e)
		p->failure = lpa_failure(l, e, "the second profile");
	return e;
}
