#include "lib/auth/parameters.h"

#include "lib/auth/sqn.h"

unsigned aka_ind_bits(const struct aka_shape *s)
{
	return s->has_ind_bits ? s->ind_bits : SQN_IND_BITS;
}

struct aka_parameters aka_parameters_of(enum aka_algorithm algorithm, struct slice k,
					struct slice opc, const struct aka_shape *shape)
{
	return (struct aka_parameters){.algorithm = algorithm,
				       .k = k,
				       .opc = opc,
				       .res_len = shape->res_len,
				       .iterations = shape->iterations};
}
