/* server: the links of time and of an activation code's subscription manager. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/doctor/link.h"
#include "host/terminal/lpa/es9p.h"
#include "lib/crypto/cert.h"
#include "lib/rsp/activation.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/interface.h"
#include "tool/cli/json.h"

#define CLOCK_EARLIEST 1764374400 /* 2025-11-29: before there was this program */
#define CLOCK_LATEST   4102444800 /* 2100 */
#define PATIENCE_MS    4000

static const char set_the_clock[] = "sudo timedatectl set-ntp true (or: sudo date -s TIME)";

static void time_text(int64_t at, char out[static 24])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, 24, "%Y-%m-%d %H:%M UTC", &tm))
		snprintf(out, 24, "a time without a name");
}

void link_clock(struct doctor *d, struct doctor_finding *f)
{
	int64_t now = d->plan->now;
	char text[24], from[24], to[24];
	struct cert cert;

	time_text(now, text);
	if (now < CLOCK_EARLIEST || now > CLOCK_LATEST) {
		finding_trouble(f, "the clock is wrong: %s", text);
		finding_mend(f, "%s", set_the_clock);
		return;
	}
	if (d->plan->ci.len && !cert_parse(d->plan->ci, &cert) &&
	    (now < cert.not_before || now > cert.not_after)) {
		time_text(cert.not_before, from);
		time_text(cert.not_after, to);
		finding_trouble(f, "it is %s; the certificate of --ca is good from %s to %s", text,
				from, to);
		finding_mend(f, "%s; or have the issuer make a new one", set_the_clock);
		return;
	}
	finding_good(f, "%s", text);
}

/*
 * InitiateAuthentication of an eUICC that trusts nobody: a manager refuses it (SGP.22 5.6.1:
 * 8.8.2/3.1), and opens no session.
 */
static json_t *harmless_request(const char *address)
{
	static const uint8_t svn[RSP_VERSION_LEN] = {2, 2, 2}, challenge[RSP_CHALLENGE_LEN];
	uint8_t octets[64];
	struct wbuf info = wbuf_init(octets, sizeof(octets));
	struct es10b_euicc_info1 m = {.svn = SLICE_OF(svn)};

	es10b_put_euicc_info1(&info, &m);
	return json_pack("{s:o, s:o, s:s}", "euiccChallenge", json_base64(SLICE_OF(challenge)),
			 "euiccInfo1", json_base64(wbuf_slice(&info)), "smdpAddress", address);
}

static void tell_server(const struct es9p_network *n, const char *address, enum err e,
			const char *message, struct doctor_finding *f)
{
	if (!e || e == ERR_REFUSED) {
		finding_good(f, "%s answers ES9+%s%s", address,
			     n->link ? " by way of --operator" : " over TLS",
			     n->link	  ? ""
			     : n->ca_file ? ", by a certificate of --ca"
					  : ", by a certificate that this system trusts");
		return;
	}
	finding_trouble(f, "%s: %s", address, *message ? message : err_text(e));
	if (e == ERR_CERT_UNTRUSTED)
		finding_mend(f, "twinkey doctor --ca FILE, the issuer of the manager's TLS "
				"certificate");
	else if (e == ERR_CERT_EXPIRED)
		finding_mend(f, "%s; or tell the manager's operator", set_the_clock);
	else if (e == ERR_DISCONNECTED || e == ERR_TIMEOUT)
		finding_mend(f, "getent hosts %.*s && curl -v https://%s/",
			     (int)strcspn(address, ":"), address, address);
	else
		finding_mend(f, "ask who gave the code for a new one, or its operator");
}

void link_server(struct doctor *d, struct doctor_finding *f)
{
	struct es9p_network n = *d->plan->network;
	char message[ES9P_MESSAGE] = "";
	struct http_client *client = NULL;
	json_t *answer = NULL;
	const char *address;
	enum err e;

	if (!d->plan->code) {
		finding_absent(f, "no activation code was given (--code)");
		return;
	}
	address = d->plan->code->address;
	if (!n.patience_ms)
		n.patience_ms = PATIENCE_MS;
	e = es9p_open(&n, address, &client, message);
	if (!e)
		e = es9p_call(client, ES9P_PATH_INITIATE_AUTHENTICATION, harmless_request(address),
			      &answer, message);
	tell_server(&n, address, e, message, f);
	json_decref(answer);
	http_client_close(&client);
}
