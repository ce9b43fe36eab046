/* trace verify */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/cmd/commands.h"
#include "lib/base/base64.h"
#include "lib/crypto/ec.h"
#include "lib/trace/seal/seal.h"
#include "lib/trace/seal/verify.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/wait.h"

#define KEY_FILE_MAX 4096
#define HEX_LEN	     (2 * SHA256_LEN + 1)

static struct {
	const char *key;
} opt;

/* A trace that is verified. */
struct verify_run {
	const char *path;
	json_t *faults; /* under --json */
	struct seal_verdict verdict;
	bool wants_key;
	uint8_t wanted[SHA256_LEN], fingerprint[SHA256_LEN]; /* of --key; of the trace's key */
};

/* What stands between the lines that PEM has around a public key (RFC 7468 13). */
static struct slice pem_text(struct slice file)
{
	static const char begin[] = "-----BEGIN PUBLIC KEY-----",
			  end[] = "-----END PUBLIC KEY-----";
	const char *from = memmem(file.ptr, file.len, begin, strlen(begin));
	const char *to = memmem(file.ptr, file.len, end, strlen(end));

	if (!from || !to || to < from + strlen(begin))
		return SLICE_EMPTY;
	from += strlen(begin);
	return slice_make(from, (size_t)(to - from));
}

/* The fingerprint of a public key in a file, PEM or DER. */
static enum err read_public_key(const char *path, uint8_t out[static SHA256_LEN])
{
	struct wbuf file = wbuf_grow(KEY_FILE_MAX), der = wbuf_grow(KEY_FILE_MAX);
	enum err e = file_read(path, tool_cancel(), &file);
	struct slice text = e ? SLICE_EMPTY : pem_text(wbuf_slice(&file)), point;
	enum ec_curve curve;

	if (!e && text.len)
		e = base64_decode(text, &der);
	else if (!e)
		wbuf_put(&der, wbuf_slice(&file));
	if (!e && (ec_parse_spki(wbuf_slice(&der), &curve, &point) || curve != EC_P256))
		e = ERR_KEY;
	if (!e)
		e = seal_fingerprint(point, out);
	wbuf_free(&file);
	wbuf_free(&der);
	return e;
}

static int find_wanted(struct verify_run *r)
{
	enum err e;

	r->wants_key = opt.key != NULL;
	if (!opt.key || !hex_decode_exact(opt.key, r->wanted, sizeof(r->wanted)))
		return TOOL_OK;
	e = read_public_key(opt.key, r->wanted);
	if (e == ERR_KEY)
		return tool_fail_said(e,
				      "--key %s: no public key of P-256 is in it (openssl pkey "
				      "-pubout gives one)",
				      opt.key);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e,
				      "--key takes a fingerprint of 64 hex digits or the file of a "
				      "public key, not '%s'",
				      opt.key);
	return e ? tool_fail(e, "--key %s", opt.key) : TOOL_OK;
}

static enum err feed_all(int fd, struct seal_verifier *v)
{
	static struct file_part part;
	struct wait w = wait_begin(tool_cancel(), "more of the trace");
	enum err e;

	do {
		e = file_read_part(fd, &w, -1, &part);
		if (!e && part.len)
			e = seal_verifier_feed(v, slice_make(part.octets, part.len));
	} while (!e && part.len);
	return e;
}

static void take_fault(void *ctx, const struct seal_fault *f)
{
	struct verify_run *r = ctx;
	char records[64];

	if (f->first == f->last)
		snprintf(records, sizeof(records), "record %" PRIu64, f->first);
	else
		snprintf(records, sizeof(records), "records %" PRIu64 " to %" PRIu64, f->first,
			 f->last);
	tool_say("%s at offset %" PRIu64 ": %s: %s", records, f->offset, seal_fault_name(f->kind),
		 seal_fault_words(f->kind));
	if (r->faults)
		json_array_append_new(r->faults,
				      json_pack("{s:s, s:I, s:I, s:I}", "kind",
						seal_fault_name(f->kind), "first",
						(json_int_t)f->first, "last", (json_int_t)f->last,
						"offset", (json_int_t)f->offset));
}

static enum err verify(struct verify_run *r)
{
	const struct seal_sink sink = {take_fault, r};
	struct seal_verifier *v = NULL;
	int fd;
	enum err e = file_start_reading(r->path, tool_cancel(), &fd);

	if (e)
		return e;
	e = seal_verifier_open(&v);
	if (!e)
		e = feed_all(fd, v);
	if (!e)
		e = seal_verifier_end(v, &sink, &r->verdict);
	if (!e && r->verdict.is_signed)
		e = seal_fingerprint(SLICE_OF(r->verdict.point), r->fingerprint);
	seal_verifier_close(&v);
	close(fd);
	return e;
}

