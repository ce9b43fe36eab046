/*
 * cert: what SGP.22 reads of an X.509 certificate (SGP.22 4.5.2), taken apart by OpenSSL.
 *
 * Only what stands in the certificate; whether it may be trusted is decided by lib/rsp/cert.h.
 */
#ifndef TWINKEY_CRYPTO_CERT_H
#define TWINKEY_CRYPTO_CERT_H

#include "lib/base/bytes.h"
#include "lib/crypto/ec_curve.h"

#define CERT_KEY_ID_MAX	  20
#define CERT_SERIAL_MAX	  64
#define CERT_NUMBER_MAX	  20 /* RFC 5280 4.1.2.2 */
#define CERT_ORG_MAX	  64
#define CERT_OID_MAX	  32
#define CERT_POLICIES_MAX 4

/* Key usage (RFC 5280 4.2.1.3) */
#define CERT_USAGE_SIGN	     0x80u
#define CERT_USAGE_CERT_SIGN 0x04u
#define CERT_USAGE_CRL_SIGN  0x02u

struct cert_oid { /* the value of a DER OID */
	uint8_t bytes[CERT_OID_MAX];
	size_t len;
};

struct cert {
	struct slice der; /* borrowed */
	enum ec_curve curve;
	uint8_t point[EC_POINT_LEN];
	uint8_t number[CERT_NUMBER_MAX]; /* serialNumber of the certificate, without leading zeros
					  */
	size_t number_len;
	uint8_t key_id[CERT_KEY_ID_MAX]; /* subjectKeyIdentifier */
	size_t key_id_len;		 /* 0: absent, as below */
	uint8_t authority_id[CERT_KEY_ID_MAX];
	size_t authority_id_len;
	int64_t not_before, not_after; /* seconds since 1970 */
	bool has_usage, usage_critical, policies_critical, basic_critical;
	bool has_path_len;
	unsigned path_len;
	unsigned usage; /* CERT_USAGE_* and the other bits of the first octet */
	bool has_basic, is_ca;
	bool has_unknown_critical; /* a critical extension that is not read here */
	struct cert_oid policies[CERT_POLICIES_MAX];
	size_t policy_count;
	char subject_serial[CERT_SERIAL_MAX + 1]; /* serialNumber of the subject: the EID; or "" */
	char subject_org[CERT_ORG_MAX + 1];
	char permitted_serial[CERT_SERIAL_MAX + 1]; /* of the name constraint; or "" */
	char permitted_org[CERT_ORG_MAX + 1];
	struct cert_oid rid; /* registeredID of the subjectAltName: the SM-DP+'s OID */
	bool self_issued;    /* issuer equals subject */
	uint8_t issuer_hash[32], subject_hash[32]; /* SHA-256 of the DER names */
};

/* Exactly one DER certificate. ERR_ENCODING; ERR_UNSUPPORTED: another curve or algorithm. */
enum err cert_parse(struct slice der, struct cert *out) MUST_CHECK;
/* The signature of subject by the key of issuer, and that the names chain. */
enum err cert_check_signature(const struct cert *subject, const struct cert *issuer) MUST_CHECK;

/* The signature of issuer over SIGNED { tbs } of RFC 5280, whatever tbs is. ERR_SIGNATURE. */
enum err cert_check_signed(struct slice der, const struct cert *issuer) MUST_CHECK;

/* The next Time of RFC 5280 4.1.2.5 in seconds since 1970; ERR_ENCODING sticks when it is none. */
int64_t cert_take_time(struct cursor *c);

struct slice cert_point(const struct cert *c);
struct slice cert_number(const struct cert *c);
struct slice cert_key_id(const struct cert *c);
struct slice cert_authority_id(const struct cert *c);
struct slice cert_rid(const struct cert *c);
bool cert_has_policy(const struct cert *c, struct slice oid);

#endif
