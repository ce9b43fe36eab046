#include "host/operator/auc/network.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/profile/digits.h"
#include "lib/uicc/content.h"

#define MCC_LEN	   3
#define PLMN_MIN   5
#define PLMN_MAX   6
#define NID_DIGITS 11

enum err network_plmn(const char *digits, uint8_t plmn[static NETWORK_PLMN_LEN])
{
	if (!profile_digits(digits, PLMN_MIN, PLMN_MAX))
		return ERR_VALUE;
	content_plmn(digits, (unsigned)strlen(digits) - MCC_LEN, plmn);
	return ERR_OK;
}

/* An MNC of two digits gets a zero before it. */
enum err network_name_of(const char *digits, char name[static NETWORK_NAME_CAP])
{
	if (!profile_digits(digits, PLMN_MIN, PLMN_MAX))
		return ERR_VALUE;
	snprintf(name, NETWORK_NAME_CAP, "5G:mnc%s%s.mcc%.3s.3gppnetwork.org",
		 strlen(digits) == PLMN_MIN ? "0" : "", digits + MCC_LEN, digits);
	return ERR_OK;
}

bool network_is_5g(const char *name)
{
	static const char form[] = "5G:mnc###.mcc###.3gppnetwork.org";
	size_t i = 0;

	while (form[i] && (form[i] == '#' ? isdigit((unsigned char)name[i]) : name[i] == form[i]))
		i++;
	if (form[i])
		return false;
	name += i;
	return !*name || (*name == ':' && strlen(name + 1) == NID_DIGITS &&
			  strspn(name + 1, "0123456789abcdefABCDEF") == NID_DIGITS);
}

bool network_is_name(const char *name)
{
	size_t n = 0;

	while (name[n] > ' ' && name[n] < 0x7F)
		n++;
	return n && n <= NETWORK_NAME_MAX && !name[n];
}
