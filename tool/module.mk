# tool: what a program has beside its job. sys: what a system gives, for libraries too; cli: the command line;
# pki: certificates as files
SYS_LIB := $(B)/libtwinkey-sys.a
$(SYS_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard tool/sys/*.c))
TOOL_LIB := $(B)/libtwinkey-tool.a
TOOL_LDLIBS := $(call pkg,--libs,jansson)
$(TOOL_LIB): $(patsubst %.c,$(B)/%.o,$(wildcard tool/cli/*.c tool/pki/*.c))
