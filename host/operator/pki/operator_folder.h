/*
 * operator_folder: the operator's folder is its owner's alone (tool/sys/folder.h).
 */
#ifndef TWINKEY_OPERATOR_FOLDER_H
#define TWINKEY_OPERATOR_FOLDER_H

#include "lib/base/err.h"

/* The folder, what lies in it, and the folders below. What is not there is not asked for. */
enum err operator_folder_check(const char *dir) MUST_CHECK;

#endif
