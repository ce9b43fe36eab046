/*
 * serve_tls: the certificate and key of `twinkey-operator serve`: from the files of its options or
 * out of the operator's PKI, read again on SIGHUP, and watched for their end.
 *
 * Functions that give an int have said what is wrong, and give the exit code; TOOL_OK otherwise.
 */
#ifndef TWINKEY_OPERATOR_SERVE_TLS_H
#define TWINKEY_OPERATOR_SERVE_TLS_H

#include "host/operator/http/tls.h"
#include "lib/base/bytes.h"

/* Where they come from; NULL: not given. */
struct serve_tls_files {
	const char *cert, *key;
	const char *client_ca; /* of those who may order */
};

struct serve_tls {
	const struct serve_tls_files *files;
	struct wbuf key, cert, client_ca; /* PEM, with a 0 at the end */
	struct http_tls pem;		  /* of these */
	int64_t end;			  /* of the certificate's life */
	int stage;			  /* how near that is, as far as it was told */
};

/* What is wrong, for who says it otherwise. */
#define SERVE_TLS_CERT	    "tls-cert"
#define SERVE_TLS_KEY	    "tls-key"
#define SERVE_TLS_CLIENT_CA "es2-client-ca"
struct serve_tls_trouble {
	const char *option; /* that it is about; NULL: none */
	bool said;	    /* what says all: the error's own sentence is not needed */
	char what[512];
};
/* Reads and checks them. Cert and key are both given, or neither. To be freed in any case. */
enum err serve_tls_read(const struct serve_tls_files *files, struct serve_tls *out,
			struct serve_tls_trouble *t) MUST_CHECK;
int serve_tls_load(const struct serve_tls_files *files, struct serve_tls *out) MUST_CHECK;
void serve_tls_free(struct serve_tls *t);
/* The server has the key now. */
void serve_tls_forget_key(struct serve_tls *t);
/* Of the certificate that is in use; all time where it cannot be told. */
struct http_tls_life serve_tls_life(const struct serve_tls *t);
/* Says at the start when the certificate begins or ends, where that is news. */
void serve_tls_begin(struct serve_tls *t);
/* The end comes nearer: says so once for each stage. */
void serve_tls_look(struct serve_tls *t);
/* SIGHUP: certificate and key as they are on the disk now are in use, both or neither. */
void serve_tls_reload(struct serve_tls *t);

#endif
