/*
 * access: the access rules of files, TS 102 221 9.2.7 and 9.5.
 */
#ifndef TWINKEY_CARD_ACCESS_H
#define TWINKEY_CARD_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

struct fs_file;
struct fs_session;

/* The AM byte's bits for EFs */
enum fs_access {
	ACCESS_READ = 0x01,
	ACCESS_UPDATE = 0x02,
	ACCESS_INCREASE = 0x04,
	ACCESS_DEACTIVATE = 0x08,
	ACCESS_ACTIVATE = 0x10,
};

bool access_allowed(const struct fs_session *fs, const char *path, const struct fs_file *f,
		    enum fs_access access);
/* What the rules ask for, whether or not it is met: a key reference, or one of these. */
#define ACCESS_IS_ALWAYS 0x00
#define ACCESS_IS_NEVER	 0xFF
uint8_t access_asks(const struct fs_session *fs, const char *path, const struct fs_file *f,
		    enum fs_access access);

#endif
