/*
 * old_store: an operator's store as versions before have left it.
 */
#ifndef TWINKEY_TESTS_OLD_STORE_H
#define TWINKEY_TESTS_OLD_STORE_H

/* Makes the closed store in dir one of version 6, but for the HMACs of its rows; shapes of keys are
 * not taken back. */
void old_store_version_6(const char *dir);

#endif
