# tool: what the three programs share at the command line
TOOL_SRC := $(wildcard tool/*.c)
TOOL_LIB := $(B)/libtwinkey-tool.a
TOOL_LDLIBS := $(call pkg,--libs,jansson)
$(TOOL_LIB): $(TOOL_SRC:%.c=$(B)/%.o)
