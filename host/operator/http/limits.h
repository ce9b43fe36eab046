/*
 * limits: what a client of the server may take of it (server.h says what each limit does).
 */
#ifndef TWINKEY_OPERATOR_HTTP_LIMITS_H
#define TWINKEY_OPERATOR_HTTP_LIMITS_H

#define HTTP_BODY_MAX	     (256u * 1024)
#define HTTP_REQUEST_S	     20
#define HTTP_RATE_MIN	     1024 /* octets a second; as GPRS */
#define HTTP_CONNECTIONS_MAX 128
#define HTTP_ADDRESS_MAX     64
#define HTTP_LOCK_MS	     15000
#define HTTP_LISTENERS_MAX   8

#endif
