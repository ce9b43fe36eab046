/*
 * isdr_reach: how the card of a bench comes to each of its error codes. Each function does it on a
 * fresh card and gives the code that the card answered; the table is in test_isdr_errors.c.
 */
#ifndef TWINKEY_TESTS_ISDR_REACH_H
#define TWINKEY_TESTS_ISDR_REACH_H

#include "tests/unit/support/rsp_bench.h"

typedef unsigned isdr_reach(struct bench *b);

isdr_reach reach_dp_ok, reach_dp_long, reach_auth_role, reach_auth_signature, reach_auth_curve,
	reach_auth_no_session, reach_auth_oid, reach_auth_challenge, reach_auth_ci,
	reach_auth_spoilt, reach_prepare_role, reach_prepare_signature, reach_prepare_curve,
	reach_prepare_transaction, reach_prepare_no_code, reach_cancel_other, reach_cancel_spoilt,
	reach_crl_signature, reach_crl_format, reach_crl_large, reach_crl_foreign, reach_crl_old,
	reach_load_isdp, reach_load_signature, reach_load_transaction, reach_load_crt,
	reach_load_operation, reach_load_class, reach_load_structure, reach_load_security,
	reach_load_twice, reach_load_full, reach_load_anew, reach_load_elements, reach_load_iccid,
	reach_load_key, reach_load_policy, reach_at_channel, reach_at_isdp, reach_at_metadata,
	reach_at_keys, reach_at_elements, reach_list_tags, reach_list_spoilt, reach_notes_listed,
	reach_notes_none, reach_notes_retrieved, reach_note_sent, reach_note_unknown,
	reach_nickname_ok, reach_nickname_unknown, reach_nickname_long, reach_enable_ok,
	reach_enable_it, reach_enable_twice, reach_enable_policy, reach_enable_after_test,
	reach_enable_spoilt, reach_disable_ok, reach_disable_it, reach_disable_early,
	reach_disable_policy, reach_disable_spoilt, reach_delete_ok, reach_delete_it,
	reach_delete_enabled, reach_delete_policy, reach_delete_spoilt, reach_reset_ok,
	reach_reset_nothing, reach_reset_spoilt;

#endif
