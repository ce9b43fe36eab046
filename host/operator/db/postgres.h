/*
 * postgres: the driver for PostgreSQL, and for databases that speak its protocol
 * (docs/database.md). Only host/operator/db includes this header.
 */
#ifndef TWINKEY_OPERATOR_DB_POSTGRES_H
#define TWINKEY_OPERATOR_DB_POSTGRES_H

struct db_driver;

extern const struct db_driver db_postgres;

#endif
