#include "host/operator/pki/operator_folder.h"

#include "tool/sys/folder.h"

/* The keys in pki/ are read by the rule for keys (tool/sys/secret_file.h). */
static const struct folder_part parts[] = {
	{"operator.db", FOLDER_SECRET},
	{"operator.db-wal", FOLDER_SECRET},
	{"operator.db-shm", FOLDER_SECRET},
	{"operator.db-journal", FOLDER_SECRET},
	{"operator.db.before-6", FOLDER_SECRET},
	{"database", FOLDER_SECRET},
	{"store.key", FOLDER_SECRET},
	{"release.key", FOLDER_SECRET},
	{"release.pub", FOLDER_PUBLIC},
	{"smdp.address", FOLDER_PUBLIC},
	{"manager", FOLDER_BELOW},
	{"release", FOLDER_BELOW},
	{"pki", FOLDER_BELOW},
	{"pki/CI", FOLDER_BELOW},
	{"pki/CRL", FOLDER_BELOW},
	{"pki/CertificateIssuer", FOLDER_BELOW},
	{"pki/DPauth", FOLDER_BELOW},
	{"pki/DPpb", FOLDER_BELOW},
	{"pki/DPtls", FOLDER_BELOW},
	{"pki/EUM", FOLDER_BELOW},
	{"pki/eUICC", FOLDER_BELOW},
};

enum err operator_folder_check(const char *dir)
{
	return folder_check(dir, parts, ARRAY_LEN(parts), NULL);
}
