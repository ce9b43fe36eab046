/*
 * session: one attempt to download a profile: what card and manager said, and how the RSP
 * session between them ends. For download.c alone.
 */
#ifndef TWINKEY_HOST_LPA_SESSION_H
#define TWINKEY_HOST_LPA_SESSION_H

#include <jansson.h>

#include "host/terminal/lpa/es10.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es8p.h"

#define LPA_MESSAGE_MAX (16u * 1024) /* octets of one message but the package */

struct lpa_download;
struct lpa_loaded;

struct lpa_session {
	struct lpa *l;
	const struct lpa_download *d;
	struct http_client *op;
	json_t *transaction; /* the string; NULL before the server answered */
	struct wbuf id;	     /* its octets */
	json_t *answer;	     /* the server's last */
	struct wbuf card;    /* the card's last */
	struct wbuf metadata;
	struct es8p_metadata profile; /* borrows from metadata */
	bool in_card;		      /* the eUICC has a session that must be cancelled */
	bool lost;		      /* server or reader lost the session: it may be tried again */
	enum es10b_cancel_reason reason;
	struct lpa_loaded *loaded;
};

/* Server or reader is out of reach for now. */
bool lpa_is_loss(enum err e);
/* One ES10 function; the answer is in s->card. */
enum err lpa_session_card(struct lpa_session *s, struct slice request) MUST_CHECK;
/* The same with what the manager made: a status word that is an error is its fault. */
enum err lpa_session_relay(struct lpa_session *s, struct slice request) MUST_CHECK;
/* One without parameters; the answer is appended to out. */
enum err lpa_session_ask(struct lpa_session *s, uint32_t tag, struct wbuf *out) MUST_CHECK;
/*
 * One ES9+ function by its path; the answer is in s->answer. It must be of this session, which the
 * first one opens. request is taken over.
 */
enum err lpa_session_server(struct lpa_session *s, const char *path, json_t *request) MUST_CHECK;
/* The octets of a member of that answer, appended to out. */
enum err lpa_session_field(struct lpa_session *s, const char *name, struct wbuf *out) MUST_CHECK;
/* Those of several, one after the other; names ends with NULL. */
enum err lpa_session_fields(struct lpa_session *s, const char *const *names,
			    struct wbuf *out) MUST_CHECK;
/* The member was there and is not what it should be; e, or ERR_OK, which it lets pass. */
enum err lpa_session_check(struct lpa_session *s, const char *name, enum err e) MUST_CHECK;
/* The LPA will not go on: why, and the reason of SGP.22 5.7.14 that the manager is told. Gives e.
 */
enum err lpa_session_refuse(struct lpa_session *s, enum err e, enum es10b_cancel_reason reason,
			    const char *why) MUST_CHECK;
/* Both sides forget the session; what failed before is what counts. */
void lpa_session_cancel(struct lpa_session *s);

#endif
