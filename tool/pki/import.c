/* import: takes a folder in the form of SGP.26 over, under the names of pki.h */
#include <stdio.h>

#include "tool/pki/pki.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/secret_file.h"

#define FILE_MAX 16384
#define FROM_MAX 6

static const struct import_row {
	const char *from[FROM_MAX]; /* the first that is there */
	const char *to;
	bool secret;
} files[] = {
	{{"CI/CERT_CI_ECDSA_%s.der", "CertificateIssuer/CERT_CI_ECDSA_%s.der",
	  "CI/CERT_CI_SIG_%s.der", "CertificateIssuer/CERT_CI_SIG_%s.der"},
	 "CI/CERT_CI_ECDSA_%s.der",
	 false},
	{{"CI/CERT_CI_ECDSA_%s.der", "CertificateIssuer/CERT_CI_ECDSA_%s.der",
	  "CI/CERT_CI_SIG_%s.der", "CertificateIssuer/CERT_CI_SIG_%s.der"},
	 "CertificateIssuer/CERT_CI_ECDSA_%s.der",
	 false},
	{{"CI/SK_CI_ECDSA_%s.pem", "CI/SK_CI_SIG_%s.pem", "CertificateIssuer/SK_CI_ECDSA_%s.pem",
	  "CertificateIssuer/SK_CI_SIG_%s.pem", "ci-keys/SK_CI_ECDSA_%s.pem",
	  "ci-keys/SK_CI_SIG_%s.pem"},
	 "CI/SK_CI_ECDSA_%s.pem",
	 true},
	{{"EUM/CERT_EUM_ECDSA_%s.der", "EUM/CERT_EUM_SIG_%s.der"},
	 "EUM/CERT_EUM_ECDSA_%s.der",
	 false},
	{{"EUM/SK_EUM_ECDSA_%s.pem", "EUM/SK_EUM_SIG_%s.pem"}, "EUM/SK_EUM_ECDSA_%s.pem", true},
	{{"eUICC/CERT_EUICC_ECDSA_%s.der", "eUICC/CERT_EUICC_SIG_%s.der"},
	 "eUICC/CERT_EUICC_ECDSA_%s.der",
	 false},
	{{"eUICC/SK_EUICC_ECDSA_%s.pem", "eUICC/SK_EUICC_SIG_%s.pem"},
	 "eUICC/SK_EUICC_ECDSA_%s.pem",
	 true},
	{{"DPauth/CERT_S_SM_DPauth_ECDSA_%s.der", "DPauth/CERT_S_SM_DPauth_SIG_%s.der",
	  "DPauth/CERT_S_SM_DPauth_VARO_SIG_%s.der"},
	 "DPauth/CERT_S_SM_DPauth_ECDSA_%s.der",
	 false},
	{{"DPauth/SK_S_SM_DPauth_ECDSA_%s.pem", "DPauth/SK_S_SM_DPauth_SIG_%s.pem",
	  "DPauth/SK_S_SM_DPauth_VARO_SIG_%s.pem"},
	 "DPauth/SK_S_SM_DPauth_ECDSA_%s.pem",
	 true},
	{{"DPpb/CERT_S_SM_DPpb_ECDSA_%s.der", "DPpb/CERT_S_SM_DPpb_SIG_%s.der",
	  "DPpb/CERT_S_SM_DPpb_VARO_SIG_%s.der"},
	 "DPpb/CERT_S_SM_DPpb_ECDSA_%s.der",
	 false},
	{{"DPpb/SK_S_SM_DPpb_ECDSA_%s.pem", "DPpb/SK_S_SM_DPpb_SIG_%s.pem",
	  "DPpb/SK_S_SM_DPpb_VARO_SIG_%s.pem"},
	 "DPpb/SK_S_SM_DPpb_ECDSA_%s.pem",
	 true},
	{{"DPtls/CERT_S_SM_DP_TLS_%s.der", "DPtls/CERT_S_SM_DP_TLS_ECDSA_%s.der",
	  "DPtls/CERT_S_SM_DP_TLS_SIG_%s.der"},
	 "DPtls/CERT_S_SM_DP_TLS_%s.der",
	 false},
	{{"DPtls/SK_S_SM_DP_TLS_%s.pem", "DPtls/SK_S_SM_DP_TLS_ECDSA_%s.pem",
	  "DPtls/SK_S_SM_DP_TLS_SIG_%s.pem"},
	 "DPtls/SK_S_SM_DP_TLS_%s.pem",
	 true},
};

