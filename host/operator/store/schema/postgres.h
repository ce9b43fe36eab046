/*
 * postgres: the tables of the operator's store as PostgreSQL has them. Only the schema (schema.c)
 * includes this header.
 *
 * Version 10 is the first there. A step to a later one has both dialects.
 */
#ifndef TWINKEY_OPERATOR_STORE_SCHEMA_POSTGRES_H
#define TWINKEY_OPERATOR_STORE_SCHEMA_POSTGRES_H

extern const char store_schema_postgres[];

#endif
