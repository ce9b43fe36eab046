/*
 * x509: tags of X.509 certificates and lists (RFC 5280 4.1, 4.2.1, 5.1). For lib/crypto and
 * lib/rsp.
 */
#ifndef TWINKEY_CRYPTO_X509_H
#define TWINKEY_CRYPTO_X509_H

#include "lib/base/tlv.h"

enum x509_tag {
	X509_TAG_VERSION = ASN1_CONTEXTC(0),	/* of TBSCertificate */
	X509_TAG_EXTENSIONS = ASN1_CONTEXTC(3), /* of TBSCertificate */
	X509_TAG_CRL_EXTENSIONS = ASN1_CONTEXTC(0),
	X509_TAG_KEY_IDENTIFIER = ASN1_CONTEXT(0),	/* of AuthorityKeyIdentifier */
	X509_TAG_DNS_NAME = ASN1_CONTEXT(2),		/* of GeneralName */
	X509_TAG_DIRECTORY_NAME = ASN1_CONTEXTC(4),	/* of GeneralName */
	X509_TAG_REGISTERED_ID = ASN1_CONTEXT(8),	/* of GeneralName */
	X509_TAG_PERMITTED_SUBTREES = ASN1_CONTEXTC(0), /* of NameConstraints */
};

#endif
