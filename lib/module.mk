# lib: what card, host and operator all speak
LIB_SRC := $(wildcard lib/*/*.c lib/*/*/*.c lib/*/*/*/*.c)
LIB := $(B)/libtwinkey.a
LIB_LDLIBS := $(call pkg,--libs,libcrypto)
$(LIB): $(LIB_SRC:%.c=$(B)/%.o)