/* The name of the verdict; why it is none that is good, or ERR_OK, and the words of it. */
static const char *conclude(const struct verify_run *r, enum err *why,
			    char words[static SEAL_WORDS_MAX])
{
	const struct seal_verdict *v = &r->verdict;
	const bool other = r->wants_key && (!v->is_signed || memcmp(r->wanted, r->fingerprint,
								    sizeof(r->wanted)) != 0);

	*why = !v->sealed   ? ERR_UNSUPPORTED
	       : other	    ? ERR_SIGNATURE
	       : v->faults  ? ERR_CORRUPT
	       : !v->closed ? ERR_TRUNCATED
			    : ERR_OK;
	seal_verdict_words(v, words);
	if (*why != ERR_SIGNATURE)
		return seal_verdict_name(v);
	snprintf(words, SEAL_WORDS_MAX, "it is not signed by the key of --key");
	return "other-key";
}

static json_t *verdict_json(struct verify_run *r, const char *name, const char *key)
{
	const struct seal_verdict *v = &r->verdict;
	json_t *o = json_pack("{s:s, s:b, s:I, s:b, s:I, s:O}", "verdict", name, "sealed",
			      v->sealed, "records", (json_int_t)v->records, "closed", v->closed,
			      "cutOctets", (json_int_t)v->cut, "faults", r->faults);

	if (v->records)
		json_object_set_new(o, "last", json_integer((json_int_t)v->last));
	if (v->is_signed) {
		json_object_set_new(o, "signedTo", json_integer((json_int_t)v->signed_to));
		json_object_set_new(o, "key", json_string(key));
	}
	return o;
}

static int say_verdict(struct verify_run *r)
{
	const struct seal_verdict *v = &r->verdict;
	char words[SEAL_WORDS_MAX], key[HEX_LEN] = "";
	enum err why;
	const char *name = conclude(r, &why, words);
	json_t *o;

	hex_encode(SLICE_OF(r->fingerprint), key, sizeof(key));
	if (tool_json()) {
		o = verdict_json(r, name, key);
		if (why)
			json_object_set_new(o, "error",
					    json_pack("{s:s, s:s, s:s}", "code", err_name(why),
						      "message", words, "hint", ""));
		tool_print_json(o);
		return why == ERR_SIGNATURE ? TOOL_REFUSED : why ? TOOL_FAILED : TOOL_OK;
	}
	if (v->cut)
		tool_say("behind record %" PRIu64 ": %zu octets of a further one", v->last, v->cut);
	if (v->is_signed)
		tool_say("signed up to record %" PRIu64 " by key %s", v->signed_to, key);
	else if (v->sealed)
		tool_say("no signature is in it");
	if (why)
		return tool_fail_said(why, "%s: %s", r->path, words);
	tool_say("%s: %s", r->path, words);
	return TOOL_OK;
}

static int run_verify(int argc, char **argv)
{
	struct verify_run r = {.path = argv[0]};
	int code = find_wanted(&r);
	enum err e;

	(void)argc;
	if (code != TOOL_OK)
		return code;
	r.faults = tool_json() ? json_array() : NULL;
	e = verify(&r);
	code = e ? tool_fail(e, "%s", r.path) : say_verdict(&r);
	json_decref(r.faults);
	return code;
}

static const struct tool_option verify_options[] = {
	{"key", 0, OPT_STRING, "FINGERPRINT|FILE",
	 "The recorder's key: its fingerprint, or the file of the public key (PEM or DER)",
	 &opt.key},
	OPT_END,
};

const struct tool_command cmd_trace_verify[] = {
	{"trace verify", "FILE|-", 1, 1, "Say whether a sealed trace is as it was recorded",
	 "A trace that was recorded with --seal is a chain of records, signed now and then and at\n"
	 "the end. What was changed, removed, inserted or moved is told with the records' numbers\n"
	 "(the section header is 0) and the place in the file. A trace that nobody changed and\n"
	 "whose recorder was killed is \"not closed after record N\"; one whose end somebody cut\n"
	 "off looks the same. Without --key it says whose key signed it, and everybody can sign\n"
	 "with a key of his own.\n"
	 "\n"
	 "Exit codes: 0 whole; 1 changed, not closed, or not sealed; 4 not signed by --key.",
	 verify_options, run_verify},
};
const size_t cmd_trace_verify_count = ARRAY_LEN(cmd_trace_verify);
