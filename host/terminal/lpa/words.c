#include "host/terminal/lpa/words.h"

#include "lib/base/bytes.h"

static const struct lpa_words authenticate_errors[] = {
	{ES10B_AUTHENTICATE_INVALID_CERTIFICATE,
	 "it does not accept the manager's certificate: tell the operator"},
	{ES10B_AUTHENTICATE_INVALID_SIGNATURE,
	 "the manager's signature is wrong: tell the operator"},
	{ES10B_AUTHENTICATE_UNSUPPORTED_CURVE,
	 "it does not support the manager's curve: tell the operator"},
	{ES10B_AUTHENTICATE_NO_SESSION, "it lost the session: start again"},
	{ES10B_AUTHENTICATE_INVALID_OID,
	 "the manager is not the one that it expects: tell the operator"},
	{ES10B_AUTHENTICATE_CHALLENGE_MISMATCH, "the challenge is not its own: start again"},
	{ES10B_AUTHENTICATE_CI_UNKNOWN, "it does not know the certificate issuer: use a manager of "
					"another (twinkey chip info lists them)"},
};

static const struct lpa_words download_errors[] = {
	{ES10B_DOWNLOAD_INVALID_CERTIFICATE,
	 "it does not accept the manager's certificate: tell the operator"},
	{ES10B_DOWNLOAD_INVALID_SIGNATURE, "the manager's signature is wrong: tell the operator"},
	{ES10B_DOWNLOAD_UNSUPPORTED_CURVE,
	 "it does not support the manager's curve: tell the operator"},
	{ES10B_DOWNLOAD_NO_SESSION, "it lost the session: start again"},
	{ES10B_DOWNLOAD_INVALID_TRANSACTION, "the transaction id is wrong: start again"},
};

static const struct lpa_words install_errors[] = {
	{ES10B_BPP_INCORRECT_INPUT, "a part of the package has wrong values: tell the operator"},
	{ES10B_BPP_INVALID_SIGNATURE, "the package's signature is wrong: tell the operator"},
	{ES10B_BPP_INVALID_TRANSACTION, "the package belongs to another session: start again"},
	{ES10B_BPP_UNSUPPORTED_CRT, "the package's key type is not supported: tell the operator"},
	{ES10B_BPP_UNSUPPORTED_OPERATION,
	 "the package's operation is not supported: tell the operator"},
	{ES10B_BPP_UNSUPPORTED_CLASS,
	 "the profile's class is not supported: ask the operator for another"},
	{ES10B_BPP_SCP03T_STRUCTURE, "a segment is malformed or out of order: tell the operator"},
	{ES10B_BPP_SCP03T_SECURITY, "a segment was changed or is for another eUICC: start again"},
	{ES10B_BPP_ICCID_EXISTS, "a profile with this ICCID is installed already: delete it first"},
	{ES10B_BPP_INSUFFICIENT_MEMORY, "no memory left: delete another profile first"},
	{ES10B_BPP_INTERRUPTION, "it was interrupted: start again"},
	{ES10B_BPP_PE_PROCESSING, "it does not process an element of the profile: tell the "
				  "operator (twinkey profile lint tells "
				  "more of a package)"},
	{ES10B_BPP_ICCID_MISMATCH, "metadata and profile have different ICCIDs: tell the operator"},
	{ES10B_BPP_TEST_NAA_KEY, "the test profile has no test key: tell the operator"},
	{ES10B_BPP_PPR_NOT_ALLOWED,
	 "its policy rules are not allowed here: ask the operator for one without"},
};

const char *lpa_word(const struct lpa_words *table, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].code == code)
			return table[i].text;
	return "it does not say why: try again";
}

const char *lpa_authenticate_text(enum es10b_authenticate_error e)
{
	return lpa_word(authenticate_errors, ARRAY_LEN(authenticate_errors), (uint32_t)e);
}

const char *lpa_prepare_text(enum es10b_download_error e)
{
	return lpa_word(download_errors, ARRAY_LEN(download_errors), (uint32_t)e);
}

const char *lpa_install_text(enum es10b_bpp_error e)
{
	return lpa_word(install_errors, ARRAY_LEN(install_errors), (uint32_t)e);
}
