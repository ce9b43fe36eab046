/*
 * certificate: what an X.509 certificate says, as it stands there: nothing is checked.
 */
#ifndef TWINKEY_TRACE_DECODE_CERTIFICATE_H
#define TWINKEY_TRACE_DECODE_CERTIFICATE_H

#include "lib/trace/decode/field/field.h"

/* The contents of the certificate's SEQUENCE: one node with serial number, issuer, validity,
 * subject, and its role of SGP.22 4.5.2.1.1. */
field_show field_certificate;

#endif