static const char *const folders[] = {
	"", "/CI", "/CertificateIssuer", "/EUM", "/eUICC", "/DPauth", "/DPpb", "/DPtls"};

/* %s in a row's name is the curve. */
static enum err expand(const char *dir, const char *row, const char *curve, char *path)
{
	const char *mark = row;
	int n;

	while (*mark && *mark != '%')
		mark++;
	n = snprintf(path, PATH_CAP, "%s/%.*s%s%s", dir, (int)(mark - row), row, curve, mark + 2);
	return n > 0 && n < PATH_CAP ? ERR_OK : ERR_SPACE;
}

struct reading {
	struct cancel *cancel;
	struct wbuf content;
	bool open_to_others; /* one of the keys */
};

static enum err read_first(const char *from, const struct import_row *row, const char *curve,
			   struct reading *r)
{
	char path[PATH_CAP];
	enum err e = ERR_NOT_FOUND;

	for (size_t i = 0; e == ERR_NOT_FOUND && i < FROM_MAX && row->from[i]; i++) {
		e = expand(from, row->from[i], curve, path);
		if (!e)
			e = row->secret ? secret_file_read_test(path, r->cancel, &r->content,
								&r->open_to_others)
					: file_read(path, r->cancel, &r->content);
	}
	return e;
}

static enum err make_folders(const char *dir)
{
	char to[PATH_CAP];
	enum err e = ERR_OK;

	for (size_t i = 0; !e && i < ARRAY_LEN(folders); i++) {
		int n = snprintf(to, sizeof(to), "%s/pki%s", dir, folders[i]);

		e = n > 0 && n < PATH_CAP ? file_make_dir(to) : ERR_SPACE;
	}
	return e;
}

enum err pki_import_curve(const char *from, const char *dir, enum ec_curve curve,
			  struct cancel *cancel, bool *open_to_others)
{
	const char *name = curve == EC_P256 ? "NIST" : "BRP";
	char to[PATH_CAP], path[PATH_CAP];
	unsigned taken = 0;
	struct reading r = {.cancel = cancel};
	enum err e = make_folders(dir);

	if (!e)
		e = path_join(dir, "pki", to, sizeof(to));
	for (size_t i = 0; !e && i < ARRAY_LEN(files); i++) {
		r.content = wbuf_grow(FILE_MAX);
		e = read_first(from, &files[i], name, &r);
		if (!e)
			e = expand(to, files[i].to, name, path);
		if (!e)
			e = file_write(path, wbuf_slice(&r.content), files[i].secret ? 0600 : 0644,
				       NULL);
		taken += !e;
		wbuf_free(&r.content);
		if (e == ERR_NOT_FOUND)
			e = ERR_OK; /* whether enough is there is asked when the PKI is opened */
	}
	*open_to_others = r.open_to_others;
	return e ? e : taken ? ERR_OK : ERR_NOT_FOUND;
}

enum err pki_import(const char *from, const char *dir, struct cancel *cancel, bool *open_to_others)
{
	bool open[2];
	enum err p256 = pki_import_curve(from, dir, EC_P256, cancel, &open[0]);
	enum err bp256r1 = pki_import_curve(from, dir, EC_BP256R1, cancel, &open[1]);

	*open_to_others = open[0] || open[1];
	if (p256 && p256 != ERR_NOT_FOUND)
		return p256;
	return bp256r1 == ERR_NOT_FOUND ? p256 : bp256r1;
}
